import Messages
import ProtoWire
import Testing

@testable import Coordinator

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
}
