import Bench
import Foundation

/// What `caravan bench --json` writes: what was asked for, and what came of it.
struct BenchRecord: Encodable {
  private let version = Caravan.version
  private let target: String
  private let branches: String
  private let route: String
  private let wait: String
  private let payloadBytes: Int
  private let refusedShare: Double
  private let connections: Int
  private let threads: Int
  private let results: [LoadResult]

  init(_ command: BenchCommand, _ workload: Workload, _ results: [LoadResult]) {
    target = command.target
    branches = command.branches
    route = workload.route.rawValue
    wait = workload.wait.rawValue
    payloadBytes = workload.payloadBytes
    refusedShare = workload.refusedShare
    connections = command.connections
    threads = command.threads
    self.results = results
  }

  /// Times are in microseconds, shares between 0 and 1.
  func write(to path: String) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
    try encoder.encode(self).write(to: URL(fileURLWithPath: path))
  }
}
