import Mode

/// When a server wants to be asked again (RFC 9110, section 10.2.3): in so many seconds, or at a
/// date.
enum RetryAfter {
  /// More is cut to it; the policy of the branch has a cap of its own.
  private static let secondsMax: Int64 = 365 * 86_400

  /// How long to wait; nil for a value that is in neither form.
  ///
  /// - Parameter now: seconds since 1970
  static func wait(_ text: String, now: Int64) -> Span? {
    if !text.isEmpty, text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
    {
      return .seconds(min(Int64(text) ?? secondsMax, secondsMax))
    }
    return HTTPDate(text, now: now).map { .seconds(min(max($0.seconds - now, 0), secondsMax)) }
  }
}
