import Testing

@testable import HTTP2

/// What a peer can make a session hold.
@Suite struct MemoryTests {
  /// Bytes of a client: preface, SETTINGS, and a header block made by hand.
  private func greeting(_ block: [UInt8]) -> [UInt8] {
    let length = [
      UInt8(block.count >> 16), UInt8(block.count >> 8 & 0xff), UInt8(block.count & 0xff),
    ]
    return Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8) + [0, 0, 0, 4, 0, 0, 0, 0, 0]
      + length + [1, 5, 0, 0, 0, 1] + block
  }

  @Test func headerBombLeavesNothingBehind() throws {
    let session = try Session(role: .server, limits: Limits())
    // One field of 3 KB enters the table; each byte after it stands for that field once more.
    let value = [UInt8](repeating: UInt8(ascii: "v"), count: 100)
    var block: [UInt8] = [0x40, 1, UInt8(ascii: "b"), 100] + value
    block += [UInt8](repeating: 0x80 | 62, count: 12_000)
    let bytes = greeting(block)
    try session.receive(bytes.span.bytes, now: 1)
    #expect(session.mailbox.arena.count <= Limits().headerBlockBytesMax)
    var events = 0
    while let event = session.nextEvent() {
      if case .headers = event { Issue.record("the bomb was delivered") }
      events += 1
    }
    #expect(session.mailbox.arena.isEmpty)
    #expect(session.mailbox.arena.capacity <= Mailbox.arenaBytesKept)
  }

  @Test func emptyFieldsCostSomethingToo() {
    let mailbox = Mailbox(limits: Limits(), isServer: true)
    mailbox.beginHeaders()
    let name: [UInt8] = [UInt8(ascii: "a")]
    let isOver = name.withUnsafeBufferPointer { name in
      (0..<1_000).contains { _ in
        !mailbox.appendField(name: name, value: UnsafeBufferPointer(start: nil, count: 0))
      }
    }
    #expect(isOver)
  }

  @Test func largeArenaIsGivenBack() {
    let mailbox = Mailbox(limits: Limits(), isServer: true)
    let bytes = [UInt8](repeating: 1, count: 4 * Mailbox.arenaBytesKept)
    bytes.withUnsafeBufferPointer { mailbox.appendBytes(.data, stream: 1, $0) }
    #expect(mailbox.takeEvent() != nil)
    #expect(mailbox.takeEvent() == nil)
    #expect(mailbox.arena.capacity <= Mailbox.arenaBytesKept)
  }

  @Test func headersOverTwoTurnsArriveWhole() throws {
    let server = try Session(role: .server, limits: Limits())
    let client = try Session(role: .client, limits: Limits())
    var headers = HeaderBlock([
      (":method", "POST"), (":scheme", "http"), (":path", "/p"), (":authority", "a"),
    ])
    for number in 0..<50 {
      headers.append(name: "field-\(number)".utf8, value: "value-\(number)".utf8)
    }
    _ = try client.submitRequest(headers, body: [], end: .endStream)
    var bytes: [UInt8] = []
    _ = try client.drain(budget: .max) { bytes.append(contentsOf: $0) }
    var received: HeaderBlock?
    for byte in bytes {
      try server.receive([byte].span.bytes, now: 1)
      while let event = server.nextEvent() {
        if case .headers(_, let block, .request, _) = event { received = block.copied() }
      }
    }
    #expect(received == headers)
  }

  @Test func outgoingBodyHandsOutEveryByteInOrder() {
    let body = OutgoingBody(chunk: [], end: .open)
    var expected: [UInt8] = []
    for number in 0..<200 {
      let chunk = [UInt8](repeating: UInt8(number), count: number % 7)
      body.append(chunk)
      expected += chunk
    }
    #expect(body.queuedBytes == expected.count)
    var read: [UInt8] = []
    withUnsafeTemporaryAllocation(byteCount: 5, alignment: 1) { target in
      while true {
        let count = body.read(into: target)
        if count == 0 { return }
        read.append(contentsOf: target[..<count])
      }
    }
    #expect(read == expected)
    #expect(body.queuedBytes == 0)
  }

  @Test func floodGuardCountsByInterval() {
    var limits = Limits()
    limits.pingsMax = 3
    limits.intervalNanoseconds = 100
    var flood = FloodGuard(limits: limits)
    for interval in 1..<10 {
      flood.advance(to: UInt64(interval * 100))
      for _ in 0..<3 { flood.count(.ping) }
    }
    #expect(flood.exceeded == nil)
    flood.count(.ping)
    #expect(flood.exceeded == .ping)
  }
}
