import Messages
import Mode
import ProtoJSON
import ProtoWire
import Store

/// From the completion that a caller asked for to the call that tells the end.
struct CompletionReader: Sendable {
  let branches: BranchReader
  let json: JSONMapping

  /// The longest attempt: shorter than the time for which what was taken is nobody else's.
  static let attemptTimeoutMax = Swift.Duration.seconds(60)

  /// The call for the row's next attempt; nil where it is not one that this version can make.
  func call(for row: StoredTransaction) -> CompletionTeller.Call? {
    guard let record = row.completion,
      let completion = try? CaravanV1.Completion(wire: record.definition)
    else { return nil }
    let request = CaravanV1.CompletionRequest {
      $0.transaction = CaravanV1.Transaction(TransactionView(stored: row, calling: []))
    }
    let target: CallDefinition.Target
    var payload = request.wireBytes()
    var metadata = completion.metadata
    switch completion.target {
    case .grpc(let grpc):
      target = .grpc(address: grpc.address, method: grpc.method)
    case .http(let http):
      target = .http(method: http.methodOrDefault, url: http.url)
      let name = CaravanV1.CompletionRequest.fullName
      guard let document = try? json.document(of: payload, as: name) else { return nil }
      payload = document.bytes
      if metadata["content-type"] == nil { metadata["content-type"] = "application/json" }
    case nil: return nil
    }
    var retry = branches.policy(of: completion.retry).inPhaseTwo
    retry.attemptTimeout = min(retry.attemptTimeout, Span(Self.attemptTimeoutMax))
    return CompletionTeller.Call(
      message: AttemptMessage(
        definition: CallDefinition(
          target: target, payload: payload,
          metadata: metadata.sorted { $0.key < $1.key }.map { ($0.key, $0.value) },
          alsoDoneOn: []),
        fields: OwnFields(
          transaction: row.id, branch: "", action: "completion", attempt: record.attempts,
          fence: row.fence,
          traceparent: TraceContext(transaction: row.id).header(
            completionAttempt: record.attempts)),
        timeout: retry.attemptTimeout),
      retry: retry)
  }
}
