import Mode
import NIOCore

/// A call that an open circuit has kept back, and who waits for the circuit to close.
struct KeptCall: Sendable {
  let ticket: CallTicket
  let shard: Shard
  let eventLoop: any EventLoop

  /// Between the first calls that go out, so that a participant that is back is not overrun.
  private static let pause = Span.milliseconds(2)

  /// Their participant can be reached again; from any thread.
  static func wake(_ calls: some Collection<KeptCall>) {
    guard !calls.isEmpty else { return }
    let span = Span(milliseconds: pause.milliseconds * Int64(calls.count))
    for each in Dictionary(grouping: calls, by: { ObjectIdentifier($0.shard) }).values {
      let (shard, tickets) = (each[0].shard, each.map(\.ticket))
      each[0].eventLoop.execute { shard.reachable(tickets, within: span) }
    }
  }
}
