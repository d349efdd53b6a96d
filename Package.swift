// swift-tools-version: 6.2
import PackageDescription

// Bottom up. A target lists what the table of modules in CONTRIBUTING.md lets it import; `make lint`
// checks the sources against that table.

let httpClient = Target.Dependency.product(
  name: "AsyncHTTPClient", package: "async-http-client")
let histogram = Target.Dependency.product(name: "Histogram", package: "hdrhistogram-swift")
let hummingbird = Target.Dependency.product(name: "HummingbirdCore", package: "hummingbird")
let arguments = Target.Dependency.product(
  name: "ArgumentParser", package: "swift-argument-parser")
let configuration = Target.Dependency.product(
  name: "Configuration", package: "swift-configuration")
let httpTypes = Target.Dependency.product(name: "HTTPTypes", package: "swift-http-types")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let metrics = Target.Dependency.product(name: "Metrics", package: "swift-metrics")
let concurrencyHelpers = Target.Dependency.product(
  name: "NIOConcurrencyHelpers", package: "swift-nio")
let http1 = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let http2 = Target.Dependency.product(name: "NIOHTTP2", package: "swift-nio-http2")
let tls = Target.Dependency.product(name: "NIOSSL", package: "swift-nio-ssl")
let lifecycle = Target.Dependency.product(
  name: "ServiceLifecycle", package: "swift-service-lifecycle")
let signals = Target.Dependency.product(
  name: "UnixSignals", package: "swift-service-lifecycle")
let subprocess = Target.Dependency.product(name: "Subprocess", package: "swift-subprocess")
let systemPackage = Target.Dependency.product(name: "SystemPackage", package: "swift-system")

let package = Package(
  name: "caravan",
  platforms: [.macOS(.v15)],
  products: [.executable(name: "caravan", targets: ["Coordinator"])],
  dependencies: [
    .package(url: "https://github.com/HdrHistogram/hdrhistogram-swift", exact: "0.2.0"),
    .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
    .package(url: "https://github.com/apple/swift-configuration", exact: "1.4.0"),
    .package(url: "https://github.com/apple/swift-http-types", exact: "1.8.0"),
    .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
    .package(url: "https://github.com/apple/swift-metrics", exact: "2.13.0"),
    .package(url: "https://github.com/apple/swift-nio", exact: "2.101.2"),
    .package(url: "https://github.com/apple/swift-nio-http2", exact: "1.46.0"),
    .package(url: "https://github.com/apple/swift-nio-ssl", exact: "2.37.6"),
    .package(url: "https://github.com/apple/swift-system", exact: "1.8.1"),
    .package(
      url: "https://github.com/hummingbird-project/hummingbird", exact: "2.28.1", traits: []),
    .package(url: "https://github.com/swift-server/async-http-client", exact: "1.37.0"),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle", exact: "2.13.0"),
    .package(url: "https://github.com/swiftlang/swift-subprocess", exact: "1.0.2"),
  ],
  targets: [
    .systemLibrary(
      name: "CNGHTTP2", pkgConfig: "libnghttp2", providers: [.apt(["libnghttp2-dev"])]),
    .systemLibrary(name: "CLibPQ", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    .systemLibrary(
      name: "CCrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),

    .target(name: "ProtoWire"),
    .target(name: "Mode"),
    .target(name: "Messages", dependencies: ["ProtoWire"]),
    .target(name: "ProtoJSON", dependencies: ["ProtoWire", "Messages"]),
    .target(name: "HTTP2", dependencies: ["CNGHTTP2"]),
    .target(name: "GRPC", dependencies: ["HTTP2", "CZlib"]),
    .target(name: "Transport", dependencies: ["GRPC", nioCore, nioPosix, logging]),
    .target(
      name: "Gateway",
      dependencies: [
        "GRPC", "Messages", "ProtoJSON", "ProtoWire", "Transport", concurrencyHelpers, httpTypes,
        hummingbird, logging, nioCore,
      ]),
    .target(name: "Postgres", dependencies: ["CLibPQ"]),
    .target(name: "Store", dependencies: ["Postgres", "Mode", logging]),

    .target(
      name: "Demo",
      dependencies: ["Messages", "ProtoWire", "GRPC", "Transport", "Postgres", nioCore, logging]),
    .target(
      name: "Bench",
      dependencies: [
        "Messages", "ProtoWire", "GRPC", "Transport", nioCore, nioPosix, http1, logging, histogram,
      ]),
    .executableTarget(
      name: "Coordinator",
      dependencies: [
        "ProtoWire", "Mode", "Messages", "ProtoJSON", "GRPC", "Transport", "Gateway", "Postgres",
        "Store", "Demo", "Bench",
        "CCrypto", nioCore, nioPosix, logging, metrics, lifecycle, signals, arguments,
        configuration, subprocess, systemPackage, httpClient, http1, http2, tls,
      ]),

    .testTarget(name: "ModeTests", dependencies: ["Mode"]),
    .target(name: "Support", path: "Tests/Support"),
    .target(name: "StoreTesting", dependencies: ["Store", "Mode"], path: "Tests/StoreTesting"),
    .testTarget(
      name: "Simulation",
      dependencies: ["Coordinator", "GRPC", "Mode", "Store", "StoreTesting", "Support"]),
    .target(
      name: "Oracle", path: "Tests/Oracle", linkerSettings: [.linkedLibrary("protobuf-c")]),
    .testTarget(
      name: "ProtoWireTests", dependencies: ["ProtoWire", "Oracle", "Support"],
      exclude: ["Corpus", "Protos", "oracle.py"]),
    .testTarget(
      name: "MessagesTests", dependencies: ["Messages", "ProtoWire", "ProtoJSON", "Oracle"],
      exclude: ["generate-oracle", "messages.py", "json_forms.py"]),
    .testTarget(
      name: "ProtoJSONTests", dependencies: ["ProtoJSON", "Messages", "ProtoWire", "Support"]),
    .target(
      name: "PostgresTesting", dependencies: ["Postgres"], path: "Tests/PostgresTesting"),
    .testTarget(name: "PostgresTests", dependencies: ["Postgres", "PostgresTesting"]),
    .testTarget(
      name: "StoreTests",
      dependencies: [
        "Store", "Mode", "Postgres", "PostgresTesting", "StoreTesting", "Support", logging,
      ]),
    .testTarget(
      name: "CoordinatorTests",
      dependencies: [
        "Coordinator", "GRPC", "Gateway", "HTTP2", "Messages", "Mode", "ProtoJSON", "ProtoWire",
        "Store", "StoreTesting", "Support", "Transport",
        arguments, httpTypes, nioCore, nioPosix, logging, subprocess, systemPackage,
      ]),
    .testTarget(
      name: "BenchTests",
      dependencies: [
        "Bench", "Messages", "ProtoWire", "GRPC", "Transport", nioCore, nioPosix, logging,
      ]),
    .testTarget(
      name: "DemoTests",
      dependencies: ["Demo", "GRPC", "Messages", "Postgres", "PostgresTesting", "ProtoWire"]),
    .testTarget(
      name: "GatewayTests",
      dependencies: [
        "Gateway", "GRPC", "Messages", "ProtoJSON", "ProtoWire", "Transport", httpTypes, logging,
        nioCore, nioPosix,
      ]),
    .testTarget(name: "HTTP2Tests", dependencies: ["HTTP2"]),
    .testTarget(name: "GRPCTests", dependencies: ["GRPC", "HTTP2", "CZlib"]),
    .testTarget(
      name: "TransportTests",
      dependencies: ["Transport", "GRPC", "HTTP2", "Support", nioCore, nioPosix, logging]),
  ],
  swiftLanguageModes: [.v6]
)

for target in package.targets where target.type != .system && target.type != .plugin {
  target.swiftSettings = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .treatAllWarnings(as: .error),
  ]
}

// A call crosses some hundred properties of classes that belong to one event loop each. Checking at
// run time that none is entered twice takes an eighth of the call; debug builds go on checking it.
for target in package.targets where ["HTTP2", "GRPC", "Transport"].contains(target.name) {
  target.swiftSettings?.append(
    .unsafeFlags(["-enforce-exclusivity=unchecked"], .when(configuration: .release)))
}

// Only `make fuzz` builds it: it needs -sanitize=fuzzer.
if Context.environment["CARAVAN_FUZZ"] == "1" {
  package.targets.append(
    .executableTarget(
      name: "Fuzz", dependencies: ["ProtoWire"]))
}
