import Mode

/// FNV-1a over 64 bits: a hash of names that is the same in every process and version.
///
/// Nothing for what a stranger could gain from by finding a collision.
package struct NameHash {
  package private(set) var value: UInt64
  private static let prime: UInt64 = 0x100_0000_01b3

  /// - Parameter basis: FNV's own; another one makes another hash of the same name
  package init(_ name: String, basis: UInt64 = 0xcbf2_9ce4_8422_2325) {
    value = basis
    let bytes = name.utf8.span
    for index in bytes.indices { value = (value ^ UInt64(bytes[index])) &* Self.prime }
  }

  package mutating func add(_ word: UInt64) {
    value = (value ^ word) &* Self.prime
  }

  /// The hash with every bit depending on all others.
  package var mixed: UInt64 { value.mixed }
}
