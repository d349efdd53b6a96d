import NIOCore

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Sockets in Linux's abstract namespace, whose addresses NIO cannot express: their length is that
/// of the name.
enum AbstractSocket {
  /// A bound socket, for a server's bootstrap, which listens on it.
  static func bind(_ name: String) throws -> CInt {
    try open(name) { bindSocket($0, $1, $2) }
  }

  /// A connected socket, for a client's bootstrap. Local connects do not block: they succeed or
  /// fail at once.
  static func connect(_ name: String) throws -> CInt {
    try open(name) { connectSocket($0, $1, $2) }
  }

  private static func open(
    _ name: String, _ attach: (CInt, UnsafePointer<sockaddr>, socklen_t) -> CInt
  ) throws -> CInt {
    let kind = CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
    let descriptor = socket(AF_UNIX, kind, 0)
    guard descriptor >= 0 else { throw IOError(errnoCode: errno, reason: "socket") }
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let bytes = Array(name.utf8.prefix(Address.unixPathBytesMax))
    // The first byte stays NUL: that is what makes the name abstract.
    withUnsafeMutableBytes(of: &address.sun_path) { path in
      UnsafeMutableRawBufferPointer(rebasing: path[1...]).copyBytes(from: bytes)
    }
    let length = socklen_t(MemoryLayout<sa_family_t>.size + 1 + bytes.count)
    let result = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { attach(descriptor, $0, length) }
    }
    guard result == 0 else {
      let code = errno
      close(descriptor)
      throw IOError(errnoCode: code, reason: "unix-abstract:\(name)")
    }
    return descriptor
  }
}

private func bindSocket(_ descriptor: CInt, _ address: UnsafePointer<sockaddr>, _ length: socklen_t)
  -> CInt
{
  bind(descriptor, address, length)
}

private func connectSocket(
  _ descriptor: CInt, _ address: UnsafePointer<sockaddr>, _ length: socklen_t
) -> CInt {
  connect(descriptor, address, length)
}
