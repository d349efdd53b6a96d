extension String {
  /// The longest prefix of at most `bytes` bytes of UTF-8 that ends with a whole character.
  func cut(toBytes bytes: Int) -> String {
    guard utf8.count > bytes else { return self }
    var end = utf8.index(startIndex, offsetBy: bytes)
    while end > startIndex, end.samePosition(in: unicodeScalars) == nil {
      end = utf8.index(before: end)
    }
    return String(self[..<end])
  }
}
