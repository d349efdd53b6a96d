/// What a write or a query came to: the answer has the case of what was asked.
package enum Answer: Equatable, Sendable {
  case insert(InsertAnswer)
  case register(RegisterAnswer)
  case take(TakeAnswer)
  case update(UpdateAnswer)
  case get(GetAnswer)
  case list(ListAnswer)
  case sweep(SweepAnswer)
  case completion(CompletionAnswer)
  case lease(LeaseAnswer)

  package var isFailure: Bool {
    switch self {
    case .insert(.failed), .register(.failed), .take(.failed), .update(.failed), .get(.failed),
      .list(.failed), .sweep(.failed), .completion(.failed), .lease(.failed):
      true
    case .insert, .register, .take, .update, .get, .list, .sweep, .completion, .lease: false
    }
  }
}

// MARK: For whoever knows what was asked

extension Answer {
  package var toInsert: InsertAnswer {
    if case .insert(let answer) = self { answer } else { mismatch("an insert") }
  }
  package var toRegister: RegisterAnswer {
    if case .register(let answer) = self { answer } else { mismatch("a registration") }
  }
  package var toTake: TakeAnswer {
    if case .take(let answer) = self { answer } else { mismatch("a take") }
  }
  package var toUpdate: UpdateAnswer {
    if case .update(let answer) = self { answer } else { mismatch("an update") }
  }
  package var toGet: GetAnswer {
    if case .get(let answer) = self { answer } else { mismatch("a get") }
  }
  package var toList: ListAnswer {
    if case .list(let answer) = self { answer } else { mismatch("a list") }
  }
  package var toSweep: SweepAnswer {
    if case .sweep(let answer) = self { answer } else { mismatch("a sweep") }
  }
  package var toCompletion: CompletionAnswer {
    if case .completion(let answer) = self { answer } else { mismatch("a completion") }
  }
  package var toLease: LeaseAnswer {
    if case .lease(let answer) = self { answer } else { mismatch("a lease") }
  }

  private func mismatch(_ asked: String) -> Never {
    preconditionFailure("the store answered \(asked) with \(self)")
  }
}

// MARK: Failures

extension Write {
  /// The answer where nothing is known to be durable.
  package func failed(_ reason: String) -> Answer {
    switch self {
    case .insert: .insert(.failed(reason))
    case .register: .register(.failed(reason))
    case .take: .take(.failed(reason))
    case .update: .update(.failed(reason))
    }
  }
}

extension Query {
  /// The answer where the database could not be reached.
  package func failed(_ reason: String) -> Answer {
    switch self {
    case .get: .get(.failed(reason))
    case .list: .list(.failed(reason))
    case .sweep: .sweep(.failed(reason))
    case .completion: .completion(.failed(reason))
    case .lease: .lease(.failed(reason))
    }
  }
}
