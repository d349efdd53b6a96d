import NIOCore
import NIOPosix

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Why a connection could not be made, in words for people. NIO's own for a port that nobody serves
/// are "connection reset (error set): Connection refused (errno: 111)".
package enum ConnectFailure {
  /// The words; nil for an error that is none of connecting.
  ///
  /// - Parameter peer: who was to be reached, as the text names it: `10.0.0.7:9000`
  package static func text(_ error: any Error, peer: String) -> String? {
    switch error {
    case let error as IOError: of(errno: error.errnoCode, peer: peer)
    case ChannelError.connectTimeout: "no connection to \(peer) in time"
    case let error as NIOConnectionError: ofName(error, peer: peer)
    case is SocketAddressError: "the name \(host(of: peer)) does not resolve"
    default: nil
    }
  }

  /// Whether it failed before there was a connection, so that nothing was sent.
  package static func isBeforeConnection(_ error: any Error) -> Bool {
    switch error {
    case let error as IOError: error.errnoCode == ECONNREFUSED
    case ChannelError.connectTimeout, is NIOConnectionError, is SocketAddressError: true
    default: false
    }
  }

  private static func of(errno code: CInt, peer: String) -> String {
    switch code {
    case ECONNREFUSED: "connection refused by \(peer)"
    case ECONNRESET, EPIPE: "connection reset by \(peer)"
    case ETIMEDOUT: "no connection to \(peer) in time"
    case EHOSTUNREACH, ENETUNREACH: "no route to \(peer)"
    case ENOENT: "there is no \(peer)"
    default: "no connection to \(peer): \(String(cString: strerror(code)))"
    }
  }

  /// A name may stand for several addresses, each of which failed in its own way; the last word is
  /// as good as any.
  private static func ofName(_ error: NIOConnectionError, peer: String) -> String {
    if let last = error.connectionErrors.last {
      return text(last.error, peer: peer) ?? "no connection to \(peer): \(last.error)"
    }
    return "the name \(error.host) does not resolve"
  }

  private static func host(of peer: String) -> Substring {
    peer.lastIndex(of: ":").map { peer[..<$0] } ?? peer[...]
  }
}
