package import ProtoWire

extension EasyCar {
  /// A transaction as it stands.
  package struct GetStateResp: NamedMessage {
    package static let fullName = "proto.GetStateResp"

    /// One action of a branch.
    package struct Branch: NamedMessage {
      package static let fullName = "proto.GetStateResp.branch"

      /// The branch's id: the same for all of its actions.
      package var branchId: String = ""
      /// The request of the call; empty where the response would grow too large.
      package var reqData: String = ""
      /// Metadata or headers of the call: a JSON object of strings; empty where there are none.
      package var reqHeader: String = ""
      /// `grpc://…`, `http://…` or `https://…`.
      package var uri: String = ""
      /// How the branch takes part.
      package var tranType: TranType = .unKnow
      /// `grpc`, `http` or `https`.
      package var protocolName: String = ""
      /// What the entry is in its branch.
      package var action: Action = .unKnowTransactionType
      /// Where it stands.
      package var state: BranchState = .unKnowState
      /// The branch's level.
      package var level: Int64 = 0
      /// What its last attempt failed with.
      package var lastErrMsg: String = ""

      package init() {}

      package mutating func merge(from reader: inout WireReader) throws(WireError) {
        while let field = try reader.nextField() {
          switch field.number {
          case 1: branchId = try reader.string(field)
          case 2: reqData = try reader.string(field)
          case 3: reqHeader = try reader.string(field)
          case 4: uri = try reader.string(field)
          case 5: tranType = try reader.enum(field)
          case 6: protocolName = try reader.string(field)
          case 7: action = try reader.enum(field)
          case 8: state = try reader.enum(field)
          case 9: level = try reader.int64(field)
          case 10: lastErrMsg = try reader.string(field)
          default: try reader.skip(field)
          }
        }
      }

      package func encode(into writer: inout WireWriter) {
        writer.string(1, branchId)
        writer.string(2, reqData)
        writer.string(3, reqHeader)
        writer.string(4, uri)
        writer.enum(5, tranType)
        writer.string(6, protocolName)
        writer.enum(7, action)
        writer.enum(8, state)
        writer.int64(9, level)
        writer.string(10, lastErrMsg)
      }
    }

    /// The transaction's id.
    package var gId: String = ""
    /// Where it stands.
    package var state: GlobalState = .globalDefault
    /// When it ended, in seconds since 1970; 0: it has not.
    package var endTime: Int64 = 0
    /// One entry for each action, in the order of registration.
    package var branches: [Branch] = []

    package init() {}

    package mutating func merge(from reader: inout WireReader) throws(WireError) {
      while let field = try reader.nextField() {
        switch field.number {
        case 1: gId = try reader.string(field)
        case 2: state = try reader.enum(field)
        case 3: endTime = try reader.int64(field)
        case 4: try reader.appendMessage(field, to: &branches, max: WireLimits.branchesMax * 3)
        default: try reader.skip(field)
        }
      }
    }

    package func encode(into writer: inout WireWriter) {
      writer.string(1, gId)
      writer.enum(2, state)
      writer.int64(3, endTime)
      writer.repeatedMessage(4, branches)
    }
  }
}
