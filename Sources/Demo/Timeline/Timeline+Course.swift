import Messages

extension Timeline {
  /// Draws up what was seen of a transaction: calls as the participants saw them, and, for attempts
  /// that no participant saw, what Watch told.
  init(id: String, story: String, course: DemoCaller.Course, calls: [SeenCall]) {
    let zero = course.committedAt
    func since(_ instant: ContinuousClock.Instant) -> Double {
      max(0, (instant - zero) / .milliseconds(1))
    }
    let final = course.observations.last?.transaction
    self.id = id
    self.story = story
    end = Self.end(of: final?.state)
    reason = final?.reason.map { reason in
      reason.branch.isEmpty ? reason.text : "\(reason.branch): \(reason.text)"
    }
    length = since(course.answeredAt)

    rows = (final?.branches ?? []).map { branch in
      let own = calls.filter { $0.branch == branch.id }.sorted { $0.began < $1.began }
      let seen = own.map { call in
        Bar(
          from: since(call.began), to: since(call.ended), look: Self.look(of: call),
          action: call.action)
      }
      let firstSeen = own.first.map { since($0.began) } ?? .infinity
      let unreached = Self.failures(of: branch.id, in: course.observations)
        .map { since($0) }.filter { $0 < firstSeen }
        .map {
          Bar(from: $0, to: $0, look: .unreached, action: branch.mode == .tcc ? "try" : "action")
        }
      return Row(
        level: branch.level, name: branch.id, mode: branch.mode == .tcc ? "TCC" : "Saga",
        bars: unreached + seen)
    }
    decision = Self.decision(in: course.observations).map { instant, isCommit in
      // Word of the decision and the calls it causes travel separately; the decision was before.
      let firstAfter = rows.flatMap(\.bars).filter { [.confirmed, .undone].contains($0.look) }
        .map(\.from).min()
      return Decision(at: min(since(instant), firstAfter ?? .infinity, length), isCommit: isCommit)
    }
  }

  private static func look(of call: SeenCall) -> Bar.Look {
    switch call.result {
    case .refused: .refused
    case .failed: .failed
    case .done:
      switch call.action {
      case "confirm": .confirmed
      case "cancel", "compensation": .undone
      default: .done
      }
    }
  }

  /// When each failed attempt of a branch was told.
  private static func failures(
    of branch: String, in observations: [DemoCaller.Observation]
  ) -> [ContinuousClock.Instant] {
    var told: Set<UInt32> = []
    return observations.compactMap { observation in
      guard let outcome = observation.transaction.branches.first(where: { $0.id == branch }),
        !outcome.calling, !outcome.error.isEmpty, told.insert(outcome.attempts).inserted
      else { return nil }
      return observation.at
    }
  }

  private static func decision(
    in observations: [DemoCaller.Observation]
  ) -> (ContinuousClock.Instant, isCommit: Bool)? {
    for observation in observations {
      switch observation.transaction.state {
      case .committing, .committed: return (observation.at, true)
      case .rollingBack, .rolledBack: return (observation.at, false)
      default: continue
      }
    }
    return nil
  }

  private static func end(of state: CaravanV1.State?) -> String {
    switch state {
    case .committed: "COMMITTED"
    case .rolledBack: "ROLLED BACK"
    default: "\(state ?? .unspecified)"
    }
  }
}
