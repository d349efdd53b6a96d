import Glibc
import NIOCore

/// A listener that could not be opened, in words for whoever chose its address.
struct ListenError: Error, Equatable, CustomStringConvertible {
  let description: String

  /// - Parameter flag: the one that chooses the address
  init(_ error: any Error, flag: String, _ endpoint: SocketEndpoint) {
    let reason =
      switch (error as? IOError)?.errnoCode {
      case EADDRINUSE: "is in use"
      case EADDRNOTAVAIL: "is no address of this machine"
      case EACCES: "may not be listened on by this user"
      case let code?: "cannot be listened on: \(String(cString: strerror(code)))"
      case nil: "cannot be listened on: \(error)"
      }
    description = "\(flag): \(endpoint) \(reason)"
  }
}
