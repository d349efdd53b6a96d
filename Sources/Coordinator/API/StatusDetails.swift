import GRPC
import Messages
import ProtoWire

/// The details of a status: `google.rpc.Status`, kept so small that no client cuts it.
enum StatusDetails {
  /// Bytes before base64.
  static let bytesMax = 6_000
  /// Bytes of all trailers, which many clients count and cut at 8 KiB.
  static let trailerBytesMax = 8 << 10
  /// What the trailers carry beside message and details, HTTP/2's 32 bytes a field included.
  private static let otherTrailerBytes = 400
  /// Bytes of a status message, in UTF-8.
  static let messageBytesMax = 512
  /// What wrapping adds to the messages inside.
  private static let wrapBytes = 96

  /// The details of a status with this message, as far as they fit.
  ///
  /// - Parameter fill: gets the bytes that are left for it, and returns what explains the rest
  static func make(
    _ code: StatusCode, _ message: String, _ info: GoogleRPC.ErrorInfo,
    fill: (Int) -> GoogleProtobuf.AnyMessage? = { _ in nil }
  ) -> [UInt8] {
    var status = GoogleRPC.Status()
    status.code = Int32(code.rawValue)
    status.message = message
    status.details = [GoogleProtobuf.AnyMessage(packing: info)]
    let room = min(bytesMax, bytesLeft(besides: message)) - status.wireBytes().count - wrapBytes
    if room > 0, let more = fill(room) { status.details.append(more) }
    return status.wireBytes()
  }

  /// Bytes of details, before base64, that the trailers have room for beside this message.
  private static func bytesLeft(besides message: String) -> Int {
    let encoded = message.utf8.reduce(0) { sum, byte in
      sum + (byte >= 0x20 && byte <= 0x7E && byte != UInt8(ascii: "%") ? 1 : 3)
    }
    return (trailerBytesMax - otherTrailerBytes - encoded) / 4 * 3
  }
}

extension GoogleRPC.ErrorInfo {
  /// A cause that this coordinator states.
  init(caravan reason: String, _ metadata: [String: String]) {
    self.init()
    self.reason = reason
    domain = "caravan"
    self.metadata = metadata.filter { !$0.value.isEmpty }
  }
}

extension Status {
  /// A status with details, its message cut to size.
  init(
    _ code: StatusCode, _ message: String, info: GoogleRPC.ErrorInfo,
    metadata: Metadata = Metadata(), fill: (Int) -> GoogleProtobuf.AnyMessage? = { _ in nil }
  ) {
    let message = message.cut(toBytes: StatusDetails.messageBytesMax)
    self.init(
      code, message, details: StatusDetails.make(code, message, info, fill: fill),
      metadata: metadata)
  }
}
