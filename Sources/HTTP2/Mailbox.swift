/// Where nghttp2's callbacks leave what they saw, and where they find what is to be sent. `Session`
/// alone reads it.
///
/// The arena holds the bytes of one turn: header blocks and DATA, one behind the other. It is
/// emptied, not freed, when all events of the turn are taken.
final class Mailbox {
  /// An event whose bytes still are offsets into the arena.
  struct Letter {
    enum Kind {
      case headers(HeadersKind, endStream: Bool)
      case data, end, writable, settings, pingAnswered
      case closed(ErrorCode, wasSent: Bool)
      case goAway(ErrorCode)
    }

    var kind: Kind
    var stream: StreamID
    var lower = 0
    var upper = 0
    var fields = 0
  }

  /// Arena capacity above which a turn's arena is given back instead of kept.
  static let arenaBytesKept = 256 << 10

  let limits: Limits
  let isServer: Bool
  var flood: FloodGuard
  private var letters: [Letter] = []
  private var nextLetter = 0
  private(set) var arena: [UInt8] = []
  /// A header block may be spread over turns; what came of it stays in the arena.
  private var isInsideHeaders = false
  private var headerStart = 0
  private var headerFields = 0
  private var headerBytes = 0
  /// First digit of the block's `:status`; nil where it does not start with one, as trailers do
  /// not.
  private(set) var statusClass: UInt8?

  /// What streams have to send; a client's streams stand here until they are closed.
  private var bodies = StreamMap()
  /// Body bytes queued on all streams.
  var queuedBytes = 0
  /// How often queued output moved on: bytes handed to the transport.
  var bytesSent: UInt64 = 0
  /// The part of it that was message bodies.
  var bodyBytesSent: UInt64 = 0
  /// Streams whose response is out whole; a client that still sends is to be told to stop.
  var answeredStreams: [StreamID] = []

  init(limits: Limits, isServer: Bool) {
    self.limits = limits
    self.isServer = isServer
    flood = FloodGuard(limits: limits)
  }

  // MARK: header blocks

  func beginHeaders() {
    isInsideHeaders = true
    headerStart = arena.count
    headerFields = 0
    headerBytes = 0
    statusClass = nil
  }

  /// Adds a field; false where the block is over its limit, and then nothing of it is kept.
  func appendField(name: UnsafeBufferPointer<UInt8>, value: UnsafeBufferPointer<UInt8>) -> Bool {
    headerBytes += name.count + value.count
    // 32 bytes a field, as HPACK counts them (RFC 7541, section 4.1): empty fields cost something
    // too.
    guard headerBytes + 32 * headerFields <= limits.headerBlockBytesMax else {
      arena.removeSubrange(headerStart...)
      isInsideHeaders = false
      return false
    }
    if headerFields == 0, name.span.isEqual(to: ":status") { statusClass = value.first }
    headerFields += 1
    arena.appendField(name: UnsafeRawBufferPointer(name), value: UnsafeRawBufferPointer(value))
    return true
  }

  func finishHeaders(stream: StreamID, kind: HeadersKind, endStream: Bool) {
    isInsideHeaders = false
    letters.append(
      Letter(
        kind: .headers(kind, endStream: endStream), stream: stream, lower: headerStart,
        upper: arena.count, fields: headerFields))
  }

  // MARK: others

  func append(_ kind: Letter.Kind, stream: StreamID = 0) {
    letters.append(Letter(kind: kind, stream: stream))
  }

  func appendBytes(_ kind: Letter.Kind, stream: StreamID, _ bytes: UnsafeBufferPointer<UInt8>) {
    let lower = arena.count
    arena.append(contentsOf: bytes)
    letters.append(Letter(kind: kind, stream: stream, lower: lower, upper: arena.count))
  }

  // MARK: bodies

  func body(of stream: StreamID) -> OutgoingBody? {
    bodies[stream].map { unsafeDowncast($0, to: OutgoingBody.self) }
  }

  func insert(_ body: OutgoingBody, for stream: StreamID) {
    bodies.insert(body, for: stream)
    queuedBytes += body.queuedBytes
  }

  /// Bytes of a body went to nghttp2.
  func sent(_ count: Int, of body: OutgoingBody, stream: StreamID) {
    queuedBytes -= count
    bodyBytesSent &+= UInt64(count)
    if body.wasOverHighMark, body.queuedBytes <= limits.streamQueueLowBytes {
      body.wasOverHighMark = false
      append(.writable, stream: stream)
    }
  }

  func streamClosed(_ stream: StreamID, _ code: ErrorCode) {
    let body = bodies.remove(stream).map { unsafeDowncast($0, to: OutgoingBody.self) }
    if let body { queuedBytes -= body.queuedBytes }
    if isServer {
      append(.closed(code, wasSent: true), stream: stream)
    } else if let body {
      append(.closed(code, wasSent: body.areHeadersSent), stream: stream)
    }
  }

  // MARK: taking

  private func emptyArena() {
    let unfinished = isInsideHeaders ? Array(arena[headerStart...]) : []
    arena.removeAll(keepingCapacity: arena.capacity <= Self.arenaBytesKept)
    arena.append(contentsOf: unfinished)
    headerStart = 0
  }

  func takeEvent() -> Event? {
    guard nextLetter < letters.count else {
      if nextLetter > 0 {
        nextLetter = 0
        letters.removeAll(keepingCapacity: letters.capacity <= 4_096)
        emptyArena()
      }
      return nil
    }
    let letter = letters[nextLetter]
    nextLetter += 1
    switch letter.kind {
    case .headers(let kind, let endStream):
      let block = HeaderBlock(
        bytes: arena, range: letter.lower..<letter.upper, count: letter.fields)
      return .headers(stream: letter.stream, block, kind, endStream: endStream)
    case .data:
      return .data(stream: letter.stream, arena[letter.lower..<letter.upper])
    case .end:
      return .end(stream: letter.stream)
    case .closed(let code, let wasSent):
      return .closed(stream: letter.stream, code, wasSent: wasSent)
    case .writable:
      return .writable(stream: letter.stream)
    case .settings:
      return .settings
    case .pingAnswered:
      return .pingAnswered
    case .goAway(let code):
      let message = String(decoding: arena[letter.lower..<letter.upper], as: UTF8.self)
      return .goAway(lastStream: letter.stream, code, message: message)
    }
  }
}
