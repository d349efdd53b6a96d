/// Where the shard of an id is found: the service's only way into the driver.
protocol ShardDirectory: Sendable {
  /// Runs `body` on the thread of the shard that drives the transactions of this id: at once where
  /// the caller is on it, soon otherwise.
  func onShard(of id: String, _ body: @escaping @Sendable (Shard) -> Void)
}
