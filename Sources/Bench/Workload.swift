import Messages

/// What every transaction of a run looks like.
package struct Workload: Sendable, Equatable {
  /// By which calls a transaction is made.
  package enum Route: String, Sendable, CaseIterable {
    /// Execute: one call.
    case execute
    /// Begin, Register, Commit.
    case steps
  }

  /// When a caller is answered. The end of a transaction is measured in either case.
  package enum Wait: String, Sendable, CaseIterable {
    case end, decision, none

    var message: CaravanV1.Wait {
      switch self {
      case .end: .end
      case .decision: .decision
      case .none: .none
      }
    }
  }

  package var branches: [BranchShape]
  package var route = Route.execute
  package var wait = Wait.end
  /// Bytes of each call's payload.
  package var payloadBytes = 200
  /// Share of the transactions, 0 to 1, whose last branch is refused.
  package var refusedShare = 0.0

  package init(branches: [BranchShape]) {
    self.branches = branches
  }
}

/// One branch of every transaction of a run.
package struct BranchShape: Sendable, Equatable {
  package enum Mode: String, Sendable, CaseIterable {
    case tcc, saga
  }

  package enum Language: Sendable, Equatable {
    case grpc, http
  }

  package var mode: Mode
  package var language: Language
  package var level: UInt32

  package init(mode: Mode, over language: Language = .grpc, level: UInt32) {
    self.mode = mode
    self.language = language
    self.level = level
  }

  /// Branches in one text: `saga,saga`, `saga*10` for ten, `tcc,saga@1` for one on level 1,
  /// `saga/http` for one that is called over HTTP.
  package static func list(_ text: String) throws(WorkloadError) -> [BranchShape] {
    var list: [BranchShape] = []
    for word in text.split(separator: ",", omittingEmptySubsequences: false) {
      list += try branches(word)
      guard list.count <= countMax else { throw .tooManyBranches(text) }
    }
    return list
  }

  /// As many branches as a transaction may have.
  package static let countMax = 1_000
  private static let levelMax: UInt32 = 99_999
  private static let webSuffix = "/http"

  private static func branches(_ word: Substring) throws(WorkloadError) -> [BranchShape] {
    let (rest, count) = number(after: "*", in: word, else: 1)
    let (name, level) = number(after: "@", in: rest, else: 0)
    let isWeb = name.hasSuffix(webSuffix)
    let modeName = isWeb ? name.dropLast(webSuffix.count) : name
    guard let mode = Mode(rawValue: String(modeName)), let level, level <= levelMax, let count,
      (1...UInt32(countMax)).contains(count)
    else { throw .notABranch(String(word)) }
    let shape = BranchShape(mode: mode, over: isWeb ? .http : .grpc, level: level)
    return Array(repeating: shape, count: Int(count))
  }

  /// What stands before the sign, and the number after it: nil where it is none.
  private static func number(
    after sign: Character, in word: Substring, else missing: UInt32
  ) -> (Substring, UInt32?) {
    guard let place = word.lastIndex(of: sign) else { return (word, missing) }
    return (word[..<place], UInt32(word[word.index(after: place)...]))
  }
}

/// Why a text describes no branches.
package enum WorkloadError: Error, Equatable, CustomStringConvertible {
  case notABranch(String)
  case tooManyBranches(String)

  package var description: String {
    switch self {
    case .notABranch(let word):
      """
      '\(word)' is no branch; accepted: tcc or saga, with /http, @LEVEL and *COUNT where wanted, as in \
      saga*10, saga/http or tcc,saga@1
      """
    case .tooManyBranches(let text):
      "'\(text)' has more than \(BranchShape.countMax) branches"
    }
  }
}
