import Testing

@testable import HTTP2

@Suite struct StreamMapTests {
  private final class Record {
    let stream: StreamID
    init(_ stream: StreamID) { self.stream = stream }
  }

  /// Inserts and removes in every order that a seed gives, beside a dictionary that knows what has
  /// to come out.
  @Test(arguments: [1, 2, 1_024] as [StreamID])
  func findsWhatADictionaryFinds(_ step: StreamID) {
    var map = StreamMap()
    var expected: [StreamID: Record] = [:]
    var seed: UInt64 = 7
    for number in 1...20_000 as ClosedRange<StreamID> {
      let record = Record(number * step)
      map.insert(record, for: record.stream)
      expected[record.stream] = record
      seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      let victim = (number - StreamID(seed >> 58)) * step
      #expect(map[victim] === expected[victim])
      if seed >> 40 & 15 != 0 {
        #expect(map.remove(victim) === expected.removeValue(forKey: victim))
      }
      #expect(map.count == expected.count)
    }
    #expect(map.sorted.map(\.stream) == expected.keys.sorted())
    for stream in map.sorted.map(\.stream) { #expect(map.remove(stream) === expected[stream]) }
    #expect(map.isEmpty && map[1] == nil && map.remove(1) == nil)
  }
}
