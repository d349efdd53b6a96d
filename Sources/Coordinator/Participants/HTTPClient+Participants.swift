import AsyncHTTPClient
import Mode
import NIOCore
import NIOSSL

extension HTTPClient.Configuration {
  /// Of HTTP/1.1, to one host and port, on one event loop. Past it calls wait, and what waits in
  /// vain was not sent.
  private static let connectionsMax = 256

  /// Of one attempt to connect; the timeout of the call may end it earlier.
  static let connectTimeout = Span.seconds(10)

  /// How participants are called: no redirects, which would take a call where nobody permitted it;
  /// no second try of a connection, which the branch's policy decides.
  ///
  /// - Parameter authorities: a PEM file of those who may sign certificates; empty: the system's
  /// - Throws: `UsageError` where the file holds none
  static func participants(authorities path: String) throws(UsageError) -> HTTPClient.Configuration
  {
    var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow)
    configuration.connectionPool.retryConnectionEstablishment = false
    configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = connectionsMax
    configuration.timeout.connect = .milliseconds(connectTimeout.milliseconds)
    configuration.decompression = .disabled
    // Caravan sends a traceparent of its own; the library's spans, which nobody takes, are a
    // twentieth of a call.
    configuration.tracing.tracer = nil
    configuration.http1_1ConnectionDebugInitializer = HTTP1ReplyGuard.add(to:)
    configuration.http2StreamChannelDebugInitializer = HTTP2ReplyGuard.add(to:)
    guard !path.isEmpty else { return configuration }
    let certificates: [NIOSSLCertificate]
    do {
      certificates = try NIOSSLCertificate.fromPEMFile(path)
    } catch {
      throw UsageError(
        "--participants-ca-file: \(path) cannot be read, or is no PEM file of certificates")
    }
    guard !certificates.isEmpty else {
      throw UsageError("--participants-ca-file: \(path) holds no certificates")
    }
    var tls = TLSConfiguration.makeClientConfiguration()
    tls.trustRoots = .certificates(certificates)
    configuration.tlsConfiguration = tls
    return configuration
  }
}
