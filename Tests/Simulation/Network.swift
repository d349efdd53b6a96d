import Mode
import Support

@testable import Coordinator

/// The way between the coordinator's lives and the participants.
///
/// A call lands by its timeout or never, except where the weather says otherwise.
final class Network {
  private unowned let world: World
  private var random: SeededGenerator
  /// By transaction and branch.
  var ledgers: [[Ledger]]
  /// Requests that will still arrive.
  private(set) var landings = 0

  init(world: World, random: SeededGenerator) {
    self.world = world
    self.random = random
    ledgers = world.scenario.transactions.map { transaction in
      transaction.branches.map { branch in
        var ledger = Ledger()
        ledger.phaseTwoRefusalsLeft = branch.phaseTwoRefusals
        return ledger
      }
    }
  }

  /// How a call fares, drawn when it is sent.
  private struct Passage {
    var refusedConnection = false
    var arrivesAfter: Int64?
    var arrivesAgainAfter: Int64?
    var replyTakes: Int64?
    var breaksAfter: Int64?
  }

  private func draw(_ branch: PlannedBranch, timeout: Int64) -> Passage {
    let weather = world.scenario.weather
    var passage = Passage()
    passage.arrivesAfter = random.number(1...8)
    passage.replyTakes = random.number(1...8)
    let now = world.clock.now
    if weather.isCalm(at: now) { return passage }
    if weather.isOut(server: branch.server, at: now) || random.chance(weather.notSent) {
      if random.chance(70) {
        passage.refusedConnection = true
        return passage
      }
      passage.arrivesAfter = nil
      return passage
    }
    if random.chance(weather.slowRequests) {
      passage.arrivesAfter = random.number(1...(timeout - 1))
    }
    if random.chance(weather.duplicates) {
      // Before its reply arrives: after a reply nobody waits for the same call again.
      passage.arrivesAgainAfter =
        passage.arrivesAfter! + random.number(0...passage.replyTakes!)
    }
    if random.chance(weather.lostReplies) { passage.replyTakes = nil }
    if random.chance(weather.lostRequests) { passage.arrivesAfter = nil }
    if random.chance(weather.brokenConnections) {
      passage.breaksAfter = random.number(0...(timeout - 1))
    }
    if weather.landsLate, random.chance(20) {
      passage.arrivesAfter = timeout + random.number(1...5_000)
    }
    return passage
  }

  func send(_ call: OutgoingCall, from life: Life) {
    let (transaction, branch) = call.place
    let planned = world.scenario.transactions[transaction].branches[branch]
    let timeout = call.attempt.timeout.milliseconds
    let sentAt = world.clock.now
    let passage = draw(planned, timeout: timeout)
    let isPhaseOne = call.attempt.action == .try || call.attempt.action == .action
    var index: Int?
    if isPhaseOne {
      ledgers[transaction][branch].sent.append(
        Ledger.Sent(
          life: Int(call.fence), number: call.attempt.number, mayLandUntil: sentAt + timeout))
      index = ledgers[transaction][branch].sent.count - 1
    }
    let passing = Passing(
      call: call, life: life, transaction: transaction, branch: branch, sentIndex: index)
    if passage.refusedConnection {
      world.clock.after(1) { self.report(.notSent, passing) }
      return
    }
    if let arrives = passage.arrivesAfter {
      land(passing, after: arrives, replyTakes: passage.replyTakes, timeout: timeout)
      if let again = passage.arrivesAgainAfter, again < timeout {
        land(passing, after: again, replyTakes: nil, timeout: timeout)
      }
    }
    if let breaks = passage.breaksAfter {
      world.clock.after(breaks) { self.report(.lost, passing) }
    }
    world.clock.after(timeout) { self.report(.timedOut, passing) }
  }

  /// A call on its way, and whether its end was reported.
  final class Passing {
    let call: OutgoingCall
    let life: Life
    let transaction: Int
    let branch: Int
    let sentIndex: Int?
    var isOver = false

    init(call: OutgoingCall, life: Life, transaction: Int, branch: Int, sentIndex: Int?) {
      self.call = call
      self.life = life
      self.transaction = transaction
      self.branch = branch
      self.sentIndex = sentIndex
    }
  }

  private func land(
    _ passing: Passing, after span: Int64, replyTakes: Int64?, timeout: Int64
  ) {
    landings += 1
    world.clock.after(span) { [self] in
      landings -= 1
      let meaning = arrive(passing)
      guard let replyTakes else { return }
      world.clock.after(replyTakes) { self.report(meaning, passing) }
    }
  }

  /// The participant acts.
  private func arrive(_ passing: Passing) -> Wire.Meaning {
    let action = passing.call.attempt.action
    let planned = world.scenario.transactions[passing.transaction].branches[passing.branch]
    let weather = world.scenario.weather
    let isRough = !weather.isCalm(at: world.clock.now)
    if isRough, random.chance(weather.unknownAnswers) {
      let acts = random.chance(50)
      if acts { _ = act(action, planned, passing.transaction, passing.branch) }
      world.trace("    \(name(passing)) \(acts ? "acts and" : "") does not know")
      if random.chance(20) { return .lost }
      if planned.pushback != nil { world.histories.note(.pushback) }
      return .unknown(pushback: planned.pushback)
    }
    let isDone = act(action, planned, passing.transaction, passing.branch)
    world.trace("    \(name(passing)) \(isDone ? "done" : "refused")")
    // A message with a number in its field 1, another one each time: whoever passes it on is to
    // pass on the one that is durable.
    return isDone ? .done(reply: [0x08, UInt8(random.below(128))]) : .refused
  }

  /// True: done; false: refused.
  func act(
    _ action: Action, _ planned: PlannedBranch, _ transaction: Int, _ branch: Int
  ) -> Bool {
    var ledger = ledgers[transaction][branch]
    defer { ledgers[transaction][branch] = ledger }
    switch action {
    case .try, .action:
      if ledger.isUndone {
        world.histories.note(.phaseOneAfterUndo)
        world.checker.phaseOneArrivedAfterUndo(transaction, branch)
        return false
      }
      if planned.refuses {
        ledger.phaseOne = .refused
        return false
      }
      if ledger.phaseOne == .done, planned.refusesRepeats { return false }
      ledger.phaseOne = .done
      return true
    case .confirm:
      if refusesPhaseTwo(&ledger) { return false }
      world.checker.confirmArrived(transaction, branch, ledger)
      ledger.isConfirmed = true
      return true
    case .cancel, .compensation:
      if refusesPhaseTwo(&ledger) { return false }
      world.checker.undoArrived(transaction, branch, ledger)
      if ledger.phaseOne == .none { world.histories.note(.undoWithoutPhaseOne) }
      ledger.isUndone = true
      return true
    }
  }

  private func refusesPhaseTwo(_ ledger: inout Ledger) -> Bool {
    guard ledger.phaseTwoRefusalsLeft > 0 else { return false }
    ledger.phaseTwoRefusalsLeft -= 1
    return true
  }

  /// The end of a call, by way of what its participant speaks.
  private func report(_ meaning: Wire.Meaning, _ passing: Passing) {
    let planned = world.scenario.transactions[passing.transaction].branches[passing.branch]
    let wire = Wire(language: planned.language, now: Instant(milliseconds: world.clock.now))
    let made = wire.report(
      meaning, alsoDoneOn: passing.call.definition.alsoDoneOn, using: &random)
    if !Wire.agrees(meaning, made.result) {
      world.checker.fail("\(name(passing)): \(meaning) over \(wire.language) came to \(made)")
    }
    report(made, passing)
  }

  /// The coordinator learns how the call ended, if it still lives.
  private func report(_ report: CallReport, _ passing: Passing) {
    let life = passing.life
    guard life.isAlive else { return }
    if passing.isOver {
      // The reply that comes after the timeout says nothing any more.
      if case .unknown(answered: false, _) = report.result { return }
      // Behind a frozen life's timeout it would not be late: the first of the two is the end.
      if life.isFrozen { return }
      world.histories.note(.lateReply)
      life.shard.replied(to: passing.call.ticket, report)
      return
    }
    passing.isOver = true
    if life.isFrozen {
      life.onThaw.append { self.deliver(report, passing) }
    } else {
      deliver(report, passing)
    }
  }

  private func deliver(_ report: CallReport, _ passing: Passing) {
    guard passing.life.isAlive else { return }
    let transaction = passing.transaction
    let branch = passing.branch
    let attempt = passing.call.attempt
    if let under = ledgers[transaction][branch].underWay, under.life == Int(passing.call.fence),
      under.action == attempt.action, under.number == attempt.number
    {
      ledgers[transaction][branch].underWay = nil
    }
    if let index = passing.sentIndex {
      let earlier = ledgers[transaction][branch].sent[..<index]
      if report.result == .refused,
        earlier.contains(where: { $0.result != .notSent && $0.result != .refused })
      {
        world.histories.note(.refusalAfterUnknown)
      }
      if report.result == .refused { world.checker.refused(of: transaction) }
      ledgers[transaction][branch].sent[index].result = report.result
      switch report.result {
      case .done, .refused, .notSent, .unknown(answered: true, _):
        ledgers[transaction][branch].sent[index].isSettled = true
      case .unknown(answered: false, _): break
      }
    }
    world.trace("  \(name(passing)) ended: \(report.result)")
    passing.life.shard.replied(to: passing.call.ticket, report)
    if report.result == .done { world.checker.replied(of: transaction) }
    if !world.scenario.weather.isCalm(at: world.clock.now), random.chance(3) {
      world.histories.note(.duplicateReply)
      passing.life.shard.replied(to: passing.call.ticket, CallReport(.refused))
    }
  }

  private func name(_ passing: Passing) -> String {
    let call = passing.call
    return
      "\(call.ticket.transaction) \(call.branchID) \(call.attempt.action) #\(call.attempt.number)"
  }
}

extension OutgoingCall {
  /// The indices of its transaction and branch, by their ids.
  var place: (transaction: Int, branch: Int) {
    (Int(ticket.transaction.dropFirst("order-".count))!, Int(branchID.dropFirst())!)
  }
}
