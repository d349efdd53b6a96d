import Store

/// The shards of this process, one for each event loop.
struct ShardSet: ShardDirectory {
  let loops: [ShardLoop]

  /// Which shard an id belongs to.
  static func index(of id: String, count: Int) -> Int {
    Int(NameHash(id).value % UInt64(count))
  }

  func onShard(of id: String, _ body: @escaping @Sendable (Shard) -> Void) {
    loops[ShardSet.index(of: id, count: loops.count)].run(body)
  }
}
