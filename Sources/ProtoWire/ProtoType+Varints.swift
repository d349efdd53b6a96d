/// Types whose values are one varint.
public protocol ProtoVarint: ProtoPackable {
  /// The value that a varint's 64 bits mean.
  static func value(of bits: UInt64) -> Value
  /// The 64 bits that stand for a value.
  static func bits(of value: Value) -> UInt64
}

extension ProtoVarint {
  @inlinable @inline(__always)
  public static var wireType: WireType { .varint }

  @inlinable @inline(__always)
  public static var absent: Value { value(of: 0) }

  @inlinable @inline(__always)
  public static func read(from reader: inout WireReader) throws(WireError) -> Value {
    value(of: try reader.varint())
  }

  @inlinable @inline(__always)
  public static func write(_ value: Value, to writer: inout WireWriter) {
    writer.varint(bits(of: value))
  }
}

/// `int32`: negative numbers take ten bytes.
public enum ProtoInt32: ProtoVarint, ProtoKey {
  public typealias Value = Int32
  @inlinable @inline(__always)
  public static func value(of bits: UInt64) -> Int32 { Int32(truncatingIfNeeded: bits) }
  @inlinable @inline(__always)
  public static func bits(of value: Int32) -> UInt64 { UInt64(bitPattern: Int64(value)) }
}

/// `int64`.
public enum ProtoInt64: ProtoVarint, ProtoKey {
  public typealias Value = Int64
  @inlinable @inline(__always)
  public static func value(of bits: UInt64) -> Int64 { Int64(bitPattern: bits) }
  @inlinable @inline(__always)
  public static func bits(of value: Int64) -> UInt64 { UInt64(bitPattern: value) }
}

/// `uint32`.
public enum ProtoUInt32: ProtoVarint, ProtoKey {
  public typealias Value = UInt32
  @inlinable @inline(__always)
  public static func value(of bits: UInt64) -> UInt32 { UInt32(truncatingIfNeeded: bits) }
  @inlinable @inline(__always)
  public static func bits(of value: UInt32) -> UInt64 { UInt64(value) }
}

/// `uint64`.
public enum ProtoUInt64: ProtoVarint, ProtoKey {
  public typealias Value = UInt64
  @inlinable @inline(__always)
  public static func value(of bits: UInt64) -> UInt64 { bits }
  @inlinable @inline(__always)
  public static func bits(of value: UInt64) -> UInt64 { value }
}

/// `sint32`: zigzag, so that small negative numbers are short.
public enum ProtoSInt32: ProtoVarint, ProtoKey {
  public typealias Value = Int32
  @inlinable @inline(__always)
  public static func value(of bits: UInt64) -> Int32 {
    let low = UInt32(truncatingIfNeeded: bits)
    return Int32(bitPattern: (low >> 1) ^ (0 &- (low & 1)))
  }
  @inlinable @inline(__always)
  public static func bits(of value: Int32) -> UInt64 {
    UInt64(UInt32(bitPattern: (value << 1) ^ (value >> 31)))
  }
}

/// `sint64`: zigzag.
public enum ProtoSInt64: ProtoVarint, ProtoKey {
  public typealias Value = Int64
  @inlinable @inline(__always)
  public static func value(of bits: UInt64) -> Int64 {
    Int64(bitPattern: (bits >> 1) ^ (0 &- (bits & 1)))
  }
  @inlinable @inline(__always)
  public static func bits(of value: Int64) -> UInt64 {
    UInt64(bitPattern: (value << 1) ^ (value >> 63))
  }
}

/// `bool`: every varint but 0 is true.
public enum ProtoBool: ProtoVarint, ProtoKey {
  public typealias Value = Bool
  @inlinable @inline(__always)
  public static func value(of bits: UInt64) -> Bool { bits != 0 }
  @inlinable @inline(__always)
  public static func bits(of value: Bool) -> UInt64 { value ? 1 : 0 }
  @inlinable
  public static func precedes(_ left: Bool, _ right: Bool) -> Bool { !left && right }
}

/// An enum: on the wire as `int32`, values without a name included.
public enum ProtoEnum<Enum: WireEnum>: ProtoVarint {
  public typealias Value = Enum
  @inlinable @inline(__always)
  public static func value(of bits: UInt64) -> Enum {
    Enum(rawValue: Int32(truncatingIfNeeded: bits))
  }
  @inlinable @inline(__always)
  public static func bits(of value: Enum) -> UInt64 {
    UInt64(bitPattern: Int64(value.rawValue))
  }
}

extension Int32: ProtoMapped { public typealias Proto = ProtoInt32 }
extension Int64: ProtoMapped { public typealias Proto = ProtoInt64 }
extension UInt32: ProtoMapped { public typealias Proto = ProtoUInt32 }
extension UInt64: ProtoMapped { public typealias Proto = ProtoUInt64 }
extension Bool: ProtoMapped { public typealias Proto = ProtoBool }
