import CZlib

/// gzip by zlib. All of zlib's pointers are in this type.
package enum Gzip {
  package enum Failure: Error, Equatable {
    /// Not gzip, cut short, or followed by something else.
    case malformed
    /// More than the bytes allowed came out.
    case overLimit
  }

  /// 15 bits of window, and 16 for "gzip header, nothing else".
  static let gzipWindowBits: Int32 = 15 + 16
  private static let chunkBytes = 16 << 10

  /// Decompresses; stops as soon as more than `bytesMax` come out, so that a small message cannot
  /// fill the memory.
  package static func decompress(
    _ bytes: [UInt8], bytesMax: Int
  ) throws(Failure) -> [UInt8] {
    var stream = z_stream()
    guard
      inflateInit2_(
        &stream, gzipWindowBits, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK
    else { throw .malformed }
    defer { inflateEnd(&stream) }
    var output: [UInt8] = []
    let result = inflateAll(&stream, input: bytes, outputBytesMax: bytesMax, output: &output)
    if output.count > bytesMax { throw .overLimit }
    guard result == Z_STREAM_END, stream.avail_in == 0 else { throw .malformed }
    return output
  }

  /// Steps until the stream ends, fails, or more than `outputBytesMax` bytes are out.
  private static func inflateAll(
    _ stream: inout z_stream, input: [UInt8], outputBytesMax: Int, output: inout [UInt8]
  ) -> Int32 {
    input.withUnsafeBufferPointer { input in
      stream.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
      stream.avail_in = UInt32(input.count)
      return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: chunkBytes) { chunk in
        while true {
          stream.next_out = chunk.baseAddress
          stream.avail_out = UInt32(chunk.count)
          let result = inflate(&stream, Z_NO_FLUSH)
          output.append(contentsOf: chunk.prefix(chunk.count - Int(stream.avail_out)))
          if result != Z_OK || output.count > outputBytesMax { return result }
          // No progress possible: the input ended early.
          if stream.avail_in == 0, stream.avail_out != 0 { return Z_BUF_ERROR }
        }
      }
    }
  }
}
