import HTTP2

@testable import GRPC

/// A client and a server that talk without sockets.
protocol Wire: AnyObject {
  associatedtype Client: WireEnd
  associatedtype Server: WireEnd

  var client: Client { get }
  var server: Server { get }
  var now: UInt64 { get }

  /// Takes what both sides have to tell.
  func takeEvents()
}

/// One end of a wire: a session.
protocol WireEnd {
  func drain(budget: Int, _ write: (UnsafeRawBufferPointer) -> Void) throws -> Bool
  func receive(_ bytes: RawSpan, now: UInt64) throws
}

extension Session: WireEnd {}
extension ClientSession: WireEnd {}
extension ServerSession: WireEnd {}

extension Wire {
  /// Moves bytes until both are silent.
  func exchange() throws {
    var moved = true
    while moved {
      let there = try move(from: client, to: server)
      let back = try move(from: server, to: client)
      moved = there || back
    }
  }

  /// Says whether there was anything.
  private func move(from sender: some WireEnd, to receiver: some WireEnd) throws -> Bool {
    var bytes: [UInt8] = []
    _ = try sender.drain(budget: .max) { bytes.append(contentsOf: $0) }
    var offset = 0
    repeat {
      let end = min(offset + Session.inputBytesPerTurn, bytes.count)
      try receiver.receive(bytes.span.bytes.extracting(offset..<end), now: now)
      offset = end
      takeEvents()
    } while offset < bytes.count
    return !bytes.isEmpty
  }
}
