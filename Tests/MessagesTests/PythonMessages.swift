/// What Python protobuf writes about the files under Protos/: see messages.py.
enum PythonMessages {
  /// One record of messages.py.
  struct Record {
    var name: String
    var input: [UInt8]
    var expected: [UInt8]
  }

  /// What to ask for.
  enum Kind: String { case full, random, plain, merged, enums }

  static func records(_ kind: Kind, seed: UInt64 = 0, count: Int = 0) throws -> [Record] {
    let set = try Checkout.descriptorSetFile()
    defer { Checkout.remove(set) }
    let output = try Checkout.run(
      Checkout.python,
      [
        Checkout.root + "/Tests/MessagesTests/messages.py",
        set, kind.rawValue, "\(seed)", "\(count)",
      ])
    return self.records(in: output)
  }

  /// The records that a program wrote.
  static func records(in output: [UInt8]) -> [Record] {
    var records: [Record] = []
    var rest = output[...]
    while !rest.isEmpty {
      let name = String(decoding: string(from: &rest), as: UTF8.self)
      records.append(
        Record(name: name, input: string(from: &rest), expected: string(from: &rest)))
    }
    return records
  }

  private static func string(from rest: inout ArraySlice<UInt8>) -> [UInt8] {
    let length = rest.prefix(4).reduce(0) { $0 << 8 | Int($1) }
    defer { rest = rest.dropFirst(4 + length) }
    return [UInt8](rest.dropFirst(4).prefix(length))
  }
}
