/// What is wrong with how Caravan was started: one line for each mistake, all of them at once.
/// A process that fails by it exits 2.
struct UsageError: Error, Equatable, CustomStringConvertible {
  let problems: [String]

  init(_ problems: String...) { self.problems = problems }
  init(_ problems: [String]) { self.problems = problems }

  var description: String { problems.joined(separator: "\n") }
}
