import CCrypto

/// A W3C trace context made from names: all calls of a transaction belong to one trace, before and after a restart, with nothing
/// stored for it.
///
/// Source: W3C Trace Context, section 3.2 (`traceparent`).
struct TraceContext {
  private let traceID: String

  init(transaction: String) {
    traceID = TraceContext.hex(of: transaction, bytes: 16)
  }

  /// The header of the call that `span` names.
  func header(span: String) -> String {
    "00-\(traceID)-\(TraceContext.hex(of: span, bytes: 8))-01"
  }

  private static func hex(of name: String, bytes: Int) -> String {
    let digest = SHA256Digest(of: name.utf8)
    return String(
      decoding: digest.bytes.prefix(bytes).flatMap { [digit($0 >> 4), digit($0 & 15)] },
      as: UTF8.self)
  }

  private static func digit(_ value: UInt8) -> UInt8 {
    value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
  }
}
