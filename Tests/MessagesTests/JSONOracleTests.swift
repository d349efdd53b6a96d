import Messages
import ProtoJSON
import ProtoWire
import Testing

/// Random messages of every type, the same JSON from Caravan and from Python protobuf's
/// json_format.
struct JSONOracleTests {
  @Test(arguments: JSONForms.Source.allCases, [1, 2] as [UInt64])
  func messagesAndTheirJSONAreThoseOfPython(source: JSONForms.Source, seed: UInt64) async throws {
    let mapping = try JSONForms.mapping(source)
    let count = source == .everything ? 40 : 12
    let records = try JSONForms.records(source, ["write", "\(seed)", "\(count)"])
    #expect(records.count >= 80)
    var back: [[UInt8]] = []
    for record in records {
      // Other tests wait for their sockets on the same threads.
      await Task.yield()
      let theirs = try JSONValue(parsing: record.expected)
      let ours = try mapping.document(of: record.input, as: record.name)
      // Python was asked for the original names in half of the documents.
      if !theirs.text.contains("_") {
        #expect(ours.normal == theirs.normal, "\(record.name), seed \(seed)")
      }
      let bytes = try mapping.wireBytes(of: theirs, as: record.name)
      #expect(try mapping.wireBytes(of: ours, as: record.name) == bytes)
      back += [Array(record.name.utf8), record.input, ours.bytes, bytes]
    }
    let wrong = try JSONForms.records(source, "compare", back)
    for record in wrong {
      Issue.record("\(record.name): \(String(decoding: record.input.prefix(400), as: UTF8.self))")
    }
  }

  /// A document, what becomes of it here, and what in Python. docs/codec.md lists the differences.
  struct Case: Sendable, CustomTestStringConvertible {
    enum Verdict: Sendable { case same, refusedByBoth, refusedHere, refusedByPython, otherValue }
    var json: String
    var verdict: Verdict

    init(_ json: String, _ verdict: Verdict) {
      self.json = json
      self.verdict = verdict
    }

    var testDescription: String { json }
  }

  static let cases: [Case] = [
    Case(#"{"int32Value":"7"}"#, .same), Case(#"{"int32_value":7}"#, .same),
    Case(#"{"int32Value":1e2}"#, .same), Case(#"{"int32Value":"1e2"}"#, .same),
    Case(#"{"int32Value":100.0}"#, .same), Case(#"{"int32Value":-0}"#, .same),
    Case(#"{"int32Value":1.5}"#, .refusedByBoth),
    Case(#"{"int32Value":2147483648}"#, .refusedByBoth),
    Case(#"{"int32Value":true}"#, .refusedByBoth), Case(#"{"int32Value":""}"#, .refusedByBoth),
    Case(#"{"int32Value":" 1"}"#, .refusedByBoth), Case(#"{"int32Value":[1]}"#, .refusedByBoth),
    Case(#"{"int32Value":"+5"}"#, .refusedHere), Case(#"{"int32Value":"1_000"}"#, .refusedHere),
    Case(#"{"int32Value":"007"}"#, .refusedHere),
    Case(#"{"uint32Value":-1}"#, .refusedByBoth),
    Case(#"{"uint64Value":18446744073709551615}"#, .same),
    Case(#"{"uint64Value":"18446744073709551616"}"#, .refusedByBoth),
    Case(#"{"int64Value":-9223372036854775808}"#, .same),
    Case(#"{"int64Value":9007199254740993.0}"#, .otherValue),
    Case(#"{"int64Value":"9.007199254740993e15"}"#, .otherValue),
    Case(#"{"int32Value":1,"int32_value":1}"#, .refusedHere),
    Case(#"{"int32Value":1,"int32Value":1}"#, .refusedByBoth),
    Case(#"{"nothing":1}"#, .refusedByBoth), Case(#"{"int32Value":null}"#, .same),
    Case(#"{"boolValue":true}"#, .same), Case(#"{"boolValue":"true"}"#, .refusedByBoth),
    Case(#"{"boolValue":1}"#, .refusedByBoth),
    Case(#"{"doubleValue":"1.5"}"#, .same), Case(#"{"doubleValue":"NaN"}"#, .same),
    Case(#"{"doubleValue":"-Infinity"}"#, .same), Case(#"{"doubleValue":NaN}"#, .refusedByBoth),
    Case(#"{"doubleValue":1e400}"#, .refusedByBoth),
    Case(#"{"doubleValue":"nan"}"#, .refusedByBoth),
    Case(#"{"doubleValue":"inf"}"#, .refusedHere), Case(#"{"doubleValue":"1e400"}"#, .refusedHere),
    Case(#"{"floatValue":3.5e38}"#, .refusedByBoth), Case(#"{"floatValue":0.1}"#, .same),
    Case(#"{"color":"COLOR_RED"}"#, .same), Case(#"{"color":1}"#, .same),
    Case(#"{"color":77}"#, .same),
    Case(#"{"color":-1}"#, .same), Case(#"{"color":"COLOR_BLUE"}"#, .refusedByBoth),
    Case(#"{"color":"1"}"#, .refusedHere), Case(#"{"color":"color_red"}"#, .refusedByBoth),
    Case(#"{"stringValue":"é\u0000\ud83d\ude8c"}"#, .same),
    Case(#"{"stringValue":1}"#, .refusedByBoth),
    Case(#"{"stringValue":"\ud83d"}"#, .refusedByBoth),
    Case("{\"stringValue\":\"\n\"}", .refusedByBoth),
    Case(#"{"bytesValue":"+/8="}"#, .same), Case(#"{"bytesValue":"-_8"}"#, .same),
    Case(#"{"bytesValue":"AAA"}"#, .same), Case(#"{"bytesValue":""}"#, .same),
    Case(#"{"bytesValue":"A"}"#, .refusedByBoth), Case(#"{"bytesValue":"A*AA"}"#, .refusedHere),
    Case(#"{"bytesValue":"AB"}"#, .refusedHere), Case(#"{"bytesValue":"AA=A"}"#, .refusedHere),
    Case(#"{"leaf":{}}"#, .same), Case(#"{"leaf":null}"#, .same),
    Case(#"{"leaf":[]}"#, .refusedHere),
    Case(#"{"leaf":1}"#, .refusedByBoth), Case(#"{"children":[{},{"leaf":{}}]}"#, .same),
    Case(#"{"children":[null]}"#, .refusedByBoth), Case(#"{"int32s":null}"#, .same),
    Case(#"{"int32s":[1,"2",3e0]}"#, .same), Case(#"{"int32s":[null]}"#, .refusedByBoth),
    Case(#"{"int32s":1}"#, .refusedByBoth), Case(#"{"int32s":{}}"#, .refusedByBoth),
    Case(#"{"number":0}"#, .same), Case(#"{"number":1,"text":"a"}"#, .refusedByBoth),
    Case(#"{"number":null,"text":"a"}"#, .same), Case(#"{"text":""}"#, .same),
    Case(#"{"stringToString":{"a":"b","":""}}"#, .same),
    Case(#"{"stringToString":{"a":null}}"#, .refusedByBoth),
    Case(#"{"stringToString":[]}"#, .refusedByBoth),
    Case(#"{"boolToColor":{"true":"COLOR_RED","false":1}}"#, .same),
    Case(#"{"boolToColor":{"True":1}}"#, .refusedByBoth),
    Case(#"{"boolToColor":{"1":1}}"#, .refusedByBoth),
    Case(#"{"sint32ToSfixed64":{"-1":"5"}}"#, .same),
    Case(#"{"sint32ToSfixed64":{"1":"5","1.0":"6"}}"#, .refusedHere),
    Case(#"{"uint64ToDouble":{"18446744073709551615":"NaN"}}"#, .same),
    Case(#"[]"#, .refusedHere), Case(#"null"#, .refusedByBoth), Case(#"1"#, .refusedByBoth),
    Case(#""#, .refusedByBoth),
    Case(#"{} {}"#, .refusedByBoth),
  ]

  @Test func documentsAreTakenAndRefusedAsByPythonButForTheListedOnes() throws {
    let mapping = try JSONForms.mapping(.everything)
    let name = "test.Everything"
    let verdicts = try JSONForms.records(
      .everything, "judge", Self.cases.flatMap { [Array(name.utf8), Array($0.json.utf8)] })
    try #require(verdicts.count == Self.cases.count)
    for (item, python) in zip(Self.cases, verdicts) {
      let theirs = python.expected == Array("taken".utf8) ? python.input : nil
      let ours = try? mapping.wireBytes(of: JSONValue(parsing: item.json), as: name)
      let verdict: Case.Verdict =
        switch (ours, theirs) {
        case (nil, nil): .refusedByBoth
        case (nil, _?): .refusedHere
        case (_?, nil): .refusedByPython
        case (let ours?, let theirs?): ours.sorted() == theirs.sorted() ? .same : .otherValue
        }
      #expect(
        verdict == item.verdict, "\(item.json): \(String(decoding: python.expected, as: UTF8.self))"
      )
    }
  }
}
