import Demo
import Foundation
import Glibc
import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle
import Synchronization

/// What `caravan dev` runs: its PostgreSQL, the coordinator over it, and the demo.
final class DevService: Service {
  private let settings: Settings
  private let directory: String
  private let showsDemo: Bool
  private let logger: Logger
  private let output = FileDescriptorOutput(descriptor: STDOUT_FILENO)
  private let postgres = Mutex<PrivatePostgres?>(nil)

  init(settings: Settings, directory: String, showsDemo: Bool, logger: Logger) {
    self.settings = settings
    self.directory = directory
    self.showsDemo = showsDemo
    self.logger = logger
  }

  func run() async throws {
    let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
    let postgres = try await PrivatePostgres.start(under: directory, path: path, logger: logger)
    self.postgres.withLock { $0 = postgres }
    say("PostgreSQL    \(postgres.place.data)\(postgres.isAdopted ? " (was running)" : "")")
    do {
      try await serve(over: postgres)
    } catch {
      try? await postgres.stop()
      throw error
    }
    try await postgres.stop()
    say("stopped")
  }

  private func serve(over postgres: PrivatePostgres) async throws {
    var settings = settings
    settings.database = postgres.url
    _ = try await MigrateCommand.migrate(postgres.url)
    let runtime = try CoordinatorRuntime(settings: settings, logger: logger)
    do {
      let address = try await runtime.start()
      say("Coordinator   \(address.grpc)" + (address.http.map { ", HTTP \($0)" } ?? ""))
      try await serveDemo(over: postgres.url, coordinator: "\(address.grpc)", runtime)
    } catch {
      await runtime.drain()
      throw error
    }
  }

  /// Shows the demo and serves until the process is told to stop; then the coordinator drains while
  /// the participants still answer it.
  private func serveDemo(
    over database: String, coordinator: String, _ runtime: CoordinatorRuntime
  ) async throws {
    let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    let output = output
    let demo = Demo(
      coordinator: coordinator, database: database, group: group, logger: logger,
      screen: Screen(
        terminalColumns: Terminal.columns(of: STDOUT_FILENO),
        environment: ProcessInfo.processInfo.environment),
      serveBeside: { try ReflectionService.register(on: &$0) },
      write: { output.write($0 + "\n") })
    if showsDemo {
      try await demo.open()
      say("Participants  " + demo.places.map { "\($0.name) \($0.address)" }.joined(separator: ", "))
    }
    do {
      try await withThrowingTaskGroup { tasks in
        tasks.addTask {
          try? await gracefulShutdown()
          await demo.interrupt()
        }
        if showsDemo { try await demo.show() }
        say("Serving on \(coordinator) until Ctrl-C.")
        try await tasks.waitForAll()
      }
    } catch {
      // What the demo was about when it was told to stop is of no interest.
      if !Task.isShuttingDownGracefully {
        await demo.close()
        throw error
      }
    }
    say("\nDraining …")
    await runtime.drain()
    await demo.close()
    try? await group.shutdownGracefully()
  }

  /// What can be done where the process must end at once.
  func abandon() {
    postgres.withLock { $0 }?.abandon()
  }

  private func say(_ line: String) { output.write(line + "\n") }
}
