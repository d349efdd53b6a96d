import Mode

/// What a participant holds of one branch: the truth that the end is judged by.
struct Ledger {
  enum PhaseOne {
    case none
    case done
    /// Refused, and remembered: the same again gets the same answer.
    case refused
  }

  /// An attempt of phase one that left the coordinator.
  struct Sent {
    /// The fence it carried: it names the life that sent it.
    var life: Int
    var number: UInt32
    /// Nobody can exclude before then that it still arrives.
    var mayLandUntil: Int64
    /// The coordinator learnt that it cannot arrive any more.
    var isSettled = false
    /// What the coordinator was told.
    var result: CallResult?
  }

  var phaseOne = PhaseOne.none
  var isConfirmed = false
  var isUndone = false
  var phaseTwoRefusalsLeft = 0
  /// The caller itself called phase one.
  var wasCalledByCaller = false

  var sent: [Sent] = []
  /// The attempt under way, by the life that makes it.
  var underWay: (life: Int, action: Action, number: UInt32)?
  var fenceMax: Int64 = 0
  /// What the first undo carried.
  var undoPayload: [UInt8]?

  /// What became of the effect.
  var holdsEffect: Bool { phaseOne == .done && !isUndone }

  /// As far as the life `life` can know, phase one may have happened.
  func mayHaveHappened(asKnownTo life: Int) -> Bool {
    for attempt in sent {
      guard attempt.life == life else { return true }
      switch attempt.result {
      case .notSent: continue
      case .refused: return false
      case .done, .unknown, nil: return true
      }
    }
    return false
  }
}
