import Foundation
import Synchronization

/// Python protobuf in a process of its own (oracle.py), started once for all tests.
final class PythonOracle: Sendable {
  /// The message types that oracle.py knows, by its numbers.
  enum MessageType: UInt8 {
    case everything = 0
    case leaf = 1
    case order = 2
    /// `everything`, its unknown fields kept.
    case everythingWithUnknown = 3
  }

  struct Unavailable: Error, CustomStringConvertible {
    let description: String
  }

  /// One question at a time: answers come in the order of the questions.
  private let socket: Mutex<Int32>

  private static let started = Result { try PythonOracle() }

  static func shared() throws -> PythonOracle { try started.get() }

  private init() throws {
    let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    let root = tests.deletingLastPathComponent().deletingLastPathComponent()
    let environment = ProcessInfo.processInfo.environment
    let python = environment["CARAVAN_PYTHON"] ?? root.path + "/.venv/bin/python"
    guard FileManager.default.isExecutableFile(atPath: python) else {
      throw Unavailable(
        description: """
          no Python interpreter at \(python): `make test` makes one with protobuf and grpcio-tools; \
          CARAVAN_PYTHON names another
          """)
    }
    var pair: [Int32] = [-1, -1]
    guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &pair) == 0 else {
      throw Unavailable(description: "socketpair: \(String(cString: strerror(errno)))")
    }
    _ = fcntl(pair[0], F_SETFD, FD_CLOEXEC)
    socket = Mutex(pair[0])
    let process = Process()
    process.executableURL = URL(fileURLWithPath: python)
    process.arguments = [
      tests.path + "/oracle.py", tests.path + "/Protos/everything.proto",
      tests.path + "/Protos/order.proto",
    ]
    process.standardInput = FileHandle(fileDescriptor: pair[1], closeOnDealloc: false)
    try process.run()
    close(pair[1])
  }

  /// What Python makes of each message: its bytes after decoding and encoding again, nil where it
  /// refuses to decode.
  func roundTrip(
    _ messages: [[UInt8]], as type: MessageType = .everything
  ) throws -> [[UInt8]?] {
    var question: [UInt8] = []
    for message in messages {
      question.append(type.rawValue)
      append(message.count, to: &question)
      question += message
    }
    var framed: [UInt8] = []
    append(question.count, to: &framed)
    framed += question
    let answer = try socket.withLock { socket in
      try send(framed, over: socket)
      return try receive(number(try receive(4, from: socket)[...]), from: socket)
    }
    var answers: [[UInt8]?] = []
    var rest = answer[...]
    while let status = rest.popFirst() {
      let count = number(rest.prefix(4))
      answers.append(status == 1 ? Array(rest.dropFirst(4).prefix(count)) : nil)
      rest = rest.dropFirst(4 + count)
    }
    return answers
  }

  private func append(_ number: Int, to bytes: inout [UInt8]) {
    withUnsafeBytes(of: UInt32(number).littleEndian) { bytes += $0 }
  }

  private func number(_ bytes: ArraySlice<UInt8>) -> Int {
    bytes.reversed().reduce(0) { $0 << 8 | Int($1) }
  }

  private func send(_ bytes: [UInt8], over socket: Int32) throws {
    var sent = 0
    while sent < bytes.count {
      let count = bytes[sent...].withUnsafeBytes {
        Glibc.send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else { throw gone() }
      sent += count
    }
  }

  private func receive(_ count: Int, from socket: Int32) throws -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    var received = 0
    while received < count {
      let more = bytes[received...].withUnsafeMutableBytes {
        recv(socket, $0.baseAddress, $0.count, 0)
      }
      guard more > 0 else { throw gone() }
      received += more
    }
    return bytes
  }

  private func gone() -> Unavailable {
    Unavailable(
      description: """
        oracle.py has ended; its message stands above. It needs protobuf and grpcio-tools, which \
        `make test` installs
        """)
  }
}
