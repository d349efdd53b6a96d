/// A server answered, but with what is no reply: nobody knows what it did.
struct UnusableReply: Error, CustomStringConvertible {
  /// Characters of a status that are repeated.
  private static let quotedMax = 20

  /// `its status is 099`
  let description: String

  /// It goes on and on before the request has been written.
  static let tooEarly = UnusableReply(
    description: "it replied at length before it had the request")

  private init(description: String) {
    self.description = description
  }

  /// A status that is none (RFC 9110, section 15).
  ///
  /// - Parameter status: as the server wrote it; empty: not at all
  init(status: String) {
    let quoted = String.UnicodeScalarView(
      status.unicodeScalars.prefix(Self.quotedMax).filter { (0x21...0x7E).contains($0.value) })
    description = quoted.isEmpty ? "it has no status" : "its status is \(String(quoted))"
  }
}
