import Messages
import ProtoWire

/// What a repeat is recognised by: SHA-256 over what was asked for, in canonical protobuf.
///
/// `wait` is no part of it: a caller may come back and wait for something else. What this version
/// of the messages does not know is no part of it either.
enum ContentHash {
  static func of(_ request: CaravanV1.BeginRequest) -> [UInt8] {
    hash("begin", request)
  }

  static func of(_ request: CaravanV1.ExecuteRequest) -> [UInt8] {
    var content = request
    content.wait = .end
    return hash("execute", content)
  }

  /// The tag keeps a Begin apart from an Execute without branches.
  private static func hash(_ tag: StaticString, _ content: some WireMessage) -> [UInt8] {
    var input = content.wireBytes(prefix: tag.utf8CodeUnitCount + 1)
    tag.withUTF8Buffer { input.replaceSubrange(0..<$0.count, with: $0) }
    return SHA256Digest(of: input).bytes
  }
}
