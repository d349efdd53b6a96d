package import ProtoWire

extension CaravanV1 {
  /// One participant's part in a transaction.
  package struct Branch: NamedMessage {
    package static let fullName = "caravan.v1.Branch"

    /// Unique in the transaction: 1 to 128 bytes of `[A-Za-z0-9._:/-]`. The same for all actions of
    /// the branch.
    package var id: String = ""
    /// Levels run one after the other, ascending, 0 to 99,999; the branches of one level run at the
    /// same time.
    package var level: UInt32 = 0
    /// How the branch takes part.
    package var mode: BranchMode = .unspecified
    /// Phase one: the try of a TCC branch, the action of a Saga branch. Absent if and only if
    /// `called_by_caller`.
    package var phaseOne: Call?
    /// The confirm of a TCC branch; absent for Saga.
    package var confirm: Call?
    /// The cancel of a TCC branch, or the compensation of a Saga branch. Absent if and only if
    /// `must_succeed`.
    package var undo: Call?
    /// A Saga branch without compensation. It runs after the decision to commit, and is repeated
    /// until it succeeds. Its level is above the level of every branch that can be undone.
    package var mustSucceed: Bool = false
    /// The caller calls phase one by itself, after it has registered the branch. Commit states that
    /// the call succeeded; everything else treats it as unknown.
    package var calledByCaller: Bool = false
    /// How attempts are repeated.
    package var retry: RetryPolicy?

    package init() {}

    package mutating func merge(from reader: inout WireReader) throws(WireError) {
      while let field = try reader.nextField() {
        switch field.number {
        case 1: id = try reader.string(field)
        case 2: level = try reader.uint32(field)
        case 3: mode = try reader.enum(field)
        case 4: try reader.message(field, into: &phaseOne)
        case 5: try reader.message(field, into: &confirm)
        case 6: try reader.message(field, into: &undo)
        case 7: mustSucceed = try reader.bool(field)
        case 8: calledByCaller = try reader.bool(field)
        case 9: try reader.message(field, into: &retry)
        default: try reader.skip(field)
        }
      }
    }

    package func encode(into writer: inout WireWriter) {
      writer.string(1, id)
      writer.uint32(2, level)
      writer.enum(3, mode)
      writer.message(4, phaseOne)
      writer.message(5, confirm)
      writer.message(6, undo)
      writer.bool(7, mustSucceed)
      writer.bool(8, calledByCaller)
      writer.message(9, retry)
    }
  }

  /// When an unknown or not-sent attempt is repeated. Zero or absent fields take the coordinator's
  /// defaults.
  package struct RetryPolicy: NamedMessage {
    package static let fullName = "caravan.v1.RetryPolicy"

    /// Attempts of phase one, the first included: 1 to 1,000. Phase two is repeated without end.
    package var attemptsMax: UInt32 = 0
    /// Delay before the second attempt.
    package var firstDelay: GoogleProtobuf.Duration?
    /// What the delay is multiplied with after each attempt: 1 to 10.
    package var factor: Double = 0
    /// The longest delay.
    package var delayMax: GoogleProtobuf.Duration?
    /// Share by which each delay varies at random, 0 to 1. Only a negative value means none: 0
    /// takes the default.
    package var jitter: Double = 0
    /// How long one attempt may take, 1 ms to 1 h.
    package var attemptTimeout: GoogleProtobuf.Duration?
    /// Attempts of phase two after which the transaction is flagged for an operator's attention.
    package var attentionAfter: UInt32 = 0

    package init() {}

    package mutating func merge(from reader: inout WireReader) throws(WireError) {
      while let field = try reader.nextField() {
        switch field.number {
        case 1: attemptsMax = try reader.uint32(field)
        case 2: try reader.message(field, into: &firstDelay)
        case 3: factor = try reader.double(field)
        case 4: try reader.message(field, into: &delayMax)
        case 5: jitter = try reader.double(field)
        case 6: try reader.message(field, into: &attemptTimeout)
        case 7: attentionAfter = try reader.uint32(field)
        default: try reader.skip(field)
        }
      }
    }

    package func encode(into writer: inout WireWriter) {
      writer.uint32(1, attemptsMax)
      writer.message(2, firstDelay)
      writer.double(3, factor)
      writer.message(4, delayMax)
      writer.double(5, jitter)
      writer.message(6, attemptTimeout)
      writer.uint32(7, attentionAfter)
    }
  }
}
