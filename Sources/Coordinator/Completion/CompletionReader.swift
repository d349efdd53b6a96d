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
    var call = completion.call
    call.payload = request.wireBytes()
    if case .http = call.target {
      let name = CaravanV1.CompletionRequest.fullName
      guard let document = try? json.document(of: call.payload, as: name) else { return nil }
      call.payload = document.bytes
      if call.metadata["content-type"] == nil {
        call.metadata["content-type"] = "application/json"
      }
    }
    guard let definition = BranchReader.call(call, passing: nil) else { return nil }
    let retry = branches.policy(of: completion.retry)
    return CompletionTeller.Call(
      message: AttemptMessage(
        definition: definition,
        fields: OwnFields(
          transaction: row.id, branch: "", action: "completion", attempt: record.attempts,
          fence: row.fence,
          traceparent: TraceContext(transaction: row.id).header(
            completionAttempt: record.attempts)),
        timeout: min(retry.attemptTimeout, Span(Self.attemptTimeoutMax))),
      backoff: retry.phaseTwo)
  }
}

extension CaravanV1.Completion {
  /// The call that tells the end, without what it carries.
  var call: CaravanV1.Call {
    CaravanV1.Call {
      $0.metadata = metadata
      switch target {
      case .grpc(let grpc): $0.target = .grpc(grpc)
      case .http(let http): $0.target = .http(http)
      case nil: break
      }
    }
  }
}
