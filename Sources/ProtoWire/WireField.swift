/// The tag of a field that was met; its value is still unread.
public struct WireField: Equatable, Sendable {
  @usableFromInline let tag: UInt32
  /// Where the tag stands, in bytes from the start of the outermost message.
  public let offset: Int

  @inlinable @inline(__always)
  init(tag: UInt32, offset: Int) {
    self.tag = tag
    self.offset = offset
  }

  /// The field number, 1 to 2^29-1.
  @inlinable @inline(__always)
  public var number: Int { Int(tag >> 3) }

  /// How the value stands on the wire. The reader hands out no tag with another type.
  @inlinable
  public var wireType: WireType { WireType(rawValue: UInt8(tag & 7)) ?? .endGroup }

  @inlinable @inline(__always)
  func comes(as type: WireType) -> Bool { tag & 7 == UInt32(type.rawValue) }

  @usableFromInline
  func wrongWireType() -> WireError {
    .wrongWireType(offset: offset, field: number, found: wireType)
  }
}
