import Messages
import ProtoWire

/// What a repeat is recognised by: SHA-256 over what was asked for, in canonical protobuf.
///
/// `wait` is no part of it: a caller may come back and wait for something else. What this version
/// of the messages does not know is no part of it either.
enum ContentHash {
  static func of(_ request: CaravanV1.BeginRequest) -> [UInt8] {
    var writer = tagged("begin")
    request.encode(into: &writer)
    return digest(writer)
  }

  /// - Parameter branches: those of the request, encoded, since their rows hold them so
  static func of(_ request: CaravanV1.ExecuteRequest, branches: [[UInt8]]) -> [UInt8] {
    var rest = request
    rest.branches = []
    rest.wait = .end
    var writer = tagged("execute")
    rest.encode(into: &writer)
    writer.repeatedBytes(3, branches)
    return digest(writer)
  }

  /// The tag keeps a Begin apart from an Execute without branches.
  private static func tagged(_ tag: StaticString) -> WireWriter {
    var writer = WireWriter()
    writer.raw(tag)
    writer.zeros(1)
    return writer
  }

  private static func digest(_ writer: borrowing WireWriter) -> [UInt8] {
    writer.withBytes { SHA256Digest(of: $0).bytes }
  }
}
