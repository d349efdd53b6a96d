import GRPC
import Messages
import NIOCore
import ProtoWire
import Transport

/// `grpc.health.v1.Health` over a registry.
struct HealthService: Sendable {
  /// What it reports.
  let registry: HealthRegistry

  /// Serves Check and Watch.
  func register(on router: inout Router) {
    let registry = registry
    router.unary(GRPCHealthV1.Health.check) { Self.check($0, registry) }
    router.streaming(GRPCHealthV1.Health.watch) { Self.watch($0, registry) }
  }

  private static func check(_ call: UnaryCall, _ registry: HealthRegistry) {
    do throws(WireError) {
      let request = try GRPCHealthV1.HealthCheckRequest(wire: call.message)
      guard let status = registry.status(of: request.service) else {
        call.fail(Status(.notFound, "no service '\(request.service.prefix(200))' is served here"))
        return
      }
      call.succeed(response(status))
    } catch {
      call.fail(malformed(error))
    }
  }

  private static func watch(_ call: StreamingCall, _ registry: HealthRegistry) {
    let stream = NIOLoopBoundBox(HealthWatch(), eventLoop: call.eventLoop)
    call.onMessage { bytes in
      if let watch = stream.value.watch {
        registry.unwatch(watch)
        call.finish(Status(.invalidArgument, "Watch takes one request"))
        return
      }
      do throws(WireError) {
        let request = try GRPCHealthV1.HealthCheckRequest(wire: bytes)
        stream.value.watch = registry.watch(request.service) { news in
          call.eventLoop.execute { tell(news, call, stream) }
        }
      } catch {
        call.finish(malformed(error))
      }
    }
    call.onHalfClose {
      if stream.value.watch == nil {
        call.finish(Status(.invalidArgument, "Watch takes one request, and none came"))
      }
    }
    call.onWritable {
      if let status = stream.value.unsent.take() { call.send(response(status)) }
    }
    call.onCancel { _ in
      if let watch = stream.value.watch { registry.unwatch(watch) }
    }
  }

  /// Sends what is new. A peer that does not read misses what came between, never the latest.
  private static func tell(
    _ news: HealthRegistry.News, _ call: StreamingCall, _ stream: NIOLoopBoundBox<HealthWatch>
  ) {
    switch news {
    case .status(let status) where call.isWritable:
      stream.value.unsent = nil
      call.send(response(status))
    case .status(let status):
      stream.value.unsent = status
    case .ended:
      if let status = stream.value.unsent.take() { call.send(response(status)) }
      call.finish(Status(.unavailable, "the server is shutting down"))
    }
  }

  private static func response(_ status: HealthRegistry.ServingStatus) -> [UInt8] {
    GRPCHealthV1.HealthCheckResponse { $0.status = status }.wireBytes()
  }

  private static func malformed(_ error: WireError) -> Status {
    Status(.invalidArgument, "not a HealthCheckRequest: \(error)")
  }
}

/// One Watch that is being served, on its event loop.
private struct HealthWatch {
  /// Set once its request has come.
  var watch: HealthRegistry.Watch?
  /// The latest status that could not be sent because the peer does not read.
  var unsent: HealthRegistry.ServingStatus?
}
