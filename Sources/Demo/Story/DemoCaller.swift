import GRPC
import Messages
import NIOCore
import ProtoWire
import Transport

/// A caller as any other: Begin, Register, Watch and Commit over gRPC.
struct DemoCaller: Sendable {
  let pool: ClientPool
  let group: any EventLoopGroup
  /// Where the coordinator is.
  let address: String

  private static let timeout = TimeAmount.seconds(30)

  /// The transaction as it stood at a time.
  struct Observation: Sendable {
    let at: ContinuousClock.Instant
    let transaction: CaravanV1.Transaction
  }

  /// What became of a transaction, and how it got there.
  struct Course: Sendable {
    let committedAt: ContinuousClock.Instant
    let answeredAt: ContinuousClock.Instant
    /// Commit's answer: OK, or ABORTED for a rollback.
    let answer: Status
    let observations: [Observation]
  }

  /// A call of the demo that did not go as it should.
  struct Failure: Error, CustomStringConvertible {
    let call: String
    let status: Status
    var description: String { "\(call): \(status.code.name): \(status.message)" }
  }

  /// Runs a transaction and watches it to its end.
  ///
  /// - Parameter onChange: Told of every observation while the transaction runs.
  func run(
    id: String, branches: [CaravanV1.Branch],
    onChange: @Sendable (CaravanV1.Transaction) async throws -> Void = { _ in }
  ) async throws -> Course {
    try await ask("Begin", CaravanV1.Coordinator.begin, CaravanV1.BeginRequest { $0.id = id })
    try await ask(
      "Register", CaravanV1.Coordinator.register,
      CaravanV1.RegisterRequest {
        $0.id = id
        $0.branches = branches
      })
    var changes = watch(id).makeAsyncIterator()
    var observations: [Observation] = []
    // The first shows that the watch stands: from here on it misses nothing.
    guard let first = try await changes.next() else { throw CancellationError() }
    observations.append(first)
    let committedAt = ContinuousClock.now
    async let answer = pool.call(
      request(CaravanV1.Coordinator.commit, CaravanV1.CommitRequest { $0.id = id }))
    while let change = try await changes.next() {
      observations.append(change)
      try await onChange(change.transaction)
    }
    let status = await answer.status
    let answeredAt = ContinuousClock.now
    guard status.code == .ok || status.code == .aborted else {
      throw Failure(call: "Commit of \(id)", status: status)
    }
    return Course(
      committedAt: committedAt, answeredAt: answeredAt, answer: status, observations: observations)
  }

  private func ask(_ name: String, _ path: String, _ message: some WireMessage) async throws {
    let reply = await pool.call(request(path, message))
    guard reply.status.code == .ok else { throw Failure(call: name, status: reply.status) }
  }

  private func request(_ path: String, _ message: some WireMessage) -> ClientRequest {
    ClientRequest(
      address: address, path: path, message: message.wireBytes(), timeout: Self.timeout)
  }

  /// The transaction now and after every change, until it has ended.
  private func watch(_ id: String) -> AsyncThrowingStream<Observation, any Error> {
    AsyncThrowingStream { continuation in
      let loop = group.next()
      let events = ClientStreamEvents(
        message: { bytes in
          guard let response = try? CaravanV1.WatchResponse(wire: bytes),
            let transaction = response.transaction
          else { return }
          continuation.yield(Observation(at: .now, transaction: transaction))
        },
        end: { reply in
          let isEnd = reply.status.code == .ok
          continuation.finish(
            throwing: isEnd ? nil : Failure(call: "Watch of \(id)", status: reply.status))
        })
      let request = request(
        CaravanV1.Coordinator.watch, CaravanV1.WatchRequest { $0.id = id })
      loop.execute {
        let stream = pool.open(request, on: loop, events: events)
        stream.send(request.message)
        stream.halfClose()
      }
    }
  }
}
