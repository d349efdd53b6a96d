import Messages

/// `uri` and `protocol`: where a call goes, as easycar writes it.
enum EasyCarTarget {
  /// Characters of a URI.
  static let uriCharactersMax = 299

  struct Problem: Error {
    /// The field that is wrong.
    var field: StaticString = "uri"
    let reason: String
  }

  /// Whether it may be called is not looked at here.
  static func read(
    uri: String, protocolName: String
  ) throws(Problem) -> CaravanV1.Call.Target {
    guard !uri.isEmpty else {
      throw Problem(reason: "is empty; write grpc://host:port/package.Service/Method or http://…")
    }
    guard uri.unicodeScalars.count <= uriCharactersMax else {
      throw Problem(
        reason: "has \(uri.unicodeScalars.count) characters; at most \(uriCharactersMax)")
    }
    let scheme = uri.firstRange(of: "://").map { uri[..<$0.lowerBound].lowercased() }
    switch protocolName {
    case "grpc":
      guard scheme ?? "grpc" == "grpc" else { throw mismatch(scheme, protocolName) }
      return .grpc(grpc(uri.dropFirst(scheme == nil ? 0 : "grpc://".count)))
    case "http", "https":
      guard let scheme else {
        throw Problem(
          reason: "\(Quotation.of(uri)) has no scheme; write \(protocolName)://…")
      }
      // easycar's client says http of both, so that only the other way round is a contradiction.
      guard scheme == "https" || scheme == "http" && protocolName == "http" else {
        throw mismatch(scheme, protocolName)
      }
      return .http(CaravanV1.HttpTarget { $0.url = uri })
    default:
      throw Problem(
        field: "protocol",
        reason: protocolName.isEmpty
          ? "is empty; write grpc, http or https"
          : "\(Quotation.of(protocolName)) is none; write grpc, http or https")
    }
  }

  private static func mismatch(_ scheme: String?, _ protocolName: String) -> Problem {
    Problem(
      reason: "begins with \(Quotation.of((scheme ?? "") + "://")) and the protocol is "
        + "\(protocolName); let one say what the other says")
  }

  /// Address and method; the method is empty where there is none.
  private static func grpc(_ rest: Substring) -> CaravanV1.GrpcTarget {
    let slash = rest.firstIndex(of: "/") ?? rest.endIndex
    return CaravanV1.GrpcTarget {
      $0.address = String(rest[..<slash])
      $0.method = String(rest[slash...])
    }
  }

  /// A target as easycar writes it; a gRPC one with its scheme.
  static func write(
    _ target: CaravanV1.Call.Target
  ) -> (uri: String, protocolName: String) {
    switch target {
    case .grpc(let grpc): ("grpc://\(grpc.address)\(grpc.method)", "grpc")
    case .http(let http):
      (http.url, http.url.prefix(6).lowercased() == "https:" ? "https" : "http")
    }
  }
}
