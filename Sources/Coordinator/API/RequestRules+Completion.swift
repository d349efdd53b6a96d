import Messages

/// The checks of who is told the end.
extension RequestRules {
  func check(_ completion: CaravanV1.Completion, _ violations: inout FieldViolations) {
    if case .http(let http) = completion.target, http.template {
      violations.add(
        .call(nil, .completion, "http.template"),
        "is set; a completion carries the transaction, and nothing else")
      return
    }
    check(completion.call, at: nil, .completion, &violations)
    guard let retry = completion.retry else { return }
    check(retry, at: nil, &violations)
    if let timeout = retry.attemptTimeout?.duration, timeout > CompletionReader.attemptTimeoutMax {
      violations.add(
        .retry(nil, "attempt_timeout"),
        "is longer than the \(CompletionReader.attemptTimeoutMax.components.seconds) s that telling "
          + "the end may take")
    }
  }
}
