/// The shards of this process, one for each event loop.
struct ShardSet: ShardDirectory {
  let loops: [ShardLoop]

  /// Which shard an id belongs to (FNV-1a over its bytes).
  static func index(of id: String, count: Int) -> Int {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in id.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    return Int(hash % UInt64(count))
  }

  func onShard(of id: String, _ body: @escaping @Sendable (Shard) -> Void) {
    loops[ShardSet.index(of: id, count: loops.count)].run(body)
  }
}
