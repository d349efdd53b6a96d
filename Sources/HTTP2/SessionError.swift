/// Why a session cannot go on. The owner closes the socket.
package enum SessionError: Error, Equatable, CustomStringConvertible {
  /// The first bytes were not HTTP/2's preface: most often an HTTP/1 client.
  case notHTTP2
  /// The peer made us queue more answers (PING, SETTINGS) than it reads.
  case floodedWithAcknowledgements
  /// More CONTINUATION frames behind one HEADERS than the limit.
  case tooManyContinuations
  /// nghttp2 refused to go on.
  case fatal(code: Int32, message: String)

  package var description: String {
    switch self {
    case .notHTTP2: "the peer does not speak HTTP/2 (no connection preface)"
    case .floodedWithAcknowledgements:
      "the peer sends PING or SETTINGS and does not read the answers"
    case .tooManyContinuations: "a header block in too many CONTINUATION frames"
    case .fatal(let code, let message): "nghttp2: \(message) (\(code))"
    }
  }
}
