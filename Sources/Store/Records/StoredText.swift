/// Makes a text fit for a column.
package enum StoredText {
  /// The longest error, reason or note.
  package static let bytesMax = 1024

  /// The text without NUL, which PostgreSQL refuses, and cut after a whole character: no text that
  /// a participant sends may fail the update that carries it.
  package static func clean(_ text: String, bytesMax: Int = bytesMax) -> String {
    if text.utf8.count <= bytesMax && !text.utf8.contains(0) { return text }
    var scalars = String.UnicodeScalarView()
    var bytes = 0
    for scalar in text.unicodeScalars {
      let kept = scalar.value == 0 ? "\u{FFFD}" : scalar
      bytes += UTF8.width(kept)
      if bytes > bytesMax { break }
      scalars.append(kept)
    }
    return String(scalars)
  }
}
