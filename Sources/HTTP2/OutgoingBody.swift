/// What one stream still has to send after its first headers: chunks of body, then perhaps
/// trailers.
///
/// A class, because nghttp2 holds a pointer to it as the stream's data source; `Mailbox` owns it
/// until the stream is closed.
final class OutgoingBody {
  /// What follows the last chunk.
  enum End {
    /// More may be queued.
    case open
    /// END_STREAM on the last DATA frame.
    case endStream
    /// Trailers, which carry END_STREAM.
    case trailers(HeaderBlock)
  }

  private var first: [UInt8]
  private var rest: [[UInt8]] = []
  /// Index in `rest` of the chunk behind `first`.
  private var nextIndex = 0
  /// Bytes of `first` that are sent.
  private var offset = 0
  var end: End
  private(set) var queuedBytes: Int
  /// A request's: nghttp2 has serialized them.
  var areHeadersSent = false
  /// nghttp2 was told "later": it has to be told when there is more.
  var isDeferred = false
  /// The owner was told (by `isWritable`) to wait for `Event.writable`.
  var wasOverHighMark = false

  init(chunk: [UInt8], end: End) {
    first = chunk
    self.end = end
    queuedBytes = chunk.count
  }

  func append(_ chunk: [UInt8]) {
    guard !chunk.isEmpty else { return }
    queuedBytes += chunk.count
    if offset == first.count, nextIndex == rest.count {
      first = chunk
      offset = 0
      return
    }
    rest.append(chunk)
  }

  /// Moves up to `target.count` queued bytes into `target`; returns how many.
  func read(into target: UnsafeMutableRawBufferPointer) -> Int {
    var written = 0
    while written < target.count {
      if offset == first.count {
        guard advance() else { break }
      }
      let count = min(target.count - written, first.count - offset)
      first.withUnsafeBytes { bytes in
        let source = UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + count])
        UnsafeMutableRawBufferPointer(rebasing: target[written..<written + count])
          .copyMemory(from: source)
      }
      offset += count
      written += count
    }
    queuedBytes -= written
    return written
  }

  private func advance() -> Bool {
    guard nextIndex < rest.count else { return false }
    first = rest[nextIndex]
    rest[nextIndex] = []
    nextIndex += 1
    offset = 0
    if nextIndex == rest.count {
      rest.removeAll(keepingCapacity: true)
      nextIndex = 0
    } else if nextIndex >= 64, nextIndex * 2 >= rest.count {
      rest.removeFirst(nextIndex)
      nextIndex = 0
    }
    return true
  }
}
