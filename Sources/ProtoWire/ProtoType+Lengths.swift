/// `string`.
package enum ProtoString: ProtoKey {
  package typealias Value = String
  @inlinable @inline(__always)
  package static var wireType: WireType { .lengthDelimited }
  @inlinable @inline(__always)
  package static var absent: String { "" }
  @inlinable @inline(__always)
  package static func read(
    into value: inout String, from reader: inout WireReader, at tagOffset: Int
  ) throws(WireError) {
    value = try reader.stringValue()
  }
  @inlinable @inline(__always)
  package static func write(_ value: String, to writer: inout WireWriter) {
    writer.stringValue(value)
  }
  /// By bytes: Swift's own order goes by canonical equivalence, which is slower and not protobuf's.
  @inlinable
  package static func precedes(_ left: String, _ right: String) -> Bool {
    left.utf8.lexicographicallyPrecedes(right.utf8)
  }
}

/// `bytes`.
package enum ProtoBytes: ProtoType {
  package typealias Value = [UInt8]
  @inlinable @inline(__always)
  package static var wireType: WireType { .lengthDelimited }
  @inlinable @inline(__always)
  package static var absent: [UInt8] { [] }
  @inlinable @inline(__always)
  package static func read(
    into value: inout [UInt8], from reader: inout WireReader, at tagOffset: Int
  ) throws(WireError) {
    value = try reader.bytesValue()
  }
  @inlinable @inline(__always)
  package static func write(_ value: [UInt8], to writer: inout WireWriter) {
    writer.bytesValue(value)
  }
}

/// A message.
package enum ProtoMessage<Message: WireMessage>: ProtoType {
  package typealias Value = Message
  @inlinable @inline(__always)
  package static var wireType: WireType { .lengthDelimited }
  @inlinable @inline(__always)
  package static var absent: Message { Message() }
  @inlinable @inline(__always)
  package static func read(
    into value: inout Message, from reader: inout WireReader, at tagOffset: Int
  ) throws(WireError) {
    let outerEnd = try reader.enterMessage(at: tagOffset)
    try value.merge(from: &reader)
    reader.leaveMessage(outerEnd: outerEnd)
  }
  @inlinable @inline(__always)
  package static func write(_ value: Message, to writer: inout WireWriter) {
    let start = writer.openLength()
    value.encode(into: &writer)
    writer.closeLength(at: start)
  }
}

extension String: ProtoMapped { package typealias Proto = ProtoString }
extension [UInt8]: ProtoMapped { package typealias Proto = ProtoBytes }
