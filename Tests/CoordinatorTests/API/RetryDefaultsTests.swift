import Mode
import Testing

@testable import Coordinator

/// The delays that the settings name are those that a branch without a policy of its own gets.
@Suite struct RetryDefaultsTests {
  @Test func bothPhasesTakeTheirDelaysFromTheSettings() {
    var settings = Settings()
    settings.defaults.phaseOne.firstDelay = .milliseconds(10)
    settings.defaults.phaseTwo.firstDelay = .milliseconds(50)
    settings.defaults.phaseTwo.factor = 3
    settings.defaults.phaseTwo.jitterPercent = 0
    settings.defaults.phaseTwo.delayMax = .milliseconds(500)
    let policy = BranchReader(settings.defaults).policy(of: nil)
    #expect(policy.phaseOne.first == .milliseconds(10))
    #expect(policy.phaseTwo.first == .milliseconds(50))
    #expect(policy.phaseTwo.factor == 3)
    #expect(policy.phaseTwo.jitter == 0)
    #expect(policy.phaseTwo.max == .milliseconds(500))
  }
}
