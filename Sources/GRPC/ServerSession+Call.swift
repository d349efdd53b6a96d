import HTTP2

extension ServerSession {
  /// One call's record.
  final class Call: Expiring {
    enum Phase {
      /// A unary request is not complete. Moves to: handling, answered, gone.
      case receiving
      /// Delivered; our answer is awaited. Moves to: answered, gone.
      case handling
      /// Answered, or gone without an answer of ours. Moves to: gone.
      case answered
    }

    let id: CallID
    let head: RequestHead
    let kind: MethodTable.Kind
    var phase: Phase
    var reader: MessageReader
    /// A unary request's message, until END_STREAM says that it is the only one.
    var message: [UInt8]?
    /// A streaming response has begun.
    var sentHeaders = false
    /// A streaming call's reader is paused: these bytes wait, and the peer's window stays closed
    /// for them.
    var isPaused = false
    var held: [UInt8] = []
    /// The request ended while its reader was paused.
    var hasHeldEnd = false

    init(_ id: CallID, _ head: RequestHead, kind: MethodTable.Kind, bytesMax: Int) {
      self.id = id
      self.head = head
      self.kind = kind
      phase = kind == .unary ? .receiving : .handling
      reader = MessageReader(bytesMax: bytesMax, encoding: head.encoding)
    }

    /// Answered or gone: a deadline says no more about it.
    var isOver: Bool { phase == .answered }

    /// Bytes held of a request that is not complete.
    var partialBytes: Int { reader.bufferedBytes + (message?.count ?? 0) }
  }
}
