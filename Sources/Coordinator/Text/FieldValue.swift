/// The value of an HTTP header.
enum FieldValue {
  /// RFC 9110, section 5.5, without what is beyond ASCII, which servers read in different ways.
  static func isLegal(_ value: String) -> Bool {
    let isVisible = { (byte: UInt8) in byte > 0x20 && byte < 0x7F }
    guard let first = value.utf8.first, let last = value.utf8.last else { return true }
    return isVisible(first) && isVisible(last)
      && value.utf8.allSatisfy { isVisible($0) || $0 == 0x20 || $0 == 0x09 }
  }
}
