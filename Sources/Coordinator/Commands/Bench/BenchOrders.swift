import ArgumentParser
import Bench
import Foundation
import NIOCore
import Transport

/// What the command line of `caravan bench` asks for, checked.
struct BenchOrders {
  let workload: Workload
  let plans: [LoadPlan]
  /// Nil: to be started.
  let participants: [String]?
}

extension BenchCommand {
  /// Reads every option, or tells all that is wrong with them.
  func orders() throws -> BenchOrders {
    var reader = OptionReader()
    var workload = Workload(branches: reader.read(branches, "--branches", BranchShape.list))
    workload.route = route
    workload.wait = wait
    workload.payloadBytes = reader.value(
      Size.read(payload), in: 0...1 << 20, "--payload", "a size up to 1MiB, such as 200B")
    workload.refusedShare =
      reader.value(refused, in: 0...100, "--refused", "a percentage from 0 to 100") / 100
    let warmUp = reader.duration(warmUp, in: 0...600_000, "--warm-up")
    let duration = reader.duration(duration, in: 1...86_400_000, "--duration")
    let connections = reader.value(connections, in: 1...1000, "--connections", "1 to 1000")
    let threads = reader.value(threads, in: 1...256, "--threads", "1 to 256")
    let rate = rate.map {
      reader.value($0, in: 0.001...10_000_000, "--rate", "transactions a second, above 0")
    }
    let plans = concurrency.split(separator: ",", omittingEmptySubsequences: false).map { word in
      let callers = reader.value(
        Int(word), in: 1...100_000, "--concurrency", "numbers from 1 to 100000, such as 1,16,64")
      var plan = LoadPlan(
        pace: rate.map { .open(perSecond: $0, concurrencyMax: callers) }
          ?? .closed(concurrency: callers))
      plan.warmUp = warmUp
      plan.duration = duration
      plan.connections = connections
      plan.threads = threads
      return plan
    }
    let addresses = participants?.split(separator: ",").map(String.init)
    for address in [target] + (addresses ?? []) where address.language == .grpc {
      _ = reader.read(address, "--target and --participants") {
        (text: String) throws(AddressError) in [try Address(text)]
      }
    }
    for url in addresses ?? [] where url.language == .http {
      _ = reader.read(url, "--participants") {
        (text: String) throws(HTTPLocation.Problem) in [try HTTPLocation(text)]
      }
    }
    if let addresses {
      reader.check(workload.branches, haveTheirsAmong: addresses)
    }
    reader.file(json, "--json")
    reader.file(svg, "--svg")
    guard reader.problems.isEmpty else {
      throw ValidationError(reader.problems.joined(separator: "\n"))
    }
    return BenchOrders(workload: workload, plans: plans, participants: addresses)
  }
}

/// Reads options and gathers what is wrong with them; what it returns for a wrong one is not used.
private struct OptionReader {
  private(set) var problems: [String] = []

  mutating func read<Value, Failure: Error>(
    _ text: String, _ option: String, _ read: (String) throws(Failure) -> [Value]
  ) -> [Value] {
    do {
      return try read(text)
    } catch {
      problems.append("\(option): \(error)")
      return []
    }
  }

  mutating func value<Value: Comparable>(
    _ value: Value?, in range: ClosedRange<Value>, _ option: String, _ accepted: String
  ) -> Value {
    guard let value, range.contains(value) else {
      problems.append("\(option): accepted is \(accepted)")
      return range.lowerBound
    }
    return value
  }

  mutating func check(_ branches: [BranchShape], haveTheirsAmong places: [String]) {
    if !places.contains(where: { $0.language == .grpc }),
      branches.contains(where: { $0.language == .grpc })
    {
      problems.append("--participants: names none over gRPC (HOST:PORT), and --branches want one")
    }
    if !places.contains(where: { $0.language == .http }),
      branches.contains(where: { $0.language == .http })
    {
      problems.append(
        "--participants: names none over HTTP (http://HOST:PORT), and --branches want one")
    }
  }

  /// Known before the first run, not after the last.
  mutating func file(_ path: String?, _ option: String) {
    guard let path else { return }
    let url = URL(fileURLWithPath: path)
    let isThere = FileManager.default.fileExists(atPath: path)
    let written = isThere ? path : url.deletingLastPathComponent().path
    guard access(written, W_OK) != 0 else { return }
    problems.append("\(option): '\(path)' cannot be written: \(String(cString: strerror(errno)))")
  }

  mutating func duration(
    _ text: String, in milliseconds: ClosedRange<Int>, _ option: String
  ) -> TimeAmount {
    .milliseconds(
      Int64(
        value(
          TimeSpan.read(text)?.milliseconds, in: milliseconds, option,
          "a duration such as 500ms, 10s or 1m")))
  }
}
