@testable import Store

extension StoreConfiguration {
  /// One session of each kind, and what the test is about.
  static func forTests(
    url: String, writers: Int = 1, queueMax: Int = 8_192, answerBound: Duration = .seconds(10),
    lockWait: Duration = .seconds(2), connectSeconds: Int = 3
  ) -> StoreConfiguration {
    StoreConfiguration(
      url: url, writers: writers, readers: 1, batchMax: 128, queueMax: queueMax,
      answerBound: answerBound, lockWait: lockWait, connectSeconds: connectSeconds,
      allowsFsyncOff: false)
  }
}
