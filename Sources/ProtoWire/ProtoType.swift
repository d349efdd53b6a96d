/// How values of one protobuf type stand on the wire, after their tag. The readers' and writers'
/// generic parts (repeated fields, maps) are made for it.
public protocol ProtoType {
  /// The Swift type that holds a value.
  associatedtype Value
  /// The wire type of one value, not packed.
  static var wireType: WireType { get }
  /// The value of a field that is not there.
  static var absent: Value { get }
  /// Reads a value and merges it: into a message, or in the old value's place for all else.
  static func read(
    into value: inout Value, from reader: inout WireReader, at tagOffset: Int
  ) throws(WireError)
  /// Writes a value without its tag.
  static func write(_ value: Value, to writer: inout WireWriter)
}

/// A type that packs into one length-delimited field when repeated: all numbers, bool and enums.
public protocol ProtoPackable: ProtoType {
  /// Reads one value.
  static func read(from reader: inout WireReader) throws(WireError) -> Value
  /// The bytes that each value takes, 0 when it depends on the value.
  static var fixedSize: Int { get }
}

extension ProtoPackable {
  @inlinable @inline(__always)
  public static func read(
    into value: inout Value, from reader: inout WireReader, at tagOffset: Int
  ) throws(WireError) {
    value = try read(from: &reader)
  }

  @inlinable @inline(__always)
  public static var fixedSize: Int { 0 }
}

/// A type that a map may have as its key.
public protocol ProtoKey: ProtoType where Value: Hashable {
  /// The order in which entries are written, so that equal maps give equal bytes.
  static func precedes(_ left: Value, _ right: Value) -> Bool
}

extension ProtoKey where Value: Comparable {
  @inlinable
  public static func precedes(_ left: Value, _ right: Value) -> Bool { left < right }
}

/// A Swift type with one usual protobuf type, which maps take unless told otherwise.
public protocol ProtoMapped {
  /// The usual protobuf type.
  associatedtype Proto: ProtoType where Proto.Value == Self
}
