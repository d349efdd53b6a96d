import Mode

/// What an HTTP reply means (docs/design.md, rule 3).
extension CallReport {
  /// - Parameter now: seconds since 1970, for a `Retry-After` that names a date
  init(
    _ outcome: HTTPOutcome, alsoDoneOn: [Int32], errorTextBytesMax: Int,
    now: @autoclosure () -> Int64
  ) {
    switch outcome {
    case .failed(let failure):
      let text = failure.text.cut(toBytes: errorTextBytesMax)
      switch failure.delivery {
      case .notSent: self.init(.notSent, error: text)
      case .maybeSent: self.init(.unknown(answered: false, pushback: nil), error: text)
      }
      isTransportFailure = failure.isOfTransport
    case .answered(let reply):
      if reply.isDone(alsoOn: alsoDoneOn) {
        self.init(.done, reply: reply.isCut ? nil : reply.body)
        replyOmitted = reply.isCut
      } else if reply.guaranteesNoEffect {
        self.init(.refused, error: reply.errorText.cut(toBytes: errorTextBytesMax))
      } else {
        let pushback = reply.retryAfter.flatMap { RetryAfter.wait($0, now: now()) }
        self.init(
          .unknown(answered: true, pushback: pushback),
          error: reply.errorText.cut(toBytes: errorTextBytesMax))
      }
    }
  }
}

extension HTTPReply {
  /// Bytes of a body that an error's text repeats.
  static let quotedBytesMax = 200

  /// 2xx, and what the caller has declared to mean the same.
  func isDone(alsoOn statuses: [Int32]) -> Bool {
    (200..<300).contains(status) || statuses.contains { Int($0) == status }
  }

  /// Sent by a participant, it says that the call had no effect. 408, 425 and 429 are said by
  /// whoever wants the call repeated.
  var guaranteesNoEffect: Bool {
    (400..<500).contains(status) && status != 408 && status != 425 && status != 429
  }

  /// `503 Service Unavailable: the shop is closed`.
  var errorText: String {
    var text = String(status)
    if !reason.isEmpty { text += " " + reason }
    if let quoted = quotedBody { text += ": " + quoted }
    return text
  }

  /// The beginning of a body that says something to people, in one line. A page of HTML says
  /// nothing that the status does not.
  private var quotedBody: String? {
    if contentType?.lowercased().hasPrefix("text/html") ?? false { return nil }
    let isCut = isCut || body.count > Self.quotedBytesMax
    guard let text = Self.text(body.prefix(Self.quotedBytesMax), isCut: isCut),
      !text.unicodeScalars.contains(where: {
        $0.properties.generalCategory == .control && !$0.properties.isWhitespace
      })
    else { return nil }
    let words = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    return words.isEmpty ? nil : words
  }
  /// The bytes as text; nil where they are none. The cut may have gone through a character.
  private static func text(_ bytes: ArraySlice<UInt8>, isCut: Bool) -> String? {
    for dropped in 0...(isCut ? 3 : 0) {
      if let text = String(validating: bytes.dropLast(dropped), as: UTF8.self) { return text }
    }
    return nil
  }
}
