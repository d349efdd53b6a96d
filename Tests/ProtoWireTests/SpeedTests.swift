import Foundation
import Oracle
import ProtoWire
import Testing

@Suite struct SpeedTests {
  @Test func exampleIsWhatLibprotobufCReadsAndWrites() throws {
    let wire = Order.example.wireBytes()
    #expect(try Order(wire: wire) == Order.example)
    let theirs = try #require(test__order__unpack(nil, wire.count, wire))
    defer { test__order__free_unpacked(theirs, nil) }
    #expect(theirs.pointee.n_lines == 10)
    var packed = [UInt8](repeating: 0, count: test__order__get_packed_size(theirs))
    #expect(test__order__pack(theirs, &packed) == wire.count)
    #expect(packed == wire)
  }

  /// Prints how the codec compares with libprotobuf-c, each encoding into fresh memory and decoding
  /// into a message that is freed again. It asserts nothing.
  @Test(.enabled(if: ProcessInfo.processInfo.environment["CARAVAN_BENCH_WIRE"] == "1"))
  func compareWithLibprotobufC() throws {
    let order = Order.example
    let wire = order.wireBytes()
    let theirs = try #require(test__order__unpack(nil, wire.count, wire))
    defer { test__order__free_unpacked(theirs, nil) }
    print("ProtoWire and libprotobuf-c, \(wire.count) bytes, \(order.lines.count) sub-messages")
    compare("encode") {
      _ = blackHole(order.wireBytes())
    } theirs: {
      let memory = malloc(test__order__get_packed_size(theirs))!
      _ = test__order__pack(theirs, memory)
      free(blackHole(memory))
    }
    compare("decode") {
      _ = blackHole(try? Order(wire: wire))
    } theirs: {
      test__order__free_unpacked(blackHole(test__order__unpack(nil, wire.count, wire)), nil)
    }
  }

  /// The best of alternating rounds: what else runs on the machine only ever makes a round longer.
  private func compare(_ what: String, ours: () -> Void, theirs: () -> Void) {
    var best = (ours: Duration.seconds(60), theirs: Duration.seconds(60))
    let clock = ContinuousClock()
    let times = 10_000
    for _ in 0..<20 {
      best.ours = min(best.ours, clock.measure { for _ in 0..<times { ours() } })
      best.theirs = min(best.theirs, clock.measure { for _ in 0..<times { theirs() } })
    }
    let nanoseconds = (best.ours / .nanoseconds(times), best.theirs / .nanoseconds(times))
    let ratio = String(format: "%.2f", best.theirs / best.ours)
    print(
      "\(what): \(Int(nanoseconds.0)) ns, libprotobuf-c \(Int(nanoseconds.1)) ns, speed \(ratio)x")
  }
}

/// Keeps the optimiser from leaving out what makes the value.
@inline(never)
private func blackHole<Value>(_ value: Value) -> Value { value }
