package import ProtoWire

extension EasyCar {
  /// The transaction is begun, durably.
  package struct BeginResp: NamedMessage {
    package static let fullName = "proto.BeginResp"

    /// Its id.
    package var gId: String = ""

    package init() {}

    package mutating func merge(from reader: inout WireReader) throws(WireError) {
      while let field = try reader.nextField() {
        switch field.number {
        case 1: gId = try reader.string(field)
        default: try reader.skip(field)
        }
      }
    }

    package func encode(into writer: inout WireWriter) {
      writer.string(1, gId)
    }
  }

  /// Adds branches.
  package struct RegisterReq: NamedMessage {
    package static let fullName = "proto.RegisterReq"

    /// One action of a branch. A TRY or NORMAL opens a branch; CONFIRM and CANCEL, or COMPENSATION,
    /// follow it.
    package struct Branch: NamedMessage {
      package static let fullName = "proto.RegisterReq.Branch"

      /// `grpc://host:port/package.Service/Method`, the same without a scheme, `http://…` or
      /// `https://…`.
      package var uri: String = ""
      /// The request of the call. A string in the proto; kept as bytes, so that it is sent as it
      /// came.
      package var reqData: [UInt8] = []
      /// Metadata or headers of the call: a JSON object of strings, `null`, or nothing.
      package var reqHeader: String = ""
      /// TCC for TRY, CONFIRM and CANCEL; SAGE for NORMAL and COMPENSATION.
      package var tranType: TranType = .unKnow
      /// `grpc`; `http` for both `http://` and `https://`, or `https`.
      package var protocolName: String = ""
      /// What the entry is in its branch.
      package var action: Action = .unKnowTransactionType
      /// 1 to 99,999; the same for all entries of a branch.
      package var level: Int32 = 0
      /// Seconds that one attempt may take; 0: the coordinator's default.
      package var timeout: Int32 = 0

      package init() {}

      package mutating func merge(from reader: inout WireReader) throws(WireError) {
        while let field = try reader.nextField() {
          switch field.number {
          case 1: uri = try reader.string(field)
          case 2: reqData = try reader.bytes(field)
          case 3: reqHeader = try reader.string(field)
          case 4: tranType = try reader.enum(field)
          case 5: protocolName = try reader.string(field)
          case 6: action = try reader.enum(field)
          case 7: level = try reader.int32(field)
          case 8: timeout = try reader.int32(field)
          default: try reader.skip(field)
          }
        }
      }

      package func encode(into writer: inout WireWriter) {
        writer.string(1, uri)
        writer.bytes(2, reqData)
        writer.string(3, reqHeader)
        writer.enum(4, tranType)
        writer.string(5, protocolName)
        writer.enum(6, action)
        writer.int32(7, level)
        writer.int32(8, timeout)
      }
    }

    /// The transaction's id: 1 to 50 characters.
    package var gId: String = ""
    /// The entries, at least one branch of them.
    package var branches: [Branch] = []

    package init() {}

    package mutating func merge(from reader: inout WireReader) throws(WireError) {
      while let field = try reader.nextField() {
        switch field.number {
        case 1: gId = try reader.string(field)
        case 2: try reader.appendMessage(field, to: &branches, max: WireLimits.branchesMax * 3)
        default: try reader.skip(field)
        }
      }
    }

    package func encode(into writer: inout WireWriter) {
      writer.string(1, gId)
      writer.repeatedMessage(2, branches)
    }
  }

  /// Runs phase one.
  package struct StartReq: NamedMessage {
    package static let fullName = "proto.StartReq"

    /// The transaction's id: 1 to 50 characters.
    package var gId: String = ""

    package init() {}

    package mutating func merge(from reader: inout WireReader) throws(WireError) {
      while let field = try reader.nextField() {
        switch field.number {
        case 1: gId = try reader.string(field)
        default: try reader.skip(field)
        }
      }
    }

    package func encode(into writer: inout WireWriter) {
      writer.string(1, gId)
    }
  }

  /// Commits.
  package struct CommitReq: NamedMessage {
    package static let fullName = "proto.CommitReq"

    /// The transaction's id: 1 to 50 characters.
    package var gId: String = ""

    package init() {}

    package mutating func merge(from reader: inout WireReader) throws(WireError) {
      while let field = try reader.nextField() {
        switch field.number {
        case 1: gId = try reader.string(field)
        default: try reader.skip(field)
        }
      }
    }

    package func encode(into writer: inout WireWriter) {
      writer.string(1, gId)
    }
  }

  /// Rolls back.
  package struct RollBckReq: NamedMessage {
    package static let fullName = "proto.RollBckReq"

    /// The transaction's id: 1 to 50 characters.
    package var gId: String = ""

    package init() {}

    package mutating func merge(from reader: inout WireReader) throws(WireError) {
      while let field = try reader.nextField() {
        switch field.number {
        case 1: gId = try reader.string(field)
        default: try reader.skip(field)
        }
      }
    }

    package func encode(into writer: inout WireWriter) {
      writer.string(1, gId)
    }
  }

  /// Asks for a transaction.
  package struct GetStateReq: NamedMessage {
    package static let fullName = "proto.GetStateReq"

    /// The transaction's id: 1 to 50 characters.
    package var gId: String = ""

    package init() {}

    package mutating func merge(from reader: inout WireReader) throws(WireError) {
      while let field = try reader.nextField() {
        switch field.number {
        case 1: gId = try reader.string(field)
        default: try reader.skip(field)
        }
      }
    }

    package func encode(into writer: inout WireWriter) {
      writer.string(1, gId)
    }
  }
}
