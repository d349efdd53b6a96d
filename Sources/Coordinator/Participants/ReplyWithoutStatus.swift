/// A server answered, with a status that is none (RFC 9110, section 15): nobody knows what it did.
struct ReplyWithoutStatus: Error, CustomStringConvertible {
  /// Characters of it that are repeated.
  private static let quotedMax = 20

  /// `its status is 099`
  let description: String

  /// - Parameter status: as the server wrote it; empty: not at all
  init(_ status: String) {
    let quoted = status.unicodeScalars.prefix(Self.quotedMax).filter {
      (0x21...0x7E).contains($0.value)
    }
    description =
      quoted.isEmpty
      ? "it has no status" : "its status is " + String(String.UnicodeScalarView(quoted))
  }
}
