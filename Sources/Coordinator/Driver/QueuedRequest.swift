/// A request that waits for the write of another one with the same id.
struct QueuedRequest {
  var run: () -> Void
  var fail: (RequestError) -> Void
}
