/// Takes a stream of DATA apart into messages: a flag, four bytes of length, the message
/// (gRPC over HTTP/2, "Length-Prefixed-Message").
package struct MessageReader {
  package enum Encoding: Sendable {
    case identity, gzip
  }

  private static let prefixBytes = 5

  private let bytesMax: Int
  private let encoding: Encoding
  private var prefix: UInt64 = 0
  private var prefixCount = 0
  private var payload: [UInt8] = []

  /// `bytesMax` bounds a message as it is sent and as it is decompressed.
  package init(bytesMax: Int, encoding: Encoding) {
    self.bytesMax = bytesMax
    self.encoding = encoding
  }

  /// Some bytes of a message are there, and not all.
  package var isInsideMessage: Bool { prefixCount > 0 }

  /// Bytes held for a message that is not complete.
  package var bufferedBytes: Int { payload.count }

  /// Takes bytes off the front of `bytes` until a message is complete; nil where they do not
  /// suffice.
  ///
  /// Nothing is allocated by the length that a peer states, only by what arrives.
  package mutating func next(
    from bytes: inout ArraySlice<UInt8>
  ) throws(Status) -> [UInt8]? {
    if prefixCount == 0, let message = wholeMessage(at: bytes) {
      bytes.removeFirst(Self.prefixBytes + message.count)
      return message
    }
    while prefixCount < Self.prefixBytes {
      guard let byte = bytes.popFirst() else { return nil }
      prefix = prefix << 8 | UInt64(byte)
      prefixCount += 1
      if prefixCount == Self.prefixBytes { try checkPrefix() }
    }
    let length = Int(prefix & 0xffff_ffff)
    let missing = length - payload.count
    if bytes.count < missing {
      payload.append(contentsOf: bytes)
      bytes.removeAll()
      return nil
    }
    let message: [UInt8]
    if payload.isEmpty {
      message = Array(bytes.prefix(missing))
    } else {
      payload.append(contentsOf: bytes.prefix(missing))
      message = payload
      payload = []
    }
    bytes.removeFirst(missing)
    let isCompressed = prefix >> 32 == 1
    prefix = 0
    prefixCount = 0
    return isCompressed ? try decompress(message) : message
  }

  /// The usual case: a plain message that lies whole at the front.
  private func wholeMessage(at bytes: ArraySlice<UInt8>) -> [UInt8]? {
    guard bytes.count >= Self.prefixBytes else { return nil }
    let start = bytes.startIndex
    let length =
      Int(bytes[start + 1]) << 24 | Int(bytes[start + 2]) << 16 | Int(bytes[start + 3]) << 8
      | Int(bytes[start + 4])
    guard bytes[start] == 0, length <= bytesMax, bytes.count - Self.prefixBytes >= length else {
      return nil
    }
    let first = start + Self.prefixBytes
    return Array(bytes[first..<first + length])
  }

  private func checkPrefix() throws(Status) {
    let length = Int(prefix & 0xffff_ffff)
    switch prefix >> 32 {
    case 0: break
    case 1 where encoding == .identity:
      throw Status(.internal, "a compressed message, but no grpc-encoding")
    case 1: break
    default:
      throw Status(.internal, "the flag before a message is \(prefix >> 32), not 0 or 1")
    }
    guard length <= bytesMax else {
      throw Status(
        .resourceExhausted, "message of \(length) bytes is larger than the limit of \(bytesMax)")
    }
  }

  private func decompress(_ message: [UInt8]) throws(Status) -> [UInt8] {
    do throws(Gzip.Failure) {
      return try Gzip.decompress(message, bytesMax: bytesMax)
    } catch {
      switch error {
      case .overLimit:
        throw Status(
          .resourceExhausted, "decompressed message is larger than the limit of \(bytesMax) bytes")
      case .malformed:
        throw Status(.internal, "the message is not gzip as its flag and grpc-encoding say")
      }
    }
  }
}

/// Puts the prefix before a message.
package enum MessageFrame {
  package static func frame(_ message: [UInt8]) -> [UInt8] {
    precondition(message.count <= Int(UInt32.max), "a message has at most 4 GiB")
    let length = UInt32(message.count)
    return [UInt8](unsafeUninitializedCapacity: 5 + message.count) { buffer, count in
      buffer[0] = 0
      buffer[1] = UInt8(truncatingIfNeeded: length >> 24)
      buffer[2] = UInt8(truncatingIfNeeded: length >> 16)
      buffer[3] = UInt8(truncatingIfNeeded: length >> 8)
      buffer[4] = UInt8(truncatingIfNeeded: length)
      message.withUnsafeBytes { bytes in
        UnsafeMutableRawBufferPointer(buffer)[5...].copyBytes(from: bytes)
      }
      count = 5 + message.count
    }
  }
}
