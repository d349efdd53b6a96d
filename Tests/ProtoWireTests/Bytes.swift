/// Where two messages part, in few words; nil where they are equal. Keeps failures readable.
func difference(_ left: [UInt8]?, _ right: [UInt8]?) -> String? {
  if left == right { return nil }
  guard let left else { return "refused, instead of \(hex(right ?? []))" }
  guard let right else { return "\(hex(left)), instead of refused" }
  let at = zip(left, right).prefix { $0 == $1 }.count
  let from = max(0, at - 8)
  return """
    at byte \(at): \(hex(Array(left.dropFirst(from).prefix(24)))) \
    instead of \(hex(Array(right.dropFirst(from).prefix(24))))
    """
}

/// Bytes as two hexadecimal digits each.
func hex(_ bytes: [UInt8]) -> String {
  bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined(separator: " ")
}

/// Bytes out of hexadecimal digits; blanks do not count.
func bytes(_ hex: String) -> [UInt8] {
  let digits = hex.compactMap { $0.hexDigitValue.map(UInt8.init) }
  return stride(from: 0, to: digits.count - 1, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
}
