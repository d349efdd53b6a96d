import Foundation
import Messages
import ProtoJSON
import ProtoWire
import Support
import Testing

/// The mapping on messages of Caravan's own, and on what no other implementation is asked for:
/// paths of errors, and mutations.
struct JSONMappingTests {
  static let mapping = Result { try JSONMapping(ProtoCatalog(descriptorSet: descriptorSet())) }

  /// What Protos/generate wrote for reflection.
  private static func descriptorSet() throws -> [UInt8] {
    let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(
        path: "Sources/Coordinator/API/ReflectionDescriptors.swift")
    let base64 = try String(contentsOf: file, encoding: .utf8).split(separator: "\n")
      .filter { $0.hasSuffix("\\") }.map { $0.dropLast().trimmingCharacters(in: .whitespaces) }
    return [UInt8](try #require(Data(base64Encoded: base64.joined())))
  }

  private static func wire(_ json: String, _ message: String) throws -> [UInt8] {
    try mapping.get().wireBytes(of: JSONValue(parsing: json), as: message)
  }

  private static func json(_ bytes: [UInt8], _ message: String) throws -> String {
    try mapping.get().document(of: bytes, as: message).text
  }

  @Test func aRequestIsReadByEitherNameOfItsFields() throws {
    let request = try CaravanV1.ExecuteRequest(
      wire: Self.wire(
        #"""
        {"id": "order-1", "timeout": "1.5s", "wait": "WAIT_DECISION", "branches": [
          {"id": "stock", "mode": 1, "phase_one": {"grpc": {"address": "a:1", "method": "/p.S/M"},
            "payload": "-_8", "metadata": {"b": "2", "a": "1"}, "alsoDoneOn": [5, "6"]},
           "undo": {"http": {"url": "http://a/"}}, "mustSucceed": false, "retry": {"factor": "2.5"}}]}
        """#, CaravanV1.ExecuteRequest.fullName))
    #expect(request.timeout == GoogleProtobuf.Duration(.milliseconds(1_500)))
    #expect(request.wait == .decision)
    let branch = try #require(request.branches.first)
    #expect(branch.mode == .tcc)
    #expect(branch.phaseOne?.payload == [0xfb, 0xff])
    #expect(branch.phaseOne?.metadata == ["a": "1", "b": "2"])
    #expect(branch.phaseOne?.alsoDoneOn == [5, 6])
    #expect(branch.retry?.factor == 2.5)
  }

  @Test func aResponseIsWrittenInCamelCaseWithoutItsDefaults() throws {
    let response = CaravanV1.GetResponse {
      $0.transaction = CaravanV1.Transaction {
        $0.id = "t"
        $0.state = .committed
        $0.fence = .max
        $0.branchCount = 1
        $0.createdAt = GoogleProtobuf.Timestamp { $0.seconds = 1 }
        $0.branches = [
          CaravanV1.BranchOutcome {
            $0.reply = [1, 2, 3, 4]
            $0.phaseOne = .init(rawValue: 77)
          }
        ]
      }
    }
    #expect(
      try Self.json(response.wireBytes(), CaravanV1.GetResponse.fullName)
        == #"{"transaction":{"id":"t","state":"STATE_COMMITTED","branches":[{"phaseOne":77,"reply":"AQIDBA=="}],"#
        + #""createdAt":"1970-01-01T00:00:01Z","branchCount":1,"fence":"18446744073709551615"}}"#)
  }

  @Test func anEmptyMessageIsAnEmptyObject() throws {
    #expect(try Self.json([], CaravanV1.CompletionResponse.fullName) == "{}")
    #expect(try Self.wire("{}", CaravanV1.CompletionResponse.fullName) == [])
  }

  @Test(arguments: [
    (#"{"branches":[{"undo":{"htttp":{}}}]}"#, "branches[0].undo.htttp"),
    (#"{"branches":[{},{"level":-1}]}"#, "branches[1].level"),
    (#"{"branches":[{"phase_one":{"payload":"?"}}]}"#, "branches[0].phase_one.payload"),
    (#"{"branches":[{"undo":{"metadata":{"a":1}}}]}"#, #"branches[0].undo.metadata["a"]"#),
    (#"{"branches":[{"undo":{"grpc":{},"http":{}}}]}"#, "branches[0].undo.http"),
    (#"{"branches":{}}"#, "branches"), (#"{"branches":[1]}"#, "branches[0]"),
    (#"{"wait":"SOON"}"#, "wait"),
    (#"{"timeout":"1.5"}"#, "timeout"), (#"{"timeout":{"seconds":1}}"#, "timeout"), (#"[]"#, ""),
  ])
  func anErrorNamesItsPlace(_ json: String, _ path: String) throws {
    let error = #expect(throws: JSONMappingError.self) {
      try Self.wire(json, CaravanV1.ExecuteRequest.fullName)
    }
    #expect(error?.path == path)
  }

  @Test func anUnknownEnumNameIsAnsweredWithTheKnownOnes() throws {
    let error = #expect(throws: JSONMappingError.self) {
      try Self.wire(#"{"wait":"SOON"}"#, CaravanV1.ExecuteRequest.fullName)
    }
    #expect(
      error?.problem == #"is "SOON"; write WAIT_END, WAIT_DECISION, WAIT_NONE, or a number"#)
  }

  @Test(
    arguments: [
      ("0s", 0, 0), ("1.5s", 1, 500_000_000), ("-1.5s", -1, -500_000_000), ("-0.000000001s", 0, -1),
      ("315576000000s", 315_576_000_000, 0), ("01s", 1, 0),
    ] as [(String, Int64, Int32)])
  func durationsAreSecondsWithAnS(_ text: String, _ seconds: Int64, _ nanos: Int32) throws {
    let bytes = try Self.wire("\"\(text)\"", GoogleProtobuf.Duration.fullName)
    let duration = try GoogleProtobuf.Duration(wire: bytes)
    #expect(duration.seconds == seconds)
    #expect(duration.nanos == nanos)
  }

  @Test(arguments: [
    "", "s", "1", "1 s", ".5s", "1.s", "1.0000000001s", "+1s", "1e3s", "315576000001s",
    "315576000000.1s", "1m",
    "9999999999999999999s",
  ])
  func whatIsNoDurationIsRefused(_ text: String) {
    #expect(throws: JSONMappingError.self) {
      try Self.wire("\"\(text)\"", GoogleProtobuf.Duration.fullName)
    }
  }

  @Test(
    arguments: [
      ("1970-01-01T00:00:00Z", 0, 0), ("2000-02-29T12:00:00.5Z", 951_825_600, 500_000_000),
      ("0001-01-01T00:00:00Z", -62_135_596_800, 0),
      ("9999-12-31T23:59:59.999999999Z", 253_402_300_799, 999_999_999),
      ("2026-01-01T01:30:00+01:30", 1_767_225_600, 0),
      ("2025-12-31T19:00:00-05:00", 1_767_225_600, 0),
    ] as [(String, Int64, Int32)])
  func timestampsAreRFC3339(_ text: String, _ seconds: Int64, _ nanos: Int32) throws {
    let bytes = try Self.wire("\"\(text)\"", GoogleProtobuf.Timestamp.fullName)
    let timestamp = try GoogleProtobuf.Timestamp(wire: bytes)
    #expect(timestamp.seconds == seconds)
    #expect(timestamp.nanos == nanos)
  }

  @Test(arguments: [
    "", "2026-01-01", "2026-01-01T00:00:00", "2026-01-01 00:00:00Z", "2026-13-01T00:00:00Z",
    "2026-02-29T00:00:00Z",
    "1900-02-29T00:00:00Z", "2026-01-01T24:00:00Z", "2026-01-01T00:60:00Z", "2026-01-01T00:00:60Z",
    "0000-01-01T00:00:00Z", "0001-01-01T00:00:00+00:01", "9999-12-31T23:59:59-00:01",
    "2026-01-01T00:00:00.Z",
    "2026-01-01T00:00:00.1234567891Z", "2026-01-01T00:00:00+1:00", "26-01-01T00:00:00Z",
  ])
  func whatIsNoTimestampIsRefused(_ text: String) {
    #expect(throws: JSONMappingError.self) {
      try Self.wire("\"\(text)\"", GoogleProtobuf.Timestamp.fullName)
    }
  }

  @Test(arguments: [
    #"{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"R","metadata":{"a":"b"}}"#,
    #"{"@type":"type.googleapis.com/google.protobuf.Duration","value":"1.500s"}"#,
    #"{"@type":"type.googleapis.com/google.protobuf.Any","value":{"@type":"x/caravan.v1.GetRequest","id":"i"}}"#,
    #"{}"#,
  ])
  func anyMessageComesBackAsItWas(_ json: String) throws {
    let bytes = try Self.wire(json, GoogleProtobuf.AnyMessage.fullName)
    #expect(try Self.json(bytes, GoogleProtobuf.AnyMessage.fullName) == json)
  }

  @Test(arguments: [
    #"{"reason":"R"}"#, #"{"@type":1}"#, #"{"@type":"type.googleapis.com/no.Such"}"#,
    #"{"@type":"type.googleapis.com/google.protobuf.Duration"}"#, #"[]"#,
  ])
  func anyMessageWithoutAKnownTypeIsRefused(_ json: String) {
    #expect(throws: JSONMappingError.self) {
      try Self.wire(json, GoogleProtobuf.AnyMessage.fullName)
    }
  }

  @Test func nestingOfMessagesIsBounded() throws {
    func nested(_ levels: Int) -> String {
      String(repeating: #"{"@type":"x/google.protobuf.Any","value":"#, count: levels) + "{}"
        + String(repeating: "}", count: levels)
    }
    let bytes = try Self.wire(nested(90), GoogleProtobuf.AnyMessage.fullName)
    #expect(try Self.json(bytes, GoogleProtobuf.AnyMessage.fullName) == nested(90))
    let error = #expect(throws: JSONMappingError.self) {
      try Self.wire(nested(110), GoogleProtobuf.AnyMessage.fullName)
    }
    #expect(error?.problem == "messages nest deeper than 100 levels")
  }

  @Test func partsOfAMessageMergeAndTheLastMemberOfAOneofIsLeft() throws {
    var writer = WireWriter()
    writer.message(1, CaravanV1.Transaction { $0.id = "t" })
    writer.message(1, CaravanV1.Transaction { $0.paused = true })
    #expect(
      try Self.json(writer.bytes(), CaravanV1.GetResponse.fullName)
        == #"{"transaction":{"id":"t","paused":true}}"#)
    var call = WireWriter()
    call.message(1, CaravanV1.GrpcTarget { $0.address = "a" })
    call.message(5, CaravanV1.HttpTarget { $0.url = "u" })
    #expect(try Self.json(call.bytes(), CaravanV1.Call.fullName) == #"{"http":{"url":"u"}}"#)
  }

  /// Whatever is done to a document, it is refused, or comes back the same from its message; and
  /// nothing traps.
  @Test(arguments: 1...2 as ClosedRange<UInt64>)
  func mutatedDocumentsAreRefusedOrComeBack(seed: UInt64) async throws {
    let mapping = try Self.mapping.get()
    let name = CaravanV1.ExecuteRequest.fullName
    let original = Array(
      #"""
      {"id":"order-1","timeout":"1.5s","wait":"WAIT_DECISION","branches":[{"id":"é\u00e9","level":10,"mode":1,
      "phaseOne":{"grpc":{"address":"a:1","method":"/p.S/M"},"payload":"AQIDBA==","metadata":{"b":"2","a":"1"},
      "alsoDoneOn":[5,-1e1]},"undo":{"http":{"url":"http://a/"}},"retry":{"factor":2.5e0,"jitter":"NaN"}}],
      "completion":{"http":{"url":"http://b/","template":true}}}
      """#.utf8)
    var random = SeededGenerator(seed: seed)
    var taken = 0
    for round in 0..<5_000 {
      // Other tests wait for their sockets on the same threads.
      if round % 20 == 0 { await Task.yield() }
      var bytes = original
      for _ in 0...Int(random.next() % 3) { mutate(&bytes, &random) }
      guard let value = try? JSONValue(parsing: bytes) else { continue }
      #expect(try JSONValue(parsing: value.bytes) == value)
      guard let wire = try? mapping.wireBytes(of: value, as: name) else { continue }
      taken += 1
      _ = try CaravanV1.ExecuteRequest(wire: wire)
      // A duration that is read is one that can be written.
      let document = try mapping.document(of: wire, as: name)
      #expect(try mapping.wireBytes(of: document, as: name) == wire)
    }
    #expect(taken > 50)
  }

  /// Whatever bytes come, they have a form in JSON or are refused.
  @Test func mutatedMessagesAreRefusedOrWritten() async throws {
    let mapping = try Self.mapping.get()
    let original = try Self.wire(
      #"{"code":1,"details":[{"@type":"x/google.rpc.RetryInfo","retryDelay":"1s"},{"@type":"x/google.rpc.BadRequest"}]}"#,
      GoogleRPC.Status.fullName)
    var random = SeededGenerator(seed: 7)
    for round in 0..<5_000 {
      // Other tests wait for their sockets on the same threads.
      if round % 20 == 0 { await Task.yield() }
      var bytes = original
      for _ in 0...Int(random.next() % 3) { mutate(&bytes, &random) }
      guard let value = try? mapping.document(of: bytes, as: GoogleRPC.Status.fullName) else {
        continue
      }
      #expect(try JSONValue(parsing: value.bytes) == value)
    }
  }

  private func mutate(_ bytes: inout [UInt8], _ random: inout SeededGenerator) {
    guard !bytes.isEmpty else { return }
    let index = Int(random.next() % UInt64(bytes.count))
    switch random.next() % 5 {
    case 0: bytes[index] = UInt8(truncatingIfNeeded: random.next())
    case 1:
      bytes[index] = Array("0123456789{}[]\",:.-+eE\\ ntf".utf8).randomElement(using: &random) ?? 0
    case 2: bytes.remove(at: index)
    case 3: bytes.insert(bytes[Int(random.next() % UInt64(bytes.count))], at: index)
    default:
      let end = min(bytes.count, index + Int(random.next() % 20))
      bytes.removeSubrange(index..<end)
    }
  }
}
