import ProtoJSON
import Testing

@Suite struct JSONValueTests {
  @Test(arguments: [
    #"null"#, #"true"#, #"false"#, #"0"#, #"-0"#, #"18446744073709551615"#, #"1.50"#, #"-1e-300"#,
    #"2E+5"#,
    #""""#, #""é中🚌""#, #""\"\\\b\f\n\r\t\u0000\u001f""#, #"[]"#, #"[1,[2,{}],"x"]"#,
    #"{"b":1,"a":{"":null}}"#,
  ])
  func documentIsWrittenAsItWasRead(_ text: String) throws {
    #expect(try JSONValue(parsing: text).text == text)
  }

  @Test func spaceAroundTokensIsSkipped() throws {
    #expect(try JSONValue(parsing: " \t\r\n{ \"a\" : [ 1 , 2 ] } ").text == #"{"a":[1,2]}"#)
  }

  @Test func escapesBecomeCharacters() throws {
    #expect(
      try JSONValue(parsing: #""\u0041\u00e9\u4e2d\ud83d\ude8c\/""#) == .string("Aé中🚌/"))
  }

  @Test(arguments: [
    ("", JSONError.Code.truncated, 0), (" ", .truncated, 1), ("[1", .truncated, 2),
    ("[1,", .truncated, 3),
    ("\"ab", .truncated, 3), ("\"\\", .truncated, 2), ("\"\\u00", .truncated, 5),
    ("tru", .truncated, 3),
    ("{\"a\"", .truncated, 4), ("[1,]", .unexpected(UInt8(ascii: "]")), 3),
    ("{\"a\":1,}", .unexpected(UInt8(ascii: "}")), 7), ("{a:1}", .unexpected(UInt8(ascii: "a")), 1),
    ("'a'", .unexpected(UInt8(ascii: "'")), 0), ("+1", .unexpected(UInt8(ascii: "+")), 0),
    ("NaN", .unexpected(UInt8(ascii: "N")), 0), ("nul1", .unexpected(UInt8(ascii: "1")), 3),
    ("01", .number, 0), ("-", .number, 0), ("1.", .number, 0), ("[1e]", .number, 1),
    ("-01", .number, 0),
    ("1 2", .trailing, 2), ("{}x", .trailing, 2), ("\"\\x\"", .escape, 1),
    ("\"\\u00g0\"", .escape, 1),
    ("\"\\ud83d\"", .surrogate, 1), ("\"\\ude8c\"", .surrogate, 1),
    ("\"\\ud83d\\u0041\"", .surrogate, 1),
    ("\"a\nb\"", .control, 2), ("{\"a\":1,\"a\":2}", .duplicate("a"), 7),
    ("\u{feff}1", .unexpected(0xef), 0),
  ])
  func whatIsNotJSONIsRefusedWithItsPlace(_ text: String, _ code: JSONError.Code, _ offset: Int) {
    #expect(throws: JSONError(code: code, offset: offset)) { try JSONValue(parsing: text) }
  }

  @Test func whatIsNotUTF8IsRefused() {
    for bytes: [UInt8] in [[0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xe4, 0xb8]] {
      #expect(throws: JSONError(code: .utf8, offset: 1)) {
        try JSONValue(parsing: [0x22] + bytes + [0x22])
      }
      #expect(throws: JSONError(code: .utf8, offset: 1)) {
        try JSONValue(parsing: Array(#""\n"#.utf8) + bytes + [0x22])
      }
    }
  }

  @Test func duplicatesAreFoundAmongManyMembers() {
    let members = (0..<100).map { "\"m\($0)\":0" }.joined(separator: ",")
    #expect(throws: Never.self) { try JSONValue(parsing: "{\(members)}") }
    for repeated in [0, 15, 16, 17, 99] {
      #expect(throws: JSONError.self) {
        try JSONValue(parsing: "{\(members),\"\\u006d\(repeated)\":0}")
      }
    }
  }

  @Test func namesThatAreOnlyCanonicallyEquivalentAreTwo() throws {
    let value = try JSONValue(parsing: "{\"\u{e9}\":1,\"e\u{301}\":2}")
    #expect(value["\u{e9}"] == .number("1"))
    #expect(value["e\u{301}"] == .number("2"))
  }

  @Test func nestingIsBounded() throws {
    let most = JSONValue.nestingMax
    _ = try JSONValue(
      parsing: String(repeating: "[", count: most) + String(repeating: "]", count: most))
    #expect(throws: JSONError(code: .nesting, offset: most)) {
      try JSONValue(parsing: String(repeating: "[", count: 1_000_000))
    }
  }

  /// RFC 6901, section 5.
  @Test(arguments: [
    ("", nil), ("/foo", #"["bar","baz"]"#), ("/foo/0", #""bar""#), ("/", "0"), ("/a~1b", "1"),
    ("/c%d", "2"),
    ("/e^f", "3"), ("/g|h", "4"), ("/i\\j", "5"), ("/k\"l", "6"), ("/ ", "7"), ("/m~0n", "8"),
  ])
  func pointerFindsItsPlace(_ pointer: String, _ expected: String?) throws {
    let document = try JSONValue(
      parsing: #"""
        {"foo":["bar","baz"],"":0,"a/b":1,"c%d":2,"e^f":3,"g|h":4,"i\\j":5,"k\"l":6," ":7,"m~n":8}
        """#)
    let found = try #require(JSONPointer(pointer)).value(in: document)
    #expect(found?.text == expected ?? document.text)
  }

  @Test(arguments: ["foo", "/a~", "/a~2b", "#/foo", " /foo"])
  func whatIsNoPointerIsRefused(_ text: String) {
    #expect(JSONPointer(text) == nil)
  }

  @Test(arguments: ["/foo/2", "/foo/-", "/foo/00", "/foo/+1", "/foo/bar", "/bar", "/foo/0/x"])
  func pointerToNothingFindsNothing(_ text: String) throws {
    let document = try JSONValue(parsing: #"{"foo":["bar","baz"]}"#)
    #expect(try #require(JSONPointer(text)).value(in: document) == nil)
  }
}
