import Testing

@testable import Coordinator

struct EasyCarHeaderTests {
  @Test(arguments: ["", " ", "\n\t", "null", " null ", "{}", #"{"easycarGId": "x"}"#])
  func theseSayNothing(text: String) throws {
    #expect(try EasyCarHeader.read(text).isEmpty)
  }

  @Test func namesAreTakenInLowerCase() throws {
    #expect(
      try EasyCarHeader.read(#"{"X-Tenant": "Blue/1", "b": null, "c": ""}"#)
        == ["x-tenant": "Blue/1", "b": "", "c": ""])
  }

  @Test(
    arguments: [
      ("{", "is no JSON"), ("nul", "is no JSON"), ("{} {}", "is no JSON"), ("\0", "is no JSON"),
      ("[]", "no object"), (#""a""#, "no object"), ("1", "no object"), ("true", "no object"),
      (#"{"a": 1}"#, "'a' is no string"), (#"{"a": []}"#, "'a' is no string"),
      (#"{"A": "1", "a": "1"}"#, "'a' stands there twice"),
      ("{\"a\": \"" + String(repeating: "x", count: 64 << 10) + "\"}", "at most 65536"),
    ])
  func theseAreNone(text: String, reason: String) {
    let error = #expect(throws: EasyCarHeader.Problem.self) { try EasyCarHeader.read(text) }
    #expect(error?.reason.contains(reason) == true)
  }

  @Test func whatIsWrittenIsOrderedAndWithoutTheNamesOfTheCoordinator() throws {
    let written = EasyCarHeader.write([
      "easycargid": "g", "easycarbranchid": "b", "z": "a/\"b\"", "a": "1",
    ])
    #expect(written == #"{"a":"1","z":"a/\"b\""}"#)
    #expect(try EasyCarHeader.read(written) == ["a": "1", "z": "a/\"b\""])
    #expect(EasyCarHeader.write(["easycargid": "g"]) == "")
  }
}
