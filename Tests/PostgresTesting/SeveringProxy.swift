import Glibc
import Postgres

/// Stands between a client and PostgreSQL and cuts the connection at a chosen moment: the two that
/// matter are just before a request arrives, and just after its effects are durable.
package final class SeveringProxy: Sendable {
  /// Where the next request of any connection is lost.
  package enum Cut: Sendable {
    /// The server never sees the request.
    case beforeRequest
    /// The server has done all of it; its answer is lost.
    case afterReply
  }

  private struct State {
    var cut: (Cut, purpose: String, skipping: Int)?
    var cuts = 0
    var isHeld = false
    var isClosed = false
  }

  private let directory: String
  private let listener: Int32
  private let server: String
  private let state = Monitor(State())

  /// Listens in a directory of its own.
  package init(for database: TestDatabase) throws {
    var template = Array("/tmp/cvpx.XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw NoSocket(call: "mkdtemp", error: errno) }
    directory = template.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
    server = database.serverSocketPath
    url = database.url(throughDirectory: directory)
    listener = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    let own = "\(directory)/.s.PGSQL.5432"
    let bound = Self.withAddress(own) { bind(listener, $0, $1) }
    guard bound == 0, listen(listener, 64) == 0 else {
      throw NoSocket(call: "bind", error: errno)
    }
    // The thread holds what it needs, not the proxy, so that dropping the proxy ends it.
    let (socket, path, shared) = (listener, server, state)
    _ = OwnThread(name: "proxy") { Self.accept(socket, path, shared) }
  }

  deinit {
    close()
    unlink("\(directory)/.s.PGSQL.5432")
    rmdir(directory)
  }

  /// The database's URI through this proxy.
  package let url: String

  /// Cuts the connection that sends the next request among those whose application name contains
  /// the purpose, and which are up by now; or the one that comes some requests later.
  package func cutNext(_ cut: Cut, of purpose: String, skipping: Int = 0) {
    state.update { $0.cut = (cut, purpose, skipping) }
  }

  /// How many connections were cut.
  package var cuts: Int { state.read { $0.cuts } }

  /// Lets nobody in until `release`.
  package func hold() {
    state.update { $0.isHeld = true }
  }

  package func release() {
    state.update { $0.isHeld = false }
  }

  package func close() {
    state.update {
      $0.isClosed = true
      $0.isHeld = false
    }
    shutdown(listener, Int32(SHUT_RDWR))
  }

  package struct NoSocket: Error {
    package var call: String
    package var error: Int32
  }

  // MARK: Threads

  private static func accept(_ listener: Int32, _ server: String, _ state: Monitor<State>) {
    while true {
      let client = Glibc.accept(listener, nil, nil)
      if client < 0 { break }
      let isClosed = state.wait { $0.isHeld ? nil : $0.isClosed } ?? true
      let upstream = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
      let connected = withAddress(server) { connect(upstream, $0, $1) }
      guard !isClosed, connected == 0 else {
        Glibc.close(client)
        Glibc.close(upstream)
        if isClosed { break }
        continue
      }
      _ = OwnThread(name: "proxy-pump") {
        pump(client, upstream, state)
        Glibc.close(client)
        Glibc.close(upstream)
      }
    }
    Glibc.close(listener)
  }

  /// Copies both ways until one side ends or the cut falls.
  private static func pump(_ client: Int32, _ upstream: Int32, _ state: Monitor<State>) {
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    var isCutting = false
    var tail: [UInt8] = []
    // The startup packet, which names the application.
    var introduction: [UInt8] = []
    while true {
      var watched = [
        pollfd(fd: client, events: Int16(POLLIN), revents: 0),
        pollfd(fd: upstream, events: Int16(POLLIN), revents: 0),
      ]
      // Now and then it looks whether the proxy is gone.
      let ready = poll(&watched, 2, 200)
      if ready == 0, state.read({ $0.isClosed }) { return }
      if ready <= 0 { continue }
      if watched[0].revents != 0 {
        let count = read(client, &buffer, buffer.count)
        if count <= 0 { return }
        if introduction.isEmpty { introduction = Array(buffer[..<count]) }
        let cut = state.update { state -> Cut? in
          guard let (cut, purpose, skipping) = state.cut, contains(introduction, purpose) else {
            return nil
          }
          state.cut = skipping > 0 ? (cut, purpose, skipping - 1) : nil
          if skipping > 0 { return nil }
          return cut
        }
        if cut == .beforeRequest {
          state.update { $0.cuts += 1 }
          return
        }
        if cut == .afterReply { isCutting = true }
        if !writeAll(upstream, buffer[..<count]) { return }
      }
      if watched[1].revents != 0 {
        let count = read(upstream, &buffer, buffer.count)
        if count <= 0 { return }
        if isCutting {
          tail = Array((tail + buffer[..<count]).suffix(6))
          // ReadyForQuery, whatever the transaction's state: the request is done.
          if tail.prefix(5) == [0x5A, 0, 0, 0, 5] {
            state.update { $0.cuts += 1 }
            return
          }
        } else if !writeAll(client, buffer[..<count]) {
          return
        }
      }
    }
  }

  private static func contains(_ bytes: [UInt8], _ text: String) -> Bool {
    String(decoding: bytes, as: UTF8.self).contains(text)
  }

  private static func writeAll(_ descriptor: Int32, _ bytes: ArraySlice<UInt8>) -> Bool {
    var rest = bytes
    while !rest.isEmpty {
      let written = rest.withUnsafeBytes {
        send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      if written <= 0 { return false }
      rest = rest.dropFirst(written)
    }
    return true
  }

  private static func withAddress<Result>(
    _ path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
  ) -> Result {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { bytes in
      for (index, byte) in path.utf8.prefix(bytes.count - 1).enumerated() { bytes[index] = byte }
    }
    return withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
  }
}
