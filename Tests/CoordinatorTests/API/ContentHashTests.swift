import Messages
import ProtoWire
import Testing

@testable import Coordinator

extension ContentHash {
  fileprivate static func of(_ request: CaravanV1.ExecuteRequest) -> [UInt8] {
    of(request, branches: request.branches.map { $0.wireBytes() })
  }
}

struct ContentHashTests {
  @Test func whatIsWaitedForIsNoContent() {
    let request = Requests.execute(Requests.saga("a"))
    var impatient = request
    impatient.wait = .none
    #expect(ContentHash.of(request) == ContentHash.of(impatient))
    #expect(ContentHash.of(request).count == 32)
  }

  @Test func everythingElseIs() {
    let request = Requests.execute(Requests.saga("a"), Requests.tcc("b"))
    var others = Array(repeating: request, count: 5)
    others[0].timeout = GoogleProtobuf.Duration(.seconds(1))
    others[1].branches.swapAt(0, 1)
    others[2].branches[0].undo?.payload = [2]
    others[3].branches[1].retry = CaravanV1.RetryPolicy { $0.attemptsMax = 2 }
    others[4].branches[0].phaseOne?.metadata["a"] = "b"
    let hashes = Set((others + [request]).map(ContentHash.of))
    #expect(hashes.count == 6)
  }

  @Test func anOtherEncodingOfTheSameIsTheSame() throws {
    let request = Requests.execute(Requests.saga("a"))
    // Field 99, unknown, in front.
    let verbose = try CaravanV1.ExecuteRequest(wire: [0x98, 0x06, 0x01] + request.wireBytes())
    #expect(ContentHash.of(verbose) == ContentHash.of(request))
  }

  @Test func beginAndExecuteOfNothingDiffer() {
    let begin = CaravanV1.BeginRequest { $0.id = "a" }
    let execute = CaravanV1.ExecuteRequest { $0.id = "a" }
    #expect(ContentHash.of(begin) != ContentHash.of(execute))
  }

  /// Rows of earlier versions hold these: computed apart from this code, by hand and sha256sum.
  @Test func theHashIsThatOfEarlierVersions() {
    var request = Requests.execute(Requests.saga("a"), Requests.tcc("b", level: 1))
    request.timeout = GoogleProtobuf.Duration(.seconds(5))
    #expect(
      hex(ContentHash.of(request))
        == "899d60d906732b4701d7343cbdaa334634487d022885f0266ed3925078e8444d")
    let begin = CaravanV1.BeginRequest {
      $0.id = "order-1"
      $0.timeout = GoogleProtobuf.Duration(.seconds(5))
    }
    #expect(
      hex(ContentHash.of(begin))
        == "2b278f1c8cd197e1493f655528a62a6cda9d4dfad5d8365d916c2fc23ba804cc")
  }

  private func hex(_ bytes: [UInt8]) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }
}
