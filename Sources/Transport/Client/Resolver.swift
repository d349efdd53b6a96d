import NIOCore
import NIOPosix

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Names to addresses, by getaddrinfo, which blocks: on the thread pool, never on a loop.
enum Resolver {
  struct Failure: Error, CustomStringConvertible {
    let description: String
  }

  typealias Function =
    @Sendable (_ host: String, _ port: Int, _ eventLoop: any EventLoop) -> EventLoopFuture<
      [SocketAddress]
    >

  /// All addresses of a name, in the system's order (RFC 6724).
  static func resolve(
    host: String, port: Int, on eventLoop: any EventLoop
  ) -> EventLoopFuture<[SocketAddress]> {
    if let literal = try? SocketAddress(ipAddress: host, port: port) {
      return eventLoop.makeSucceededFuture([literal])
    }
    return NIOThreadPool.singleton.runIfActive(eventLoop: eventLoop) {
      try lookUp(host: host, port: port)
    }
  }

  private static func lookUp(host: String, port: Int) throws -> [SocketAddress] {
    var hints = addrinfo()
    hints.ai_socktype = CInt(SOCK_STREAM.rawValue)
    hints.ai_protocol = CInt(IPPROTO_TCP)
    var first: UnsafeMutablePointer<addrinfo>?
    let result = getaddrinfo(host, String(port), &hints, &first)
    guard result == 0 else {
      throw Failure(description: String(cString: gai_strerror(result)))
    }
    defer { freeaddrinfo(first) }
    var addresses: [SocketAddress] = []
    var next = first
    while let entry = next {
      if let address = address(of: entry.pointee), !addresses.contains(address) {
        addresses.append(address)
      }
      next = entry.pointee.ai_next
    }
    guard !addresses.isEmpty else { throw Failure(description: "the name has no address") }
    return addresses
  }

  private static func address(of entry: addrinfo) -> SocketAddress? {
    guard let pointer = entry.ai_addr else { return nil }
    let raw = UnsafeRawPointer(pointer)
    switch entry.ai_family {
    case AF_INET: return SocketAddress(raw.loadUnaligned(as: sockaddr_in.self))
    case AF_INET6: return SocketAddress(raw.loadUnaligned(as: sockaddr_in6.self))
    default: return nil
    }
  }
}
