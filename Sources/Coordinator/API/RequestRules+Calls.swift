import GRPC
import Messages
import Transport

/// The checks of calls: where they go, what they carry, how they are repeated.
extension RequestRules {
  /// Bytes of `/package.Service/Method`.
  static let methodBytesMax = 512
  static let httpMethods: Set = ["DELETE", "GET", "PATCH", "POST", "PUT"]
  static let attemptsMax: UInt32 = 1_000
  static let factorRange = 1.0...10.0
  static let attemptTimeoutMax = Swift.Duration.hours(1)

  /// - Returns: what the call takes from replies
  @discardableResult func check(
    _ call: CaravanV1.Call, at index: Int?, _ part: CallPart,
    _ violations: inout FieldViolations
  ) -> Passing? {
    switch call.target {
    case .grpc(let target):
      checkAddress(target.address, .call(index, part, "grpc.address"), &violations)
      if !Self.isMethod(target.method) {
        violations.add(
          .call(index, part, "grpc.method"),
          "\(Quotation.of(target.method)) is no method; write /package.Service/Method")
      }
    case .http(let target):
      checkURL(target.url, .call(index, part, "http.url"), &violations)
      if !target.method.isEmpty, !Self.httpMethods.contains(target.method) {
        violations.add(
          .call(index, part, "http.method"),
          "\(Quotation.of(target.method)) is no method; write DELETE, GET, PATCH, POST or "
            + "PUT, or nothing for POST")
      }
    case nil:
      violations.add(
        .call(index, part),
        "has no target; write grpc with an address and a method, or http with a url")
    }
    if call.payload.count > limits.payloadBytesMax {
      violations.add(
        .call(index, part, "payload"),
        "has \(call.payload.count) bytes; at most \(limits.payloadBytesMax)")
    }
    checkMetadata(call, index, part, &violations)
    let passing = checkPassing(call, at: index, part, &violations)
    for (place, code) in call.alsoDoneOn.enumerated() {
      guard let problem = Self.statusProblem(code, of: call) else { continue }
      violations.add(.call(index, part, "also_done_on").within("[\(place)]"), problem)
    }
    return passing
  }

  /// Why a status cannot mean done beside those that do; nil where it can.
  private static func statusProblem(_ code: Int32, of call: CaravanV1.Call) -> String? {
    if case .http = call.target {
      return (100...599).contains(code) && !(200...299).contains(code)
        ? nil : "is \(code); write an HTTP status, 100 to 599; 2xx are done anyway"
    }
    return StatusCode(rawValue: Int(code)).map({ $0 == .ok }) ?? true
      ? "is \(code); write a gRPC status code, 1 to 16" : nil
  }

  private func checkAddress(
    _ text: String, _ path: FieldPath, _ violations: inout FieldViolations
  ) {
    if permitted.contains(text) { return }
    let address: Address
    do {
      address = try Address(text)
    } catch {
      violations.add(
        path,
        "\(Quotation.of(text)): \(error.reason); write host:port, [::1]:port, "
          + "dns:///host:port or unix:/path")
      return
    }
    if address.port == 0 {
      return violations.add(path, "\(Quotation.of(text)): a port is 1 to 65535")
    }
    guard permits(address) else { return violations.forbid(text, at: path) }
    permitted.insert(text)
  }

  private func checkURL(
    _ text: String, _ path: FieldPath, _ violations: inout FieldViolations
  ) {
    if permittedURLs.contains(text) { return }
    let location: HTTPLocation
    do {
      location = try HTTPLocation(text)
    } catch {
      violations.add(
        path,
        "\(Quotation.of(text)): \(error.reason); write http://host:port/path or https://…"
      )
      return
    }
    guard allow.permits(host: location.host, port: location.port) else {
      return violations.forbid(text, at: path)
    }
    permittedURLs.insert(text)
  }

  private func permits(_ address: Address) -> Bool {
    switch address {
    case .host(let host, let port): allow.permits(host: host, port: port)
    case .unix(let path): allow.permits(socket: path)
    case .abstract: allow.patterns.contains { $0.host == .any }
    }
  }

  /// `/package.Service/Method`: two parts, each of characters that stand in a path as they are.
  static func isMethod(_ text: String) -> Bool {
    let bytes = text.utf8.span
    guard !bytes.isEmpty, bytes.count <= methodBytesMax, bytes[0] == UInt8(ascii: "/") else {
      return false
    }
    var slashes = 0
    var previous = UInt8(ascii: " ")
    for index in bytes.indices {
      let byte = bytes[index]
      switch byte {
      case UInt8(ascii: "/"):
        if previous == byte { return false }
        slashes += 1
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "."),
        UInt8(ascii: "-"):
        break
      default: return false
      }
      previous = byte
    }
    return slashes == 2 && previous != UInt8(ascii: "/")
  }

  // MARK: Retry

  func check(
    _ retry: CaravanV1.RetryPolicy, at index: Int?, _ violations: inout FieldViolations
  ) {
    if retry.attemptsMax > Self.attemptsMax {
      violations.add(
        .retry(index, "attempts_max"),
        "is \(retry.attemptsMax); write 1 to \(Self.attemptsMax), or 0 for the default")
    }
    if retry.factor != 0, !Self.factorRange.contains(retry.factor) {
      violations.add(
        .retry(index, "factor"),
        "is \(retry.factor); write 1 to 10, or 0 for the default")
    }
    if !(retry.jitter <= 1) {
      violations.add(
        .retry(index, "jitter"),
        "is \(retry.jitter); write a share up to 1, 0 for the default, a negative one for none")
    }
    let delays = Self.durationMin...Self.durationMax
    checkDelay(retry.firstDelay, delays, .retry(index, "first_delay"), &violations)
    checkDelay(retry.delayMax, delays, .retry(index, "delay_max"), &violations)
    checkDelay(
      retry.attemptTimeout, Self.durationMin...Self.attemptTimeoutMax,
      .retry(index, "attempt_timeout"), &violations)
    if let first = retry.firstDelay?.duration, let most = retry.delayMax?.duration,
      most != .zero, first > most
    {
      violations.add(
        .retry(index, "first_delay"), "is longer than delay_max; lower it, or raise that")
    }
  }

  /// A delay that is zero takes the default, as one that is absent does.
  private func checkDelay(
    _ delay: GoogleProtobuf.Duration?, _ range: ClosedRange<Swift.Duration>, _ path: FieldPath,
    _ violations: inout FieldViolations
  ) {
    guard let delay, delay.seconds != 0 || delay.nanos != 0 else { return }
    checkDuration(delay, range, path, &violations)
  }
}
