import Messages

/// What the calls of a request's branches take from replies: read by the checks, and handed on to
/// all that need it. Most requests have none.
struct CallPassings: Sendable {
  private struct Place: Hashable {
    let branch: Int
    let part: CallPart
  }

  private var passings: [Place: Passing] = [:]

  var isEmpty: Bool { passings.isEmpty }

  /// The replies that are used.
  var uses: some Sequence<Passing.Use> { passings.values.lazy.flatMap(\.uses) }

  /// - Parameters:
  ///   - branch: its index in the request
  ///   - part: which of its calls
  subscript(branch: Int, part: CallPart) -> Passing? {
    get { passings.isEmpty ? nil : passings[Place(branch: branch, part: part)] }
    set {
      // To set nil where nothing is would allocate.
      if newValue != nil || !passings.isEmpty {
        passings[Place(branch: branch, part: part)] = newValue
      }
    }
  }
}
