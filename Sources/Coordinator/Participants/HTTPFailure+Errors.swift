import AsyncHTTPClient
import Mode
import NIOCore
import NIOHTTP1
import NIOHTTP2
import NIOSSL
import Transport

/// What the errors of the libraries below mean: for the rules, and for people.
extension HTTPFailure {
  /// - Parameters:
  ///   - progress: how far the attempt came: what never left here was never sent, whatever the
  ///     error
  ///   - peer: who was called: `10.0.0.7:9000`
  init(
    _ error: any Error, progress: HTTPReplyReader.Progress, peer: String, timeout: Span
  ) {
    switch progress {
    case .waiting:
      self = .notSent(Self.textBeforeSent(error, peer, timeout))
    case .sent where Self.isUnprocessed(error):
      self = .notSent("\(peer) refused the stream unprocessed")
    case .sent, .answered:
      self = .maybeSent(Self.textAfterSent(error, progress, peer, timeout))
    }
    isOfTransport =
      !(error is HTTPReplyReader.ReplyTooLong || error is HTTPParserError
      || error is UnusableReply || Self.isUnprocessed(error))
  }

  /// REFUSED_STREAM, or a GOAWAY that names an earlier stream as its last (RFC 9113, section 8.7).
  private static func isUnprocessed(_ error: any Error) -> Bool {
    error is HTTP2ReplyGuard.Unprocessed
      || (error as? NIOHTTP2Errors.StreamClosed)?.errorCode == .refusedStream
  }

  private static func textBeforeSent(
    _ error: any Error, _ peer: String, _ timeout: Span
  ) -> String {
    if let text = ConnectFailure.text(error, peer: peer) { return text }
    switch error {
    case let error as HTTPClientError:
      switch error {
      case .deadlineExceeded, .getConnectionFromPoolTimeout:
        return "no connection to \(peer) within \(timeout.text)"
      case .connectTimeout:
        let bound = min(timeout, HTTPClient.Configuration.connectTimeout)
        return "no connection to \(peer) within \(bound.text)"
      case .tlsHandshakeTimeout: return "no TLS connection to \(peer) in time"
      case .remoteConnectionClosed, .cancelled:
        return "\(peer) closed the connection before it was used"
      case .alreadyShutdown: return "this coordinator is stopping"
      default: return "cannot call \(peer): \(error.shortDescription)"
      }
    case NIOSSLError.handshakeFailed(let reason):
      return "TLS handshake with \(peer) failed: \(certificateProblem(reason) ?? "\(reason)")"
    case is NIOSSLError, is BoringSSLError:
      return "TLS handshake with \(peer) failed: \(error)"
    case let error as NIOSSLExtraError where error == .failedToValidateHostname:
      return "TLS handshake with \(peer) failed: its certificate is for another name"
    case is NIOSSLExtraError:
      return "TLS handshake with \(peer) failed: \(error)"
    default: return "no connection to \(peer): \(error)"
    }
  }

  private static func certificateProblem(_ reason: BoringSSLError) -> String? {
    "\(reason)".contains("CERTIFICATE_VERIFY_FAILED")
      ? "its certificate is not signed by an authority that is trusted here, or not valid now"
      : nil
  }

  private static func isEndOfInput(_ error: any Error) -> Bool {
    switch error {
    case let error as HTTPClientError: error == .remoteConnectionClosed
    case let error as HTTPParserError: error == .invalidEOFState
    case NIOSSLError.uncleanShutdown: true
    default: false
    }
  }

  private static func textAfterSent(
    _ error: any Error, _ progress: HTTPReplyReader.Progress, _ peer: String, _ timeout: Span
  ) -> String {
    let isAnswering = progress == .answered
    if isEndOfInput(error) {
      return isAnswering
        ? "\(peer) closed the connection in the middle of its reply"
        : "\(peer) closed the connection before it answered"
    }
    switch error {
    case let error as HTTPClientError where error == .deadlineExceeded:
      return isAnswering
        ? "the reply of \(peer) did not end within \(timeout.text)"
        : "no answer from \(peer) within \(timeout.text)"
    case let error as HTTPReplyReader.ReplyTooLong:
      return "the reply of \(peer) is longer than \(Size.write(error.bytesMax))"
    case let error as HTTPParserError:
      return "what \(peer) answered is not HTTP: \(error.debugDescription)"
    case let error as UnusableReply:
      return "what \(peer) answered is not HTTP: \(error)"
    case let error as NIOHTTP2Errors.StreamClosed:
      return "\(peer) reset the stream: \(error.errorCode)"
    case let error as HTTPClientError:
      return "the call of \(peer) broke off: \(error.shortDescription)"
    default:
      return ConnectFailure.text(error, peer: peer) ?? "the call of \(peer) broke off: \(error)"
    }
  }
}

extension Span {
  /// `10 s`, or `300 ms`.
  var text: String {
    milliseconds.isMultiple(of: 1_000) ? "\(milliseconds / 1_000) s" : "\(milliseconds) ms"
  }
}
