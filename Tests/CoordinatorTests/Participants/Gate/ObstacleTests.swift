import Mode
import Testing

@testable import Coordinator

@Suite struct ObstacleTests {
  @Test func anOpenCircuitSaysSinceWhatAndUntilWhen() {
    let obstacle = Obstacle.circuitOpen(
      failures: 5, last: "UNAVAILABLE: connection refused", next: .after(.milliseconds(2_100)))
    #expect(
      obstacle.reason(at: "127.0.0.1:9000")
        == "the circuit of 127.0.0.1:9000 is open after 5 failures in a row "
        + "(last: UNAVAILABLE: connection refused); next probe in 3 s")
    #expect(
      obstacle.hold(at: "http://127.0.0.1:9000")
        == "circuit of http://127.0.0.1:9000 open, next probe in 3 s")
  }

  @Test func aCrowdSaysHowManyThereAre() {
    let obstacle = Obstacle.crowd(underWay: 256, waiting: 12, isFull: false)
    #expect(obstacle.hold(at: "a:1") == "256 calls to a:1 under way, 12 wait")
  }

  @Test(arguments: [
    ("http://Host/x?y", "http://host:80"), ("https://host", "https://host:443"),
    ("http://host:8080/a:b", "http://host:8080"), ("https://[::1]/x", "https://[::1]:443"),
    ("https://[::1]:7000/x", "https://[::1]:7000"), ("http://h?a:1", "http://h:80"),
    ("http://h:80/x", "http://h:80"), ("HTTPS://h/", "https://h:443"),
  ])
  func anHTTPParticipantIsItsSchemeHostAndPort(url: String, address: String) {
    let target = CallDefinition.Target.http(method: "POST", url: url)
    #expect(target.participantAddress == address)
  }

  @Test func aGRPCParticipantIsItsAddress() {
    let target = CallDefinition.Target.grpc(address: "unix:/run/shop", method: "/a.B/C")
    #expect(target.participantAddress == "unix:/run/shop")
  }
}
