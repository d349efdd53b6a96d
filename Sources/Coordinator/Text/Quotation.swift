/// A caller's text inside of a description.
enum Quotation {
  /// Bytes of the text that are repeated.
  static let bytesMax = 64

  /// In quotes, not too long, nothing unprintable.
  static func of(_ text: String) -> String {
    var shown = ""
    for scalar in text.cut(toBytes: bytesMax).unicodeScalars {
      shown +=
        scalar.properties.generalCategory == .control
        ? scalar.escaped(asASCII: true)
        : String(scalar)
    }
    return text.utf8.count > bytesMax ? "'\(shown)…'" : "'\(shown)'"
  }
}
