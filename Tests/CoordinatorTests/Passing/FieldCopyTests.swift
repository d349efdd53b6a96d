import ProtoWire
import Testing

@testable import Coordinator

struct FieldCopyTests {
  /// `number: text`, as bytes.
  private func text(_ number: Int, _ text: String) -> [UInt8] {
    var message: [UInt8] = []
    RawField(number: number, wireType: .lengthDelimited, value: Array(text.utf8)[...])
      .append(to: &message)
    return message
  }

  private func inside(_ number: Int, _ message: [UInt8]) -> [UInt8] {
    var outer: [UInt8] = []
    RawField(number: number, wireType: .lengthDelimited, value: message[...]).append(to: &outer)
    return outer
  }

  private func copy(
    _ from: [UInt32], _ to: [UInt32], reply: [UInt8], request: [UInt8]
  ) throws -> [UInt8] {
    try apply([(from, to)], reply: reply, request: request)
  }

  private func apply(
    _ paths: [(from: [UInt32], to: [UInt32])], reply: [UInt8], request: [UInt8],
    bytesMax: Int = 1 << 20
  ) throws(Passing.Problem) -> [UInt8] {
    let copies = paths.map {
      FieldCopy(from: "stock", fromPath: $0.from, toPath: $0.to, orPayload: false)
    }
    return try FieldCopy.apply(
      copies, to: request, within: Passing.Limits(payloadBytesMax: bytesMax)
    ) { _ in reply }
  }

  @Test func aFieldGoesWhereItIsWanted() throws {
    let reply = text(1, "x") + text(2, "r-17")
    let request = text(1, "order-8")
    #expect(
      try copy([2], [5], reply: reply, request: request) == text(1, "order-8") + text(5, "r-17"))
  }

  @Test func whatStoodThereIsReplaced() throws {
    let made = try copy([1], [1], reply: text(1, "new"), request: text(1, "old") + text(2, "b"))
    #expect(made == text(2, "b") + text(1, "new"))
  }

  @Test func pathsLeadThroughMessages() throws {
    let reply = inside(3, text(1, "other") + inside(4, text(7, "deep")))
    let request = inside(2, text(9, "kept"))
    let made = try copy([3, 4, 7], [2, 6, 1], reply: reply, request: request)
    #expect(made == inside(2, text(9, "kept") + inside(6, text(1, "deep"))))
  }

  @Test func anEmptyPathIsTheWholeReply() throws {
    #expect(try copy([], [2], reply: text(1, "all"), request: []) == inside(2, text(1, "all")))
    #expect(try copy([], [2], reply: [], request: []) == [0x12, 0])
  }

  @Test func allOfARepeatedFieldIsCopied() throws {
    let reply = text(1, "a") + text(2, "between") + text(1, "b")
    #expect(try copy([1], [3], reply: reply, request: []) == text(3, "a") + text(3, "b"))
  }

  @Test func aMessageInPartsCountsAsTheirMerge() throws {
    let reply = inside(1, text(1, "a")) + inside(1, text(2, "b"))
    #expect(try copy([1, 2], [1], reply: reply, request: []) == text(1, "b"))
    let request = inside(1, text(1, "a")) + inside(1, text(2, "b"))
    let made = try copy([1], [1, 3], reply: text(1, "c"), request: request)
    #expect(made == inside(1, text(1, "a") + text(2, "b") + text(3, "c")))
  }

  @Test func numbersKeepTheirWireType() throws {
    // 1: varint 300; 2: fixed32; 3: fixed64.
    let reply: [UInt8] = [0x08, 0xAC, 0x02, 0x15, 1, 2, 3, 4, 0x19, 1, 2, 3, 4, 5, 6, 7, 8]
    #expect(try copy([1], [16], reply: reply, request: []) == [0x80, 0x01, 0xAC, 0x02])
    #expect(try copy([2], [1], reply: reply, request: []) == [0x0D, 1, 2, 3, 4])
    #expect(try copy([3], [1], reply: reply, request: []) == [0x09, 1, 2, 3, 4, 5, 6, 7, 8])
  }

  @Test func longValuesAreCopiedWhole() throws {
    let long = String(repeating: "é", count: 20_000)
    #expect(try copy([1], [2], reply: text(1, long), request: []) == text(2, long))
  }

  @Test func aRequestGrowsNoLongerThanAPayload() throws {
    let reply = text(1, String(repeating: "x", count: 40))
    let paths: [(from: [UInt32], to: [UInt32])] = (1...4).map { ([1], [$0]) }
    #expect(try apply(paths, reply: reply, request: [], bytesMax: 168).count == 168)
    let wide = #expect(throws: Passing.Problem.self) {
      try apply(paths, reply: reply, request: [], bytesMax: 167)
    }
    #expect(wide?.description == "the request would be longer than 167 bytes (limits.payload)")
    let inside: [(from: [UInt32], to: [UInt32])] = (1...4).map { ([1], [1, $0]) }
    #expect(try apply(inside, reply: reply, request: [], bytesMax: 171).count == 171)
    #expect(throws: Passing.Problem.self) {
      try apply(inside, reply: reply, request: [], bytesMax: 170)
    }
    #expect(throws: Passing.Problem.self) {
      try apply([([1], [1])], reply: reply, request: text(2, "beside"), bytesMax: 42)
    }
  }

  /// Places that lie in each other, in every order.
  @Test func manyCopiesMakeWhatOneAfterTheOtherMakes() throws {
    let reply = inside(1, text(1, "a") + text(2, "b")) + text(2, "c") + text(2, "d") + [0x18, 7]
    let request =
      text(1, "") + inside(1, text(3, "old")) + text(2, "old") + text(4, "other")
      + inside(1, inside(1, text(1, "deep")))
    let paths: [(from: [UInt32], to: [UInt32])] = [
      ([1], [1]), ([2], [2]), ([3], [1, 3]), ([1, 2], [1, 1, 1]), ([], [2]), ([1], [1, 1]),
      ([2], [2, 5]),
    ]
    for first in paths {
      for second in paths {
        for third in paths {
          let order = [first, second, third]
          guard
            let one = try? order.reduce(request, { try apply([$1], reply: reply, request: $0) })
          else { continue }
          #expect(try apply(order, reply: reply, request: request) == one, "\(order)")
        }
      }
    }
  }

  @Test func eachCopyTakesFromItsOwnBranch() throws {
    let copies = ["a", "b", "a", "c"].enumerated().map { index, branch in
      FieldCopy(
        from: branch, fromPath: [1], toPath: [UInt32(index + 1)], orPayload: branch == "c")
    }
    let limits = Passing.Limits(payloadBytesMax: 100)
    let made = try FieldCopy.apply(copies, to: text(4, "kept"), within: limits) { copy in
      copy.from == "c" ? nil : text(1, copy.from)
    }
    #expect(made == text(4, "kept") + text(1, "a") + text(2, "b") + text(3, "a"))
  }

  private func problem(
    _ from: [UInt32], reply: [UInt8], request: [UInt8] = [], to: [UInt32] = [1]
  ) -> String? {
    do {
      _ = try apply([(from, to)], reply: reply, request: request)
      return nil
    } catch {
      return error.text
    }
  }

  @Test func whatIsNotThereIsSaid() {
    #expect(problem([4, 2], reply: inside(4, text(1, "a"))) == "its reply has no field 4.2")
    #expect(problem([1, 2], reply: [0x08, 1]) == "its reply has no field 1.2")
    #expect(problem([1], reply: []) == "its reply has no field 1")
    #expect(problem([1], reply: [0x0A, 9])?.hasPrefix("its reply is no protobuf message") == true)
    #expect(
      problem([1], reply: text(1, "a"), request: [0xFF])?.hasPrefix("the payload has no room")
        == true)
    #expect(problem([1], reply: [0x0B, 0x0C]) == "field 1 of its reply is a group")
  }
}
