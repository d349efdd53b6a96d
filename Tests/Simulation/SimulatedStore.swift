import Mode
import StoreTesting
import Support

@testable import Coordinator
@testable import Store

/// The way from one life to what is durable: batches that take time, fail, or are committed while
/// their answer is lost.
final class SimulatedStore: TransactionStore, @unchecked Sendable {
  private struct Queued {
    var write: Write
    var ticket: UInt64
    var shard: Int
  }

  private unowned let life: Life
  private unowned let world: World
  private var random: SeededGenerator
  private var queue: [Queued] = []
  private var isBusy = false
  /// Tickets without an answer, by sink, and the answer at the end of the history.
  private var open: [[UInt64: Answer]] = [[:], [:]]
  private var isClosed = false
  private var lostPages: [String: Answer] = [:]

  private static let end = "the history has ended"
  /// Items of a batch.
  private static let batchMax = 4

  init(life: Life, random: SeededGenerator) {
    self.life = life
    world = life.world
    self.random = random
  }

  private var isRough: Bool { !world.scenario.weather.isCalm(at: world.clock.now) }
  private var weather: Weather { world.scenario.weather }

  // MARK: Writes

  func submit(_ write: Write, ticket: UInt64, shard: Int) -> Bool {
    if isClosed { return false }
    open[shard][ticket] = write.failed(Self.end)
    guard life.effect() else { return true }
    if isRough, random.chance(weather.fullQueues) {
      world.histories.note(.queueFull)
      open[shard][ticket] = nil
      return false
    }
    queue.append(Queued(write: write, ticket: ticket, shard: shard))
    if !isBusy { sendBatch() }
    return true
  }

  private func sendBatch() {
    guard !queue.isEmpty, life.isAlive else {
      isBusy = false
      return
    }
    isBusy = true
    let batch = Array(queue.prefix(Self.batchMax))
    queue.removeFirst(batch.count)
    let isSlow = isRough && random.chance(weather.slowBatches)
    let fails = isRough && random.chance(weather.failedBatches)
    let isRepeated = isRough && random.chance(10)
    let losesAnswer = isRough && random.chance(weather.lostAnswers)
    world.clock.after(isSlow ? random.number(100...6_000) : random.number(1...4)) { [self] in
      guard life.isAlive || world.crashes.batchSurvives else { return }
      var answers: [(ticket: UInt64, answer: Answer)] = []
      for item in batch {
        var answer = item.write.failed("the connection was lost")
        if !fails {
          answer = perform(item.write)
          // The connection was lost after COMMIT: the store repeats the write, then reads.
          if isRepeated { answer = perform(item.write) }
          if losesAnswer {
            world.histories.note(.answerLost)
            answer = item.write.failed("the answer was lost")
          }
        }
        answers.append((item.ticket, answer))
      }
      world.clock.after(random.number(0...3)) { [self] in
        life.run { [self] in
          for (ticket, _) in answers { open[0][ticket] = nil }
          life.shard.completed(answers)
          sendBatch()
        }
      }
    }
  }

  private func perform(_ write: Write) -> Answer {
    let answer = world.tables.perform(write, at: Instant(milliseconds: world.clock.now))
    if world.isTracing {
      world.trace("  life \(life.number) store: \(write.brief) → \(answer.brief)")
    }
    if !life.isAlive { world.histories.note(.lateBatch) }
    world.checker.rowMayHaveChanged(write.id, by: life)
    return answer
  }

  // MARK: Queries

  /// A page that was taken while its answer was lost is the answer to the next query of its kind.
  private func perform(_ query: Query) -> Answer {
    if let page = lostPages.removeValue(forKey: query.kind) { return page }
    let answer = world.tables.perform(query, at: Instant(milliseconds: world.clock.now))
    if world.isTracing, let brief = query.brief(answer) {
      world.trace("  life \(life.number) store: \(brief)")
    }
    world.checker.rowsMayHaveChanged(by: life)
    return answer
  }

  func submit(_ query: Query, ticket: UInt64, shard: Int) -> Bool {
    if isClosed { return false }
    open[shard][ticket] = query.failed(Self.end)
    guard life.effect() else { return true }
    let fails = isRough && random.chance(weather.failedBatches)
    let losesAnswer = isRough && random.chance(weather.lostAnswers)
    let isSlow = isRough && random.chance(weather.slowBatches)
    world.clock.after(isSlow ? random.number(50...6_000) : random.number(1...3)) { [self] in
      guard life.isAlive else { return }
      var answer = query.failed("the connection was lost")
      if !fails {
        answer = perform(query)
        if losesAnswer {
          world.histories.note(.answerLost)
          if case .sweep(.page) = answer { lostPages[query.kind] = answer }
          answer = query.failed("the answer was lost")
        }
      }
      world.clock.after(random.number(0...3)) { [self] in
        life.run { [self] in
          open[shard][ticket] = nil
          if shard == 0 {
            life.shard.completed([(ticket, answer)])
          } else {
            life.keeper.completed([(ticket, answer)])
          }
        }
      }
    }
    return true
  }

  /// The end of the history: nothing will be answered any more.
  func failAll() {
    isClosed = true
    let waiting = open
    open = [[:], [:]]
    // In one order: a dictionary has another each time.
    let answers = waiting.map { open in open.sorted { $0.key < $1.key }.map { ($0.key, $0.value) } }
    life.shard.completed(answers[0])
    life.keeper.completed(answers[1])
  }
}
