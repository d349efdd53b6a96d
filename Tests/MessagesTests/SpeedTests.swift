import Foundation
import Messages
import Oracle
import ProtoWire
import Testing

/// Prints how the codec compares with libprotobuf-c on the message that Caravan reads most, each
/// encoding into fresh memory and decoding into a message that is freed again. It asserts no time.
@Suite(.enabled(if: ProcessInfo.processInfo.environment["CARAVAN_BENCH_WIRE"] == "1"))
struct SpeedTests {
  @Test func compareExecuteRequestWithLibprotobufC() throws {
    let request = Self.execute(branches: 10)
    let wire = request.wireBytes()
    let descriptor = try #require(oracle_descriptor("caravan.v1.ExecuteRequest"))
    let theirs = try #require(protobuf_c_message_unpack(descriptor, nil, wire.count, wire))
    defer { protobuf_c_message_free_unpacked(theirs, nil) }
    #expect(protobuf_c_message_get_packed_size(theirs) == wire.count)
    compare("encode") {
      _ = blackHole(request.wireBytes())
    } theirs: {
      let memory = malloc(protobuf_c_message_get_packed_size(theirs))!
      _ = protobuf_c_message_pack(theirs, memory)
      free(blackHole(memory))
    }
    compare("decode") {
      _ = blackHole(try? CaravanV1.ExecuteRequest(wire: wire))
    } theirs: {
      protobuf_c_message_free_unpacked(
        blackHole(protobuf_c_message_unpack(descriptor, nil, wire.count, wire)), nil)
    }
  }

  private static func execute(branches count: Int) -> CaravanV1.ExecuteRequest {
    let call = { (method: String) in
      CaravanV1.Call {
        $0.target = .grpc(
          CaravanV1.GrpcTarget {
            $0.address = "stock.shop.example.com:443"
            $0.method = "/shop.v1.Stock/\(method)"
          })
        $0.payload = (0..<200).map { UInt8($0) }
      }
    }
    return CaravanV1.ExecuteRequest {
      $0.id = "order-8812"
      $0.branches = (0..<count).map { index in
        CaravanV1.Branch {
          $0.id = "reserve-\(index)"
          $0.mode = .tcc
          $0.phaseOne = call("TryReserve")
          $0.confirm = call("ConfirmReserve")
          $0.undo = call("CancelReserve")
        }
      }
    }
  }

  /// The best of alternating rounds: what else runs on the machine only ever makes a round longer.
  private func compare(_ what: String, ours: () -> Void, theirs: () -> Void) {
    var best = (ours: Duration.seconds(60), theirs: Duration.seconds(60))
    let clock = ContinuousClock()
    let times = 5_000
    for _ in 0..<20 {
      best.ours = min(best.ours, clock.measure { for _ in 0..<times { ours() } })
      best.theirs = min(best.theirs, clock.measure { for _ in 0..<times { theirs() } })
    }
    let nanoseconds = (best.ours / .nanoseconds(times), best.theirs / .nanoseconds(times))
    print("\(what): \(Int(nanoseconds.0)) ns, libprotobuf-c \(Int(nanoseconds.1)) ns")
  }
}

/// Keeps the optimiser from leaving out what makes the value.
@inline(never)
private func blackHole<Value>(_ value: Value) -> Value { value }
