import Mode
import Testing

@testable import Coordinator

@Suite struct ActionErrorTests {
  @Test(arguments: Action.allCases)
  func whatIsWrittenIsReadBack(_ action: Action) {
    let error = ActionError(action, "UNAVAILABLE: gone")
    #expect(error.text == "\(action): UNAVAILABLE: gone")
    #expect(ActionError(error.text) == error)
    #expect(ActionError(ActionError(action, "").text) == ActionError(action, ""))
  }

  @Test(arguments: ["", "try", "try:", "retry: no", "Try: no", "rollback was requested"])
  func aTextThatNamesNoActionIsNoError(_ text: String) {
    #expect(ActionError(text) == nil)
  }
}
