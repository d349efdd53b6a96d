/// How many elements of a repeated field are decoded from a stranger's message: two bytes on the
/// wire become hundreds in memory. Past them decoding throws `WireError.tooManyElements`. The
/// limits that callers are told about are settings, checked later, and lie at or below these.
package enum WireLimits {
  /// Branches in one request.
  package static let branchesMax = 10_000
  /// Entries of one map.
  package static let mapEntriesMax = 1_000
}
