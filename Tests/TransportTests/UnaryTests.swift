import GRPC
import NIOCore
import Testing

@testable import Transport

@Suite struct UnaryTests {
  @Test(arguments: ["tcp", "unix", "abstract"])
  func echoComesBackOverEveryKindOfSocket(_ kind: String) async throws {
    try await withServer(at: kind) { server in
      let reply = await server.pool.call(
        ClientRequest(
          address: "\(server.address)", path: Echo.unary, message: [1, 2, 3], timeout: .seconds(10))
      )
      #expect(reply.status == .ok)
      #expect(reply.origin == .peer)
      #expect(reply.message == [1, 2, 3])
    }
  }

  @Test func metadataAndDetailsTravelBothWays() async throws {
    try await withServer { server in
      var metadata: Metadata = ["key": "one", "other": "two words"]
      metadata.append("key", "three")
      metadata.append("raw-bin", bytes: [0, 255, 10])
      let reply = await server.pool.call(
        ClientRequest(
          address: "\(server.address)", path: Echo.metadata, metadata: metadata,
          timeout: .seconds(10)))
      #expect(reply.status.code == .aborted)
      #expect(reply.status.message == "nö % \n")
      #expect(reply.status.details == [9, 8, 7])
      #expect(reply.trailingMetadata.values("key") == ["one", "three"])
      #expect(reply.trailingMetadata.first("other") == "two words")
      #expect(reply.trailingMetadata.bytes("raw-bin") == [[0, 255, 10]])
    }
  }

  @Test func manyCallsAtOnceAllComeBack() async throws {
    try await withServer { server in
      await withTaskGroup(of: Bool.self) { group in
        for number in 0..<2_000 {
          group.addTask {
            let message = Array("\(number)".utf8)
            let reply = await server.pool.call(
              ClientRequest(
                address: "\(server.address)", path: number % 2 == 0 ? Echo.unary : Echo.later,
                message: message, timeout: .seconds(30)))
            return reply.status == .ok && reply.message == message
          }
        }
        for await isRight in group { #expect(isRight) }
      }
    }
  }

  @Test func unknownMethodIsUnimplemented() async throws {
    try await withServer { server in
      let reply = await server.pool.call(
        ClientRequest(
          address: "\(server.address)", path: "/no.Such/Method", timeout: .seconds(10)))
      #expect(reply.status.code == .unimplemented)
      #expect(reply.origin == .peer)
      #expect(reply.delivery == .maybeSent)
    }
  }

  @Test func fourMebibytesPassAndOneByteMoreDoesNot() async throws {
    try await withServer { server in
      let largest = [UInt8](repeating: 7, count: 4 << 20)
      let passed = await server.pool.call(
        ClientRequest(
          address: "\(server.address)", path: Echo.unary, message: largest, timeout: .seconds(30)))
      #expect(passed.status == .ok)
      let isSame = passed.message == largest
      #expect(isSame)
      let refused = await server.pool.call(
        ClientRequest(
          address: "\(server.address)", path: Echo.unary, message: largest + [7],
          timeout: .seconds(30)))
      #expect(refused.status.code == .resourceExhausted)
      #expect(refused.origin == .peer)
    }
  }
}
