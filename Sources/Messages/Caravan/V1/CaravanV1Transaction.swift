package import ProtoWire

extension CaravanV1 {
  /// A transaction as it stands.
  package struct Transaction: NamedMessage {
    package static let fullName = "caravan.v1.Transaction"

    /// Chosen by the caller, or a UUID (version 7) made by the coordinator.
    package var id: String = ""
    /// Where it stands.
    package var state: State = .unspecified
    /// What became of each branch, in the order of registration. Not in List.
    package var branches: [BranchOutcome] = []
    /// Why it rolls back; absent where it does not.
    package var reason: RollbackReason?
    /// Without a decision by then it rolls back.
    package var deadline: GoogleProtobuf.Timestamp?
    /// When it was begun.
    package var createdAt: GoogleProtobuf.Timestamp?
    /// When it ended; absent before.
    package var endedAt: GoogleProtobuf.Timestamp?
    /// Why an operator should look at it; empty where none has to.
    package var needsAttention: String = ""
    /// An operator stopped its calls.
    package var paused: Bool = false
    /// Number of branches, also where `branches` is left out.
    package var branchCount: UInt32 = 0
    /// The incarnation of the coordinator that drives it; 0 where none does.
    package var owner: UInt64 = 0
    /// Grows with every change of owner; participants receive it as `caravan-fence`.
    package var fence: UInt64 = 0
    /// Who was told of the end; absent where nobody is to be told. Not in List.
    package var completion: CompletionOutcome?

    package init() {}

    package mutating func merge(from reader: inout WireReader) throws(WireError) {
      while let field = try reader.nextField() {
        switch field.number {
        case 1: id = try reader.string(field)
        case 2: state = try reader.enum(field)
        case 3: try reader.appendMessage(field, to: &branches)
        case 4: try reader.message(field, into: &reason)
        case 5: try reader.message(field, into: &deadline)
        case 6: try reader.message(field, into: &createdAt)
        case 7: try reader.message(field, into: &endedAt)
        case 8: needsAttention = try reader.string(field)
        case 9: paused = try reader.bool(field)
        case 10: branchCount = try reader.uint32(field)
        case 11: owner = try reader.uint64(field)
        case 12: fence = try reader.uint64(field)
        case 13: try reader.message(field, into: &completion)
        default: try reader.skip(field)
        }
      }
    }

    package func encode(into writer: inout WireWriter) {
      writer.string(1, id)
      writer.enum(2, state)
      writer.repeatedMessage(3, branches)
      writer.message(4, reason)
      writer.message(5, deadline)
      writer.message(6, createdAt)
      writer.message(7, endedAt)
      writer.string(8, needsAttention)
      writer.bool(9, paused)
      writer.uint32(10, branchCount)
      writer.uint64(11, owner)
      writer.uint64(12, fence)
      writer.message(13, completion)
    }
  }

  /// What became of a branch.
  package struct BranchOutcome: NamedMessage {
    package static let fullName = "caravan.v1.BranchOutcome"

    /// The branch's id.
    package var id: String = ""
    /// Its level.
    package var level: UInt32 = 0
    /// Its mode.
    package var mode: BranchMode = .unspecified
    /// What is known of its phase one.
    package var phaseOne: PhaseOne = .unspecified
    /// Where its phase two stands.
    package var phaseTwo: PhaseTwo = .unspecified
    /// Attempts of the call that was last made, since the coordinator last took the transaction up.
    package var attempts: UInt32 = 0
    /// The participant's reply to phase one, at most 64 KiB of it.
    package var reply: [UInt8] = []
    /// The reply was larger than what is kept of one branch or of one transaction, and is not here.
    package var replyOmitted: Bool = false
    /// The last failure: which call, what came back; at most 1 KiB. Empty after a success.
    package var error: String = ""
    /// When the next attempt is due; absent while a call is under way or nothing is owed.
    package var nextAttemptAt: GoogleProtobuf.Timestamp?
    /// A call is under way.
    package var calling: Bool = false
    /// Why its call waits, or would wait, for its participant: an open circuit, too many calls
    /// under way, too many retries. Empty where nothing holds it up.
    package var waitsFor: String = ""

    package init() {}

    package mutating func merge(from reader: inout WireReader) throws(WireError) {
      while let field = try reader.nextField() {
        switch field.number {
        case 1: id = try reader.string(field)
        case 2: level = try reader.uint32(field)
        case 3: mode = try reader.enum(field)
        case 4: phaseOne = try reader.enum(field)
        case 5: phaseTwo = try reader.enum(field)
        case 6: attempts = try reader.uint32(field)
        case 7: reply = try reader.bytes(field)
        case 8: replyOmitted = try reader.bool(field)
        case 9: error = try reader.string(field)
        case 10: try reader.message(field, into: &nextAttemptAt)
        case 11: calling = try reader.bool(field)
        case 12: waitsFor = try reader.string(field)
        default: try reader.skip(field)
        }
      }
    }

    package func encode(into writer: inout WireWriter) {
      writer.string(1, id)
      writer.uint32(2, level)
      writer.enum(3, mode)
      writer.enum(4, phaseOne)
      writer.enum(5, phaseTwo)
      writer.uint32(6, attempts)
      writer.bytes(7, reply)
      writer.bool(8, replyOmitted)
      writer.string(9, error)
      writer.message(10, nextAttemptAt)
      writer.bool(11, calling)
      writer.string(12, waitsFor)
    }
  }

  /// Why a transaction rolls back.
  package struct RollbackReason: NamedMessage {
    package static let fullName = "caravan.v1.RollbackReason"

    /// What caused it.
    package enum Cause: WireEnum {
      /// Not set: the transaction does not roll back.
      case unspecified
      /// Rollback was called.
      case requested
      /// A participant refused.
      case refused
      /// The attempts of a branch were used up, or a refusal came after an attempt of unknown
      /// outcome.
      case exhausted
      /// No decision was made by the deadline.
      case deadline
      /// A value that this version does not know.
      case unrecognized(Int32)

      package init(rawValue: Int32) {
        switch rawValue {
        case 0: self = .unspecified
        case 1: self = .requested
        case 2: self = .refused
        case 3: self = .exhausted
        case 4: self = .deadline
        default: self = .unrecognized(rawValue)
        }
      }

      package var rawValue: Int32 {
        switch self {
        case .unspecified: 0
        case .requested: 1
        case .refused: 2
        case .exhausted: 3
        case .deadline: 4
        case .unrecognized(let rawValue): rawValue
        }
      }
    }

    /// What caused it.
    package var cause: RollbackReason.Cause = .unspecified
    /// The branch that caused it; empty where none did.
    package var branch: String = ""
    /// In words; at most 1 KiB.
    package var text: String = ""

    package init() {}

    package mutating func merge(from reader: inout WireReader) throws(WireError) {
      while let field = try reader.nextField() {
        switch field.number {
        case 1: cause = try reader.enum(field)
        case 2: branch = try reader.string(field)
        case 3: text = try reader.string(field)
        default: try reader.skip(field)
        }
      }
    }

    package func encode(into writer: inout WireWriter) {
      writer.enum(1, cause)
      writer.string(2, branch)
      writer.string(3, text)
    }
  }
}
