/// `string`.
public enum ProtoString: ProtoKey {
  public typealias Value = String
  @inlinable @inline(__always)
  public static var wireType: WireType { .lengthDelimited }
  @inlinable @inline(__always)
  public static var absent: String { "" }
  @inlinable @inline(__always)
  public static func read(
    into value: inout String, from reader: inout WireReader, at tagOffset: Int
  ) throws(WireError) {
    value = try reader.stringValue()
  }
  @inlinable @inline(__always)
  public static func write(_ value: String, to writer: inout WireWriter) {
    writer.stringValue(value)
  }
  /// By bytes: Swift's own order goes by canonical equivalence, which is slower and not protobuf's.
  @inlinable
  public static func precedes(_ left: String, _ right: String) -> Bool {
    left.utf8.lexicographicallyPrecedes(right.utf8)
  }
}

/// `bytes`.
public enum ProtoBytes: ProtoType {
  public typealias Value = [UInt8]
  @inlinable @inline(__always)
  public static var wireType: WireType { .lengthDelimited }
  @inlinable @inline(__always)
  public static var absent: [UInt8] { [] }
  @inlinable @inline(__always)
  public static func read(
    into value: inout [UInt8], from reader: inout WireReader, at tagOffset: Int
  ) throws(WireError) {
    value = try reader.bytesValue()
  }
  @inlinable @inline(__always)
  public static func write(_ value: [UInt8], to writer: inout WireWriter) {
    writer.bytesValue(value)
  }
}

/// A message.
public enum ProtoMessage<Message: WireMessage>: ProtoType {
  public typealias Value = Message
  @inlinable @inline(__always)
  public static var wireType: WireType { .lengthDelimited }
  @inlinable @inline(__always)
  public static var absent: Message { Message() }
  @inlinable @inline(__always)
  public static func read(
    into value: inout Message, from reader: inout WireReader, at tagOffset: Int
  ) throws(WireError) {
    let outerEnd = try reader.enterMessage(at: tagOffset)
    try value.merge(from: &reader)
    reader.leaveMessage(outerEnd: outerEnd)
  }
  @inlinable @inline(__always)
  public static func write(_ value: Message, to writer: inout WireWriter) {
    let start = writer.openLength()
    value.encode(into: &writer)
    writer.closeLength(at: start)
  }
}

extension String: ProtoMapped { public typealias Proto = ProtoString }
extension [UInt8]: ProtoMapped { public typealias Proto = ProtoBytes }
