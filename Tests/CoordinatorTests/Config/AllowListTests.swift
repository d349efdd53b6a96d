import Testing

@testable import Coordinator

@Suite struct AllowListTests {
  private func list(_ patterns: String...) throws -> AllowList {
    AllowList(patterns: try patterns.map { try #require(AllowPattern($0), "\($0)") })
  }

  @Test func anEmptyListPermitsNothing() {
    let list = AllowList(patterns: [])
    #expect(!list.permits(host: "127.0.0.1", port: 1))
    #expect(!list.permits(socket: "/tmp/x"))
  }

  @Test func aNamePermitsItselfOnAnyPortInAnyCase() throws {
    let list = try list("Pay.example.com")
    #expect(list.permits(host: "pay.example.com", port: 1))
    #expect(list.permits(host: "PAY.example.com.", port: 65_535))
    #expect(!list.permits(host: "a.pay.example.com", port: 1))
    #expect(!list.permits(host: "pay.example.com.evil.org", port: 1))
  }

  @Test func aStarPermitsEverythingBelowAndNotTheDomainItself() throws {
    let list = try list("*.example.com:443")
    #expect(list.permits(host: "a.example.com", port: 443))
    #expect(list.permits(host: "a.b.example.com", port: 443))
    #expect(!list.permits(host: "a.example.com", port: 80))
    #expect(!list.permits(host: "example.com", port: 443))
    #expect(!list.permits(host: "evilexample.com", port: 443))
  }

  @Test func aStarInALabelStandsForAnyPartOfThatLabelAlone() throws {
    let list = try list("shop-*.internal:*")
    #expect(list.permits(host: "shop-stock.internal", port: 1))
    #expect(list.permits(host: "SHOP-.internal", port: 1))
    #expect(!list.permits(host: "shop-stock.evil.internal", port: 1))
    #expect(!list.permits(host: "myshop-stock.internal", port: 1))
    #expect(!list.permits(host: "shop-stock.internal.evil.org", port: 1))
  }

  @Test func aNetworkPermitsItsAddressesInEverySpellingAndNoName() throws {
    let list = try list("10.1.0.0/12:7000-7999", "[fd00::/8]:1", "192.168.0.1")
    #expect(list.permits(host: "10.15.255.255", port: 7999))
    #expect(list.permits(host: "::ffff:10.1.2.3", port: 7000))
    #expect(!list.permits(host: "10.16.0.0", port: 7000))
    #expect(!list.permits(host: "10.1.2.3", port: 8000))
    #expect(list.permits(host: "[fd12::1]", port: 1))
    #expect(!list.permits(host: "fe80::1", port: 1))
    #expect(list.permits(host: "192.168.0.1", port: 5))
    #expect(!list.permits(host: "167837953", port: 7000))
    #expect(!list.permits(host: "10.1.2.3.example.com", port: 7000))
  }

  @Test func socketsArePermittedByTheirPath() throws {
    let list = try list("unix:/run/shop/*", "unix:/tmp/one.sock")
    #expect(list.permits(socket: "/run/shop/stock.sock"))
    #expect(list.permits(socket: "/tmp/one.sock"))
    #expect(!list.permits(socket: "/tmp/one.sock2"))
    #expect(!list.permits(socket: "/run/shop/../secret.sock"))
    #expect(!list.permits(host: "run", port: 1))
  }

  @Test func loopbackIsThisMachineAndNothingElse() throws {
    let loopback = try #require(ValueForm.allowList.read(AllowList.loopbackText))
    for host in ["localhost", "127.0.0.1", "127.9.9.9", "::1", "[::1]", "::ffff:127.0.0.1"] {
      #expect(loopback.permits(host: host, port: 7070))
    }
    for host in ["0.0.0.0", "10.0.0.1", "::", "localhost.example.com", "example.com"] {
      #expect(!loopback.permits(host: host, port: 7070))
    }
  }

  @Test(arguments: [
    "", "a b", "a:0", "a:70000", "a:9-1", "a:1-2-3", "a:", "a..b", "*.", "**", "a**b", "*.a*.b",
    "10.0.0.0/", "10.0.0.0/33", "a/8", "[10.0.0.1]:1", "[::1", "[::1]x", "unix:", "unix:tmp/x",
    "::1:x:80", "http://a", "ä.example.com",
  ])
  func nonsenseIsNoPattern(text: String) {
    #expect(AllowPattern(text) == nil)
  }
}
