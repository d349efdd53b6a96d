import Mode

/// Ends lives, and begins new ones.
final class CrashPlan {
  private unowned let world: World
  private var next = 0
  private var isArmed = false
  /// Of the crash that happened last.
  private(set) var batchSurvives = false

  init(world: World) { self.world = world }

  private var plan: Scenario.Crash? {
    next < world.scenario.crashes.count ? world.scenario.crashes[next] : nil
  }

  /// The next crash may happen from now on.
  func arm() {
    guard let plan else { return }
    isArmed = true
    if case .at(let instant) = plan.trigger { trigger(next, after: instant) }
  }

  func afterEffect(_ count: Int, of life: Life) {
    guard isArmed, life === world.current, let plan, case .afterEffects(let limit) = plan.trigger,
      count >= limit
    else { return }
    world.histories.note(.crashBetweenEffects)
    crash(plan)
  }

  func saw(_ state: Transaction.State) {
    guard isArmed, let plan, case .after(state, let span) = plan.trigger else { return }
    trigger(next, after: span)
  }

  func sawALevelDone() {
    guard isArmed, let plan, case .betweenLevels(let span) = plan.trigger else { return }
    trigger(next, after: span)
  }

  private func trigger(_ index: Int, after span: Int64) {
    world.clock.after(span) { [self] in
      guard isArmed, next == index, let plan else { return }
      crash(plan)
    }
  }

  private func crash(_ plan: Scenario.Crash) {
    next += 1
    isArmed = false
    guard let life = world.current, life.isAlive, !world.isCalm else { return }
    batchSurvives = plan.batchSurvives
    world.checker.noteCrash()
    if plan.freezes {
      world.trace("life \(life.number) stands still")
      world.histories.note(.freeze)
      let span = 3_000 + plan.downFor
      life.freeze(for: span)
      // Once back it sees that its lease is gone; some time later it ends.
      world.clock.after(span + 1_500) { life.die() }
    } else {
      world.trace("life \(life.number) dies")
      life.die()
    }
    world.clock.after(plan.downFor) { [self] in
      world.beginLife()
      arm()
    }
  }
}
