/// FNV-1a over 64 bits: a hash of names that is the same in every process and version.
///
/// Nothing for what a stranger could gain from by finding a collision.
struct NameHash {
  private(set) var value: UInt64 = 0xcbf2_9ce4_8422_2325
  private static let prime: UInt64 = 0x100_0000_01b3

  init(_ name: String) {
    let bytes = name.utf8.span
    for index in bytes.indices { value = (value ^ UInt64(bytes[index])) &* Self.prime }
  }

  mutating func add(_ word: UInt64) {
    value = (value ^ word) &* Self.prime
  }

  /// Another hash of the same name.
  var next: NameHash {
    var next = self
    next.add(1)
    return next
  }

  /// The hash with every bit depending on all others (the finalizer of SplitMix64).
  var mixed: UInt64 {
    var bits = value
    bits = (bits ^ (bits >> 30)) &* 0xbf58_476d_1ce4_e5b9
    bits = (bits ^ (bits >> 27)) &* 0x94d0_49bb_1331_11eb
    return bits ^ (bits >> 31)
  }
}
