import Messages
import Testing

@testable import Coordinator

struct EasyCarRulesTests {
  private let rules = EasyCarRules(rules: Requests.rules)

  private func read(
    _ entries: [EasyCar.RegisterReq.Branch], id: String = "g-1"
  ) -> (branches: [CaravanV1.Branch], violations: FieldViolations) {
    var violations = FieldViolations()
    let request = EasyCar.RegisterReq {
      $0.gId = id
      $0.branches = entries
    }
    return (rules.branches(of: request, &violations), violations)
  }

  private func fields(
    _ change: (inout EasyCar.RegisterReq.Branch) -> Void
  ) -> [String] {
    var entries = EasyCarEntries.saga()
    change(&entries[0])
    return read(entries).violations.fields
  }

  @Test func aRunBecomesABranch() throws {
    let (branches, violations) = read(
      EasyCarEntries.tcc {
        $0.reqData = [0xFF, 0]
        $0.reqHeader = #"{"Token": "t"}"#
        $0.level = 4
      } + EasyCarEntries.saga { $0.timeout = 0 })
    #expect(violations.isEmpty)
    try #require(branches.count == 2)
    let tcc = branches[0]
    #expect((tcc.mode, tcc.level) == (.tcc, 4))
    #expect(tcc.retry?.attemptTimeout == GoogleProtobuf.Duration(.seconds(3)))
    for call in [tcc.phaseOne, tcc.confirm, tcc.undo] {
      #expect(call?.payload == [0xFF, 0])
      #expect(
        call?.metadata == ["token": "t", "easycargid": "g-1", "easycarbranchid": tcc.id])
    }
    let saga = branches[1]
    #expect((saga.mode, saga.level, saga.retry) == (.saga, 1, nil))
    #expect(saga.confirm == nil)
    #expect(BranchReader(Settings().defaults).definition(of: saga) != nil)
    var again = FieldViolations()
    Requests.rules.checkBranches(branches, &again)
    #expect(again.isEmpty)
  }

  // MARK: Branch ids

  @Test func idsAreThoseOfTheContent() {
    let entries = EasyCarEntries.tcc() + EasyCarEntries.saga() + EasyCarEntries.tcc()
    let ids = read(entries).branches.map(\.id)
    #expect(read(entries).branches.map(\.id) == ids)
    #expect(Set(ids).count == 3)
    #expect(ids[2] == ids[0] + "-2")
    #expect(ids[0].utf8.count == 24)
    #expect(read(EasyCarEntries.saga()).branches.map(\.id) == [ids[1]])
    #expect(!ids.contains(read(EasyCarEntries.tcc(), id: "g-2").branches[0].id))
    #expect(!ids.contains(read(EasyCarEntries.tcc { $0.reqData = [1] }).branches[0].id))
  }

  // MARK: Targets

  @Test(
    arguments: [
      ("grpc://127.0.0.1:9/a.B/C", "grpc", "grpc://127.0.0.1:9/a.B/C"),
      ("GRPC://localhost:9/a.B/C", "grpc", "grpc://localhost:9/a.B/C"),
      ("127.0.0.1:9/a.B/C", "grpc", "grpc://127.0.0.1:9/a.B/C"),
      ("[::1]:9/a.B/C", "grpc", "grpc://[::1]:9/a.B/C"),
      ("http://127.0.0.1/x?y=z", "http", "http://127.0.0.1/x?y=z"),
      ("https://localhost:8443", "https", "https://localhost:8443"),
      ("https://localhost:8443", "http", "https://localhost:8443"),
    ])
  func theseAreTargets(uri: String, protocolName: String, written: String) throws {
    let (branches, violations) = read(
      EasyCarEntries.saga {
        $0.uri = uri
        $0.protocolName = protocolName
      })
    #expect(violations.isEmpty)
    let target = try #require(branches.first?.phaseOne?.target)
    let (again, name) = EasyCarTarget.write(target)
    #expect(again == written)
    #expect(name == String(written.prefix { $0 != ":" }))
  }

  @Test(
    arguments: [
      ("", "grpc", "is empty"), ("grpc://", "grpc", "''"), ("127.0.0.1:9", "grpc", "is no method"),
      ("127.0.0.1/a.B/C", "grpc", "'127.0.0.1'"), ("127.0.0.1:9/a/b/c", "grpc", "is no method"),
      ("http://127.0.0.1/x", "grpc", "the protocol is grpc"),
      ("grpc://127.0.0.1:9/a.B/C", "http", "the protocol is http"),
      ("http://127.0.0.1/x", "https", "the protocol is https"),
      ("127.0.0.1/x", "http", "no scheme"), ("http://", "http", "no host"),
      ("http://a@127.0.0.1/", "http", "names a user"),
      ("http://127.0.0.1/" + String(repeating: "x", count: 283), "http", "300 characters"),
    ])
  func theseAreNone(uri: String, protocolName: String, reason: String) throws {
    let (_, violations) = read(
      EasyCarEntries.saga {
        $0.uri = uri
        $0.protocolName = protocolName
      })
    #expect(Set(violations.fields) == ["branches[0].uri", "branches[1].uri"])
    let told = violations.described.filter { $0.field == "branches[0].uri" }.map(\.description)
    #expect(told.contains { $0.contains(reason) }, "\(told)")
  }

  @Test(arguments: ["", "GRPC", "tcp", "http "])
  func theseAreNoProtocols(name: String) {
    #expect(fields { $0.protocolName = name } == ["branches[0].protocol"])
  }

  @Test func whatMayNotBeCalledIsForbidden() {
    let (_, violations) = read(EasyCarEntries.saga { $0.uri = "10.0.0.1:9/a.B/C" })
    #expect(violations.count == 0)
    #expect(violations.forbidden.map(\.address) == ["10.0.0.1:9"])
    #expect(violations.forbidden.map(\.field) == ["branches[0].uri"])
  }

  // MARK: Other parts

  @Test func theLimitsOfCallsHoldUnderTheirNamesHere() {
    #expect(
      fields { $0.reqData = Array(repeating: 0, count: 1 << 20 + 1) } == ["branches[0].reqData"])
    #expect(
      fields { $0.reqHeader = #"{"a b": "v"}"# } == ["branches[0].reqHeader['a b']"])
    let long = String(repeating: "x", count: 8_192)
    #expect(fields { $0.reqHeader = "{\"a\": \"\(long)\"}" } == ["branches[0].reqHeader"])
  }

  @Test(arguments: [(Int32(0), false), (1, true), (99_999, true), (100_000, false), (.min, false)])
  func levelsGoFromOneToTheHighest(level: Int32, isRight: Bool) {
    let told = read(EasyCarEntries.saga { $0.level = level }).violations.fields
    #expect(told == (isRight ? [] : ["branches[0].level"]))
  }

  @Test(arguments: [(Int32(-1), false), (0, true), (3_600, true), (3_601, false), (.max, false)])
  func timeoutsAreSecondsOfAnAttempt(timeout: Int32, isRight: Bool) {
    let told = read(EasyCarEntries.saga { $0.timeout = timeout }).violations.fields
    #expect(told == (isRight ? [] : ["branches[0].timeout"]))
  }

  @Test func branchesAreCountedAsATransactionHasThem() {
    let most = Array(repeating: EasyCarEntries.saga(), count: 1_000).flatMap { $0 }
    #expect(read(most).violations.isEmpty)
    #expect(read(most + EasyCarEntries.tcc()).violations.fields == ["branches"])
    #expect(read([]).violations.fields == ["branches"])
  }

  @Test(arguments: ["", " ", "é", "a;b", String(repeating: "x", count: 51)])
  func theseAreNoIDs(id: String) {
    #expect(read(EasyCarEntries.saga(), id: id).violations.fields == ["gId"])
  }

  @Test func theIDsThatBeginGivesAreIDs() {
    #expect(read(EasyCarEntries.saga(), id: TransactionID.generate()).violations.isEmpty)
  }
}
