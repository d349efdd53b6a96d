import Store

/// The shards of this process, one for each event loop.
struct ShardSet: ShardDirectory {
  let loops: [ShardLoop]

  func onShard(of id: String, _ body: @escaping @Sendable (Shard) -> Void) {
    loops[Int(NameHash(id).value % UInt64(loops.count))].run(body)
  }
}
