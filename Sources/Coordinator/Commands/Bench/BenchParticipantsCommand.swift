import ArgumentParser
import Bench
import Foundation
import Logging
import NIOCore
import NIOPosix
import Transport

/// The participants of `caravan bench`, in a process of their own.
struct BenchParticipantsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "participants",
    abstract: "Serve participants that remember nothing, until standard input ends.",
    discussion: """
      Prints as its first line the address where it listens for gRPC, as its second the URL for HTTP, and as its last how many \
      calls came, and how many there were at once at most.
      """)

  @Option(help: ArgumentHelp("Where to listen; port 0 lets the system choose.", valueName: "addr"))
  var listen = "127.0.0.1:0"

  @Option(
    help: ArgumentHelp(
      "Where to listen for HTTP; port 0 lets the system choose.", valueName: "addr"))
  var listenHttp = "127.0.0.1:0"

  @Option(help: ArgumentHelp("Threads that serve.", valueName: "count"))
  var threads = 1

  @Option(help: ArgumentHelp("How long each answer takes.", valueName: "duration"))
  var delay = "0ms"

  func validate() throws {
    do {
      _ = try Address(listen)
    } catch {
      throw ValidationError("--listen: \(error)")
    }
    guard SocketEndpoint(listenHttp) != nil else {
      throw ValidationError("--listen-http: accepted is HOST:PORT, such as 127.0.0.1:9000")
    }
    guard (1...256).contains(threads) else {
      throw ValidationError("--threads: accepted is 1 to 256")
    }
    guard let delay = TimeSpan.read(delay), delay <= .hours(1) else {
      throw ValidationError("--delay: accepted is a duration up to 1h, such as 5ms")
    }
  }

  func run() async throws {
    let group = MultiThreadedEventLoopGroup(numberOfThreads: threads)
    let participants = BenchParticipants(
      listen: try Address(listen),
      delay: .milliseconds(Int64(TimeSpan.read(delay)?.milliseconds ?? 0)), group: group,
      logger: BenchCommand.logger)
    let address = try await participants.start()
    let endpoint = SocketEndpoint(listenHttp) ?? SocketEndpoint(host: "127.0.0.1", port: 0)
    let url = try await participants.startWeb(host: endpoint.host, port: endpoint.port)
    FileHandle.standardOutput.write(Data("\(address)\n\(url)\n".utf8))
    await standardInputEnd()
    await participants.stop()
    FileHandle.standardOutput.write(
      Data("\(participants.calls) calls, \(participants.callsAtOnceMost) at once\n".utf8))
    try await group.shutdownGracefully()
  }

  /// Whoever started this process holds the other end, and lets go of it by dying too.
  private func standardInputEnd() async {
    await withCheckedContinuation { continuation in
      Thread.detachNewThread {
        while !FileHandle.standardInput.availableData.isEmpty {}
        continuation.resume()
      }
    }
  }
}

/// Participants that `caravan bench` started by itself.
final class ParticipantsProcess {
  /// Where they listen: an address for gRPC, a URL for HTTP.
  let places: [String]
  private let process: Process
  /// Its end is their sign to stop, also where this process is killed.
  private let lifeline: Pipe

  private init(places: [String], process: Process, lifeline: Pipe) {
    self.places = places
    self.process = process
    self.lifeline = lifeline
  }

  static func start(_ threads: Int) async throws -> ParticipantsProcess {
    let process = Process()
    let lifeline = Pipe()
    let output = Pipe()
    let itself = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    process.executableURL = URL(fileURLWithPath: itself)
    process.arguments = ["bench", "participants", "--threads", "\(threads)"]
    process.standardInput = lifeline
    process.standardOutput = output
    try process.run()
    let said = await withCheckedContinuation { continuation in
      Thread.detachNewThread {
        var bytes = Data()
        while bytes.count(where: { $0 == UInt8(ascii: "\n") }) < 2 {
          let more = output.fileHandleForReading.availableData
          if more.isEmpty { break }
          bytes += more
        }
        continuation.resume(returning: String(decoding: bytes, as: UTF8.self))
      }
    }
    let lines = said.split(separator: "\n").map(String.init)
    guard said.hasSuffix("\n"), lines.count == 2 else {
      process.terminate()
      throw ParticipantsSilent()
    }
    return ParticipantsProcess(places: lines, process: process, lifeline: lifeline)
  }

  func stop() {
    try? lifeline.fileHandleForWriting.close()
    process.waitUntilExit()
  }

  private struct ParticipantsSilent: Error, CustomStringConvertible {
    let description = "the participants' process ended before it said where it listens"
  }
}
