import Testing

@testable import Coordinator

struct HTTPLocationTests {
  @Test(arguments: [
    ("http://shop/", "shop", 80, "/"),
    ("http://shop", "shop", 80, "/"),
    ("https://shop", "shop", 443, "/"),
    ("HTTPS://Shop.Example.com:8443/a/b?c=d&e", "Shop.Example.com", 8443, "/a/b?c=d&e"),
    ("http://127.0.0.1:9000/x", "127.0.0.1", 9000, "/x"),
    ("http://[::1]:9000/x", "::1", 9000, "/x"),
    ("http://[2001:db8::7]/", "2001:db8::7", 80, "/"),
    ("http://a_b-c.internal./x", "a_b-c.internal.", 80, "/x"),
    ("http://xn--bcher-kva.example/", "xn--bcher-kva.example", 80, "/"),
    ("http://shop/a%2Fb/%7Euser?x=%20y", "shop", 80, "/a%2Fb/%7Euser?x=%20y"),
    ("http://shop?x=1", "shop", 80, "/?x=1"),
    ("http://shop:/x", "shop", 80, "/x"),
    ("http://shop/a/../b;c=1,2@x:y", "shop", 80, "/a/../b;c=1,2@x:y"),
  ])
  func aURLIsTakenApart(text: String, host: String, port: Int, path: String) throws {
    let location = try HTTPLocation(text)
    #expect(location.host == host)
    #expect(location.port == port)
    #expect(location.path == path)
    #expect(location.isSecure == text.lowercased().hasPrefix("https"))
  }

  @Test(arguments: [
    "", "shop", "shop:80/x", "//shop/x", "/x", "ftp://shop/", "grpc://shop:1/a.B/C",
    "file:///etc/passwd",
    "http://", "http:///x", "http:shop", "http://:80/", "http://user@shop/", "http://user:pw@shop/",
    "http://@shop/", "http://shop/#part", "http://shop/#", "http://shop:0/", "http://shop:65536/",
    "http://shop:x/", "http://shop:-1/", "http://sh op/", "http://shop/a b", "http://shop/\n",
    "http://bücher.example/", "http://shop/é", "http://sh%6fp/", "http://127.1/",
    "http://0x7f000001/",
    "http://2130706433/", "http://127.0.0.256/", "http://1.2.3.4.5/", "http://[::1/",
    "http://[::1]x/",
    "http://[127.0.0.1]/", "http://[fe80::1%25eth0]/", "http://[v1.x]/", "http://shop\\@evil/",
    "http://shop/\\x", "http://shop/%zz", "http://a!b/", "http://a,b/", "http://a;b/", "http://./",
    "http+unix://%2Frun%2Fx/", "unix:/run/x",
  ])
  func theseAreNone(text: String) {
    #expect(throws: HTTPLocation.Problem.self) { try HTTPLocation(text) }
  }

  @Test func aURLHasTwoKibibytesAtMost() throws {
    let most = "http://shop/" + String(repeating: "a", count: 2_036)
    #expect(try HTTPLocation(most).path.utf8.count == 2_037)
    #expect(throws: HTTPLocation.Problem.self) { try HTTPLocation(most + "a") }
  }

  @Test func aPeerIsNamedAsPeopleWriteIt() throws {
    #expect(try HTTPLocation("https://shop/x").peer == "shop:443")
    #expect(try HTTPLocation("http://[::1]:9000/x").peer == "[::1]:9000")
  }
}
