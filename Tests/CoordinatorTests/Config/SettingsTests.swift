import ArgumentParser
import Foundation
import Testing

@testable import Coordinator

@Suite struct SettingsTests {
  @Test func nothingSaidMeansTheDefaultsOfTheDesign() async throws {
    let settings = try await Settings.load()
    #expect(settings.listen == SocketEndpoint(host: "127.0.0.1", port: 7070))
    #expect(settings.httpListen == SocketEndpoint(host: "127.0.0.1", port: 7071))
    #expect(settings.defaults.deadline == .seconds(60))
    #expect(settings.defaults.attemptTimeout == .seconds(10))
    #expect(settings.defaults.phaseOneAttempts == 3)
    #expect(
      settings.defaults.phaseOne
        == Settings.Backoff(
          firstDelay: .milliseconds(100), factor: 2, delayMax: .seconds(2), jitterPercent: 20))
    #expect(
      settings.defaults.phaseTwo
        == Settings.Backoff(
          firstDelay: .milliseconds(100), factor: 2, delayMax: .seconds(60), jitterPercent: 20))
    #expect(settings.defaults.attentionAfter == 10)
    #expect(settings.retention == .days(7))
    #expect(settings.idRetention == .days(90))
    #expect(settings.limits.messageBytesMax == 4_194_304)
    #expect(settings.limits.branchesMax == 1000)
    #expect(settings.allow.patterns.isEmpty)
  }

  @Test func aFlagWinsOverAVariableAndAVariableOverTheFile() async throws {
    let file = try TemporaryFile(#"{"deadline": "1s", "writers": 5, "event-loops": 7}"#)
    let settings = try await Settings.load(
      flags: ["deadline": "3s"],
      environment: ["CARAVAN_DEADLINE": "2s", "CARAVAN_WRITERS": "6"], file: file.path)
    #expect(settings.defaults.deadline == .seconds(3))
    #expect(settings.writers == 6)
    #expect(settings.eventLoops == 7)
  }

  @Test func theEnvironmentNamesTheFileAndTheDatabase() async throws {
    let file = try TemporaryFile(#"{"writers": 5}"#)
    let settings = try await Settings.load(
      environment: [
        "CARAVAN_CONFIG": file.path, "CARAVAN_DATABASE_URL": "postgresql://somewhere/else",
      ])
    #expect(settings.writers == 5)
    #expect(settings.database == "postgresql://somewhere/else")
  }

  @Test func aFileMayNestItsKeysOrWriteThemOut() async throws {
    let file = try TemporaryFile(
      #"""
      {
        "phase-one": {"attempts": 4, "factor": 1.5}, "phase-one.delay": "5ms",
        "unsafe": {"allow-fsync-off": true},
        "participants.allow": ["*.example.com", "10.0.0.0/8:443"]
      }
      """#)
    let settings = try await Settings.load(file: file.path)
    #expect(settings.defaults.phaseOneAttempts == 4)
    #expect(settings.defaults.phaseOne.factor == 1.5)
    #expect(settings.defaults.phaseOne.firstDelay == .milliseconds(5))
    #expect(settings.allowFsyncOff)
    #expect(settings.allow.patterns.map(\.description) == ["*.example.com", "10.0.0.0/8:443"])
  }

  @Test(arguments: SettingTable.all)
  func everySettingRefusesNonsenseByItsNameAndSaysWhatItTakes(setting: Setting) async throws {
    let nonsense = "\u{7}abc"
    let error = try #require(
      await usageError { try await Settings.load(flags: [setting.key: nonsense]) })
    let problem = try #require(error.problems.first)
    #expect(problem.hasPrefix("--\(setting.flag): "))
    #expect(problem.hasSuffix("write \(setting.accepted)"))
    #expect(problem.contains(nonsense) != setting.isSecret)
  }

  @Test(arguments: [
    ("writers", "0"), ("writers", "65"), ("writers", "1.0"), ("writers", "+1"), ("writers", ""),
    ("writers", " 1"), ("writers", "99999999999999999999"), ("deadline", "60"),
    ("deadline", "1.5s"), ("deadline", "-1s"), ("deadline", "0ms"), ("deadline", "366d"),
    ("deadline", "9223372036854775807d"), ("limits.message", "4MB"), ("limits.message", "1KiB"),
    ("phase-one.jitter", "20"), ("phase-one.jitter", "91%"), ("phase-one.factor", "nan"),
    ("phase-one.factor", "0x2"), ("phase-one.factor", "11"), ("listen", "7070"),
    ("listen", "127.0.0.1:65536"), ("listen", "::1:7070"), ("listen", "[localhost]:1"),
    ("log.level", "loud"), ("unsafe.allow-fsync-off", "yes"), ("participants.allow", "a,,b"),
    ("participants.allow", "10.0.0.0/33"), ("participants.allow", "http://a"),
    ("database", "localhost"), ("database", "mysql://localhost/x?a=b"),
  ])
  func aValueOutOfItsFormOrRangeIsRefused(key: String, value: String) async throws {
    let error = await usageError { try await Settings.load(flags: [key: value]) }
    #expect(error?.problems.count == 1)
  }

  @Test func allMistakesAreReportedAtOnceEachWithItsPlace() async throws {
    let file = try TemporaryFile(#"{"retention": "soon", "nonsense": 1}"#)
    let error = try #require(
      await usageError {
        try await Settings.load(
          flags: ["writers": "abc"], environment: ["CARAVAN_LEASE": "1", "CARAVAN_ZEBRA": "1"],
          file: file.path)
      })
    #expect(
      error.problems == [
        "CARAVAN_ZEBRA: no such setting",
        "nonsense in \(file.path): no such setting",
        "--writers: 'abc' is not accepted; write a whole number from 1 to 64",
        "CARAVAN_LEASE: '1' is not accepted; write a duration from 1s to 10m, such as 250ms, "
          + "10s or 7d",
        "retention in \(file.path): 'soon' is not accepted; write a duration from 0ms to 3650d, "
          + "such as 250ms, 10s or 7d",
      ])
  }

  @Test func unknownKeysOfAFileAreErrorsWithAHint() async throws {
    let file = try TemporaryFile(
      #"{"deadlin": "1s", "phase-one": {"retries": 1}, "zebra": {"a": 1}}"#)
    let error = await usageError { try await Settings.load(file: file.path) }
    #expect(
      error?.problems == [
        "deadlin in \(file.path): no such setting; did you mean deadline?",
        "phase-one.retries in \(file.path): no such setting",
        "zebra.a in \(file.path): no such setting",
      ])
  }

  @Test func unknownVariablesAreErrorsButNotThoseOfKubernetesOrTheTests() async throws {
    let error = await usageError {
      try await Settings.load(
        environment: [
          "CARAVAN_DATABASE": "x", "CARAVAN_SERVICE_HOST": "10.0.0.1",
          "CARAVAN_PORT_7070_TCP_ADDR": "10.0.0.1", "CARAVAN_DB_SERVICE_PORT_GRPC": "1",
          "CARAVAN_PORT": "tcp://10.0.0.1:7070", "CARAVAN_TEST_SEEDS": "5", "PATH": "/bin",
        ])
    }
    #expect(
      error?.problems == [
        "CARAVAN_DATABASE: no such setting; did you mean CARAVAN_DATABASE_URL?"
      ])
  }

  @Test(arguments: [
    (#"{"#, "not JSON"), ("[]", "expected a JSON object"), ("", "not JSON"),
    (#"{"writers": null}"#, "write a whole number"), (#"{"writers": 1.5}"#, "not accepted"),
    (#"{"writers": true}"#, "not accepted"), (#"{"writers": [1]}"#, "write a whole number"),
    (#"{"phase-one": {"attempts": 1}, "phase-one.attempts": 1}"#, "written twice"),
  ])
  func aFileThatIsNotSettingsSaysWhy(contents: String, part: String) async throws {
    let file = try TemporaryFile(contents)
    let error = await usageError { try await Settings.load(file: file.path) }
    #expect(error?.problems.count == 1)
    #expect(error?.description.contains(part) == true)
    #expect(error?.description.contains(file.path) == true)
  }

  @Test func aFileThatIsNotThereIsAnError() async throws {
    let error = await usageError { try await Settings.load(file: "/nowhere/caravan.json") }
    #expect(error?.description.contains("/nowhere/caravan.json") == true)
  }

  @Test func valuesThatContradictEachOtherAreErrors() async throws {
    let error = await usageError {
      try await Settings.load(flags: ["phase-one.delay": "3s", "limits.payload": "8MiB"])
    }
    #expect(error?.problems.count == 2)
    #expect(error?.description.contains("--phase-one-delay is larger than") == true)
  }

  @Test func servingBeyondLoopbackAsksForPermittedParticipants() async throws {
    var settings = try await Settings.load(flags: ["database": "host=/tmp"])
    _ = try settings.checkedForServing()
    settings.listen = SocketEndpoint(host: "0.0.0.0", port: 7070)
    #expect(throws: UsageError.self) { try settings.checkedForServing() }
    settings.listen = SocketEndpoint(host: "127.0.0.1", port: 7070)
    settings.httpListen = SocketEndpoint(host: "0.0.0.0", port: 7071)
    #expect(throws: UsageError.self) { try settings.checkedForServing() }
    settings.allow = AllowList(patterns: [try #require(AllowPattern("*"))])
    _ = try settings.checkedForServing()
    settings.database = ""
    #expect(throws: UsageError.self) { try settings.checkedForServing() }
  }

  @Test func httpIsTurnedOffByAnEmptyAddress() async throws {
    #expect(try await Settings.load(flags: ["http.listen": ""]).httpListen == nil)
    let environment = ["CARAVAN_HTTP_LISTEN": "localhost:1"]
    #expect(
      try await Settings.load(environment: environment).httpListen
        == SocketEndpoint(host: "localhost", port: 1))
    let error = await usageError { try await Settings.load(flags: ["http.listen": "localhost"]) }
    #expect(error?.description.contains("--http-listen: 'localhost' is not accepted") == true)
  }

  private func usageError(_ body: () async throws -> Settings) async -> UsageError? {
    do {
      _ = try await body()
      return nil
    } catch {
      return error as? UsageError
    }
  }
}

/// A file that is gone with the value that names it.
final class TemporaryFile {
  let path: String

  init(_ contents: String) throws {
    path = NSTemporaryDirectory() + "caravan-\(UUID().uuidString).json"
    try Data(contents.utf8).write(to: URL(fileURLWithPath: path))
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }
}
