import Testing

@testable import Coordinator

struct RequestTemplateTests {
  private let reply = """
    {"reservation": {"id": "r-17", "shelf": 4, "exact": 0.10, "big": 18446744073709551615},
     "ok": true, "items": ["a", {"b/c": null}], "naughty": "\\",\\"x\\":1", "line": "a\\nb"}
    """

  private func fill(
    _ payload: String, _ metadata: [String: String] = [:], knows: Bool = true,
    payloadBytesMax: Int = 1 << 20
  ) throws -> (body: String, headers: [String]) {
    let template = try RequestTemplate(payload: Array(payload.utf8), metadata: metadata)
    let limits = Passing.Limits(payloadBytesMax: payloadBytesMax)
    let (body, headers) = try template.fill(within: limits) { _ in
      knows ? Array(reply.utf8) : nil
    }
    return (String(decoding: body, as: UTF8.self), headers.map { "\($0.name): \($0.value)" })
  }

  @Test func aReferenceAloneTakesTheValueAsItIs() throws {
    let made = try fill(
      #"{"id": "${branch.stock.reply.json:/reservation/id}", "n": "${branch.stock.reply.json:/reservation/shelf}"}"#
    )
    #expect(made.body == #"{"id":"r-17","n":4}"#)
    #expect(
      try fill(#"["${branch.stock.reply.json:/items/1}", "${branch.stock.reply.json:/ok}"]"#).body
        == #"[{"b/c":null},true]"#)
  }

  @Test func numbersLoseNothing() throws {
    #expect(
      try fill(
        #"["${branch.s.reply.json:/reservation/exact}","${branch.s.reply.json:/reservation/big}"]"#
      )
      .body == "[0.10,18446744073709551615]")
  }

  @Test func insideOfTextStandStringsNumbersAndBooleans() throws {
    #expect(
      try fill(
        #"{"note": "held as ${branch.s.reply.json:/reservation/id} on ${branch.s.reply.json:/reservation/shelf}: ${branch.s.reply.json:/ok}"}"#
      )
      .body == #"{"note":"held as r-17 on 4: true"}"#)
  }

  @Test func aReplyCannotBreakOutOfItsString() throws {
    #expect(
      try fill(#"{"note": "${branch.s.reply.json:/naughty}"}"#).body
        == #"{"note":"\",\"x\":1"}"#)
    #expect(
      try fill(#"{"note": "<${branch.s.reply.json:/naughty}>"}"#).body
        == #"{"note":"<\",\"x\":1>"}"#)
  }

  @Test func pointersArePercentDecoded() throws {
    #expect(try fill(#"["${branch.s.reply.json:/items/1/b~1c}"]"#).body == "[null]")
    #expect(try fill(#"["${branch.s.reply.json:/%6Fk}"]"#).body == "[true]")
  }

  @Test func headersTakeReferencesToo() throws {
    let made = try fill(
      "", ["x-reservation": "id=${branch.s.reply.json:/reservation/id}", "a": "b"])
    #expect(made.body.isEmpty)
    #expect(made.headers == ["a: b", "x-reservation: id=r-17"])
  }

  @Test func idsMayHoldDots() throws {
    let template = try RequestTemplate(
      payload: Array(#"["${branch.shop.a/b:1.reply.json:}"]"#.utf8), metadata: [:])
    #expect(template.references.map(\.branch) == ["shop.a/b:1"])
  }

  @Test(arguments: [
    (#"["${branch.s.reply.json:/x|null}"]"#, "[null]"),
    (#"["${branch.s.reply.json:/x|0}"]"#, "[0]"),
    (#"["${branch.s.reply.json:/x|none}"]"#, #"["none"]"#),
    (#"["${branch.s.reply.json:/x|}"]"#, #"[""]"#),
    (#"["a${branch.s.reply.json:/x|7}b"]"#, #"["a7b"]"#),
    (#"["${branch.s.reply.json:/x|{}}"]"#, "[{}]"),
    (#"["${branch.s.reply.json:/x|{\"none\":{\"of\":\"}\"}}}"]"#, #"[{"none":{"of":"}"}}]"#),
    (#"["${branch.s.reply.json:/x|[1,{}]}"]"#, "[[1,{}]]"),
    (#"["${branch.s.reply.json:/x|\"}\"}"]"#, #"["}"]"#),
    (#"["${branch.s.reply.json:/x| {} }"]"#, "[{}]"),
    (#"["<${branch.s.reply.json:/x|\"}\"}>"]"#, #"["<}>"]"#),
  ])
  func theFallbackStandsWhereTheOutcomeIsUnknown(payload: String, made: String) throws {
    #expect(try fill(payload, knows: false).body == made)
  }

  @Test(arguments: ["{}", #"{\"none\":true}"#, #"\"}\""#, "[{}]"])
  func aFallbackThatIsNotNeededLeavesNothingBehind(fallback: String) throws {
    #expect(
      try fill("[\"<${branch.s.reply.json:/ok|\(fallback)}>\"]").body == #"["<true>"]"#)
  }

  @Test func whatIsNoReferenceStandsForItself() throws {
    #expect(
      try fill(#"{"${branch.s.reply.json:/x}": "$5 ${x} {}"}"#).body
        == #"{"${branch.s.reply.json:/x}":"$5 ${x} {}"}"#)
  }

  @Test(arguments: [
    "{", #"["${branch.s.reply.json:/a"]"#, #"["${branch.s}"]"#, #"["${branch.s.reply.json:a}"]"#,
    #"["${branch.s.reply.json:/~2}"]"#, #"["${branch.s.reply.json:/%zz}"]"#,
    #"["${branch.s.reply.json:/a|{}"]"#, #"["${branch.s.reply.json:/a|{}x}"]"#,
    #"["${branch.s.reply.json:/a|{none}}"]"#, #"["${branch.s.reply.json:/a|[1}"]"#,
    #"["${branch.s.reply.json:/a|\"x}"]"#,
  ])
  func malformedTemplatesAreRefused(payload: String) {
    #expect(throws: RequestTemplate.Malformed.self) {
      try RequestTemplate(payload: Array(payload.utf8), metadata: [:])
    }
  }

  @Test(arguments: [
    #"["${branch.s.reply.json:/reservation/id}","${branch.s.reply.json:/reservation/id}"]"#,
    #"["a ${branch.s.reply.json:/reservation/id}${branch.s.reply.json:/ok}"]"#,
    #"["${branch.s.reply.json:/reservation/id}","abcdef"]"#,
    #"["a${branch.s.reply.json:/line}bcdefgh"]"#,
  ])
  func aBodyGrowsNoLongerThanAPayload(payload: String) throws {
    let length = try fill(payload).body.utf8.count
    #expect(try fill(payload, payloadBytesMax: length).body.utf8.count == length)
    let error = #expect(throws: Passing.Problem.self) {
      try fill(payload, payloadBytesMax: length - 1)
    }
    #expect(
      error?.description
        == "the request would be longer than \(length - 1) bytes (limits.payload)")
  }

  @Test func headersGrowNoLongerThanWhatACallerMayWrite() throws {
    // "x", and 8,191 bytes.
    let rest = String(repeating: "y", count: 8_187)
    let reference = "${branch.s.reply.json:/reservation/id}"
    #expect(try fill("", ["x": rest + reference]).headers.count == 1)
    for headers in [["x": rest + "y" + reference], ["x": rest + reference, "z": ""]] {
      let error = #expect(throws: Passing.Problem.self) { try fill("", headers) }
      #expect(error?.description == "the headers would be longer than 8192 bytes")
    }
  }

  @Test func aLongPointerIsNamedByItsBeginning() {
    let pointer = "/" + String(repeating: "é", count: 10_000)
    let error = #expect(throws: Passing.Problem.self) {
      try fill("[\"${branch.s.reply.json:\(pointer)}\"]")
    }
    #expect(error?.text.hasPrefix("its reply has no /éé") == true)
    #expect((error?.text.utf8.count ?? 0) < 100)
  }

  @Test(arguments: [
    (#"["${branch.s.reply.json:/nothing}"]"#, [:], "its reply has no /nothing"),
    (#"["a ${branch.s.reply.json:/items}"]"#, [:], "/items of its reply is no string"),
    ("", ["x": "${branch.s.reply.json:/line}"], "/line of its reply can stand in no header"),
  ])
  func whatCannotBeFilledIsSaid(payload: String, headers: [String: String], problem: String) throws
  {
    let error = #expect(throws: Passing.Problem.self) { _ = try fill(payload, headers) }
    #expect(error?.text.hasPrefix(problem) == true)
  }
}
