import Messages
import ProtoWire
import Testing

@testable import Bench

@Suite struct WorkloadTests {
  @Test func branchesAreReadWithCountsAndLevels() throws {
    #expect(
      try BranchShape.list("tcc,saga@1") == [
        BranchShape(mode: .tcc, level: 0), BranchShape(mode: .saga, level: 1),
      ])
    #expect(
      try BranchShape.list("saga@2*3")
        == Array(repeating: BranchShape(mode: .saga, level: 2), count: 3))
  }

  @Test func branchesOverHTTPAreNamed() throws {
    #expect(
      try BranchShape.list("saga/http@1*2,tcc") == [
        BranchShape(mode: .saga, over: .http, level: 1),
        BranchShape(mode: .saga, over: .http, level: 1), BranchShape(mode: .tcc, level: 0),
      ])
    let workload = Workload(branches: try BranchShape.list("saga/http*2,tcc"))
    #expect(workload.name == "Execute of 2 Saga over HTTP, 1 TCC")
  }

  @Test func eachBranchGoesToAParticipantThatSpeaksItsLanguage() throws {
    let workload = Workload(branches: try BranchShape.list("saga,saga/http,tcc/http,tcc"))
    let maker = TransactionMaker(
      workload, participants: ["127.0.0.1:1", "http://127.0.0.1:2"], idPrefix: "t-")
    let execute = try CaravanV1.ExecuteRequest(wire: maker.executeRequest(0))
    let targets = execute.branches.map { branch in
      switch branch.phaseOne?.target {
      case .grpc(let target): target.address + target.method
      case .http(let target): target.url
      case nil: ""
      }
    }
    #expect(
      targets == [
        "127.0.0.1:1/caravan.bench.Participant/Action", "http://127.0.0.1:2/Action",
        "http://127.0.0.1:2/Try", "127.0.0.1:1/caravan.bench.Participant/Try",
      ])
  }

  @Test(arguments: [
    "http", "saga/", "saga/grpc", "saga@1/http", "/http", "", "saga,", "sagas", "saga*0", "saga*",
    "saga@x", "saga@100000", "saga*-1", "tcc*1001",
    "saga*3@2",
  ])
  func whatIsNoBranchIsAnError(_ text: String) {
    #expect(throws: WorkloadError.self) { try BranchShape.list(text) }
  }

  @Test func aThousandBranchesAreTheMost() throws {
    #expect(try BranchShape.list("saga*600,tcc*400").count == 1000)
    #expect(throws: WorkloadError.tooManyBranches("saga*600,tcc*401")) {
      try BranchShape.list("saga*600,tcc*401")
    }
  }

  @Test(arguments: [0.0, 0.01, 0.3, 1.0])
  func refusalsAreAsManyAsTheShareSays(_ share: Double) throws {
    var workload = Workload(branches: try BranchShape.list("saga"))
    workload.refusedShare = share
    let maker = TransactionMaker(workload, participants: ["127.0.0.1:1"], idPrefix: "t-")
    let refused = (0..<1000).filter { maker.isRefused($0) }.count
    #expect(refused == Int(1000 * share))
  }

  @Test func requestsCarryTheIdOfTheirNumber() throws {
    var workload = Workload(branches: try BranchShape.list("saga,tcc"))
    workload.refusedShare = 0.5
    let maker = TransactionMaker(workload, participants: ["127.0.0.1:1"], idPrefix: "t-")
    for number in [0, 7, 1234, 999_999_999_999] {
      let id = maker.id(number)
      #expect(id.hasPrefix("t-") && id.hasSuffix("\(number)"))
      let execute = try CaravanV1.ExecuteRequest(wire: maker.executeRequest(number))
      #expect(execute.id == id)
      let method = maker.isRefused(number) ? ParticipantMethod.refuse : .try
      guard case .grpc(let target) = execute.branches[1].phaseOne?.target else {
        Issue.record("no target")
        continue
      }
      #expect(target.method == method.path)
      #expect(try CaravanV1.BeginRequest(wire: maker.beginRequest(number)).id == id)
      #expect(try CaravanV1.RegisterRequest(wire: maker.registerRequest(number)).id == id)
      #expect(try CaravanV1.CommitRequest(wire: maker.commitRequest(number)).id == id)
      #expect(try CaravanV1.WatchRequest(wire: maker.watchRequest(number)).id == id)
    }
  }

  @Test func threadsShareThePace() {
    var plan = LoadPlan(pace: .closed(concurrency: 10))
    plan.threads = 4
    let shares = (0..<4).map { plan.share(of: $0).pace }
    #expect(
      shares == [
        .closed(concurrency: 3), .closed(concurrency: 3), .closed(concurrency: 2),
        .closed(concurrency: 2),
      ])
  }

  @Test func numbersHaveThreeDigitsThatCount() {
    #expect(
      [0, 0.057, 1.204, 9.996, 17.25, 99.95, 1234.5].map(Figure.short) == [
        "0.00", "0.06", "1.20", "10.00", "17.3", "100.0", "1235",
      ])
  }
}
