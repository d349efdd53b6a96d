/// Requests of one id whose transaction is not live: one at a time has a write under way, the
/// others wait.
struct RequestQueue {
  var waiting: [QueuedRequest] = []
  /// The next ones are being run.
  var isHandingOn = false
  /// The one that was run last is through already.
  var isFree = false
}

/// A request that waits for the write of another one with the same id.
struct QueuedRequest {
  var run: () -> Void
  var fail: (RequestError) -> Void
}
