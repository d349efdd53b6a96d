extension UInt64 {
  /// The bits, each depending on all others: the finalizer of SplitMix64 (Steele, Lea, Flood: Fast
  /// Splittable Pseudorandom Number Generators, 2014).
  package var mixed: UInt64 {
    var bits = self
    bits = (bits ^ (bits >> 30)) &* 0xbf58_476d_1ce4_e5b9
    bits = (bits ^ (bits >> 27)) &* 0x94d0_49bb_1331_11eb
    return bits ^ (bits >> 31)
  }

  /// What SplitMix64 adds from one number to the next.
  package static let mixedStep: UInt64 = 0x9e37_79b9_7f4a_7c15
}
