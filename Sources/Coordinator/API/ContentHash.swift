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

  static func of(_ request: CaravanV1.ExecuteRequest) -> [UInt8] {
    of(request, branches: request.branches.map { $0.wireBytes() })
  }

  /// The same, with the branches as bytes, where they have been encoded already.
  static func of(_ request: CaravanV1.ExecuteRequest, branches: [[UInt8]]) -> [UInt8] {
    var writer = tagged("execute")
    writer.string(1, request.id)
    writer.message(2, request.timeout)
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
