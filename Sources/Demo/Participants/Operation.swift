import GRPC
import Messages
import Postgres
import ProtoWire

/// One method by which a participant takes part in transactions.
struct Operation: Sendable {
  /// What the method is to a transaction.
  enum Role: Int16, Sendable {
    /// A try or an action.
    case phaseOne = 1
    case confirm = 2
    /// A cancel or a compensation.
    case undo = 3
  }

  /// `/package.Service/Method`.
  let path: String
  let role: Role
  /// What the work would take in earnest: a warehouse or a bank behind it.
  let effort: Duration
  /// The method's effect, and its reply; inside a transaction of the database.
  let perform: @Sendable (Connection, [UInt8]) throws -> [UInt8]
  /// The reply of an undo that has nothing to undo.
  let nothingDone: @Sendable ([UInt8]) throws -> [UInt8]

  init<Request: NamedMessage, Reply: NamedMessage>(
    _ path: String, _ role: Role, effort: Duration,
    nothingDone: @escaping @Sendable (Request) -> Reply = { _ in Reply() },
    perform: @escaping @Sendable (Connection, Request) throws -> Reply
  ) {
    self.path = path
    self.role = role
    self.effort = effort
    self.perform = { try perform($0, Operation.decode($1)).wireBytes() }
    self.nothingDone = { try nothingDone(Operation.decode($0)).wireBytes() }
  }

  /// - Throws: `Status`: INVALID_ARGUMENT for what is not the message.
  static func decode<Request: NamedMessage>(_ bytes: [UInt8]) throws(Status) -> Request {
    do {
      return try Request(wire: bytes)
    } catch {
      throw Status(.invalidArgument, "not a \(Request.fullName): \(error)")
    }
  }
}

/// A method that only looks.
struct Question: Sendable {
  let path: String
  let answer: @Sendable (Connection, [UInt8]) throws -> [UInt8]

  init<Request: NamedMessage, Reply: NamedMessage>(
    _ path: String, answer: @escaping @Sendable (Connection, Request) throws -> Reply
  ) {
    self.path = path
    self.answer = { try answer($0, Operation.decode($1)).wireBytes() }
  }
}
