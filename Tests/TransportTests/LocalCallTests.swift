import GRPC
import NIOCore
import NIOPosix
import Testing

@testable import Transport

/// Calls that begin in this process.
struct LocalCallTests {
  /// Begins a call; its events come as a stream that ends with the call.
  private func begin(
    _ path: String, _ message: [UInt8] = [1, 2, 3], router: Router = Echo.router,
    deadline: NIODeadline? = nil
  ) -> (call: LocalCall, events: AsyncStream<LocalCall.Event>) {
    let (events, continuation) = AsyncStream<LocalCall.Event>.makeStream()
    var request = LocalCall.Request(path: path, message: message, peer: "test")
    request.metadata = ["a": "b"]
    request.deadline = deadline
    let call = LocalCall.begin(
      request, to: router, on: MultiThreadedEventLoopGroup.singleton.next()
    ) { event in
      continuation.yield(event)
      if case .end = event { continuation.finish() }
    }
    return (call, events)
  }

  private func all(
    _ events: AsyncStream<LocalCall.Event>
  ) async -> (messages: [[UInt8]], status: Status?) {
    var messages: [[UInt8]] = []
    var status: Status?
    for await event in events {
      switch event {
      case .message(let bytes): messages.append(bytes)
      case .end(let end): status = end
      }
    }
    return (messages, status)
  }

  @Test(arguments: [Echo.unary, Echo.later, Echo.stream])
  func aCallIsAnsweredAndEnds(_ path: String) async {
    let outcome = await all(begin(path).events)
    #expect(outcome.messages == [[1, 2, 3]])
    #expect(outcome.status == .ok)
  }

  @Test func aStatusComesWithItsDetailsAndMetadata() async {
    let outcome = await all(begin(Echo.metadata).events)
    #expect(outcome.messages.isEmpty)
    #expect(
      outcome.status
        == Status(.aborted, "nö % \n", details: [9, 8, 7], metadata: ["a": "b"]))
  }

  @Test func anUnknownMethodIsUnimplemented() async {
    let outcome = await all(begin("/test.Echo/Nothing").events)
    #expect(outcome.status?.code == .unimplemented)
  }

  @Test func aCallerWhoLeavesIsToldToTheHandler() async {
    let (told, continuation) = AsyncStream<Cancellation>.makeStream()
    var router = Router()
    router.unary("/test.Echo/Wait") { call in
      call.onCancel { continuation.yield($0) }
    }
    let (call, events) = begin("/test.Echo/Wait", router: router)
    call.cancel()
    #expect(await all(events).status?.code == .cancelled)
    // Cancelled before or after it reached the handler: the handler is told, or never hears of it.
    let (late, lateEvents) = begin(
      "/test.Echo/Wait", router: router, deadline: .now() + .milliseconds(20))
    #expect(await all(lateEvents).status?.code == .deadlineExceeded)
    late.cancel()
    for await reason in told where reason == .deadline { return }
  }

  @Test func aCallerWhoDoesNotTakeFillsTheQueueAndMakesRoomByTaking() async {
    let (room, continuation) = AsyncStream<Int>.makeStream()
    var router = Router()
    router.streaming("/test.Echo/Much") { call in
      call.onMessage { _ in
        var sent = 0
        while call.isWritable {
          call.send([UInt8(sent)])
          sent += 1
        }
        continuation.yield(sent)
      }
      call.onWritable {
        continuation.yield(-1)
        call.finish()
      }
    }
    let (call, events) = begin("/test.Echo/Much", router: router)
    var counts = room.makeAsyncIterator()
    #expect(await counts.next() == 4)
    call.took()
    #expect(await counts.next() == -1)
    #expect(await all(events).messages == [[0], [1], [2], [3]])
  }
}
