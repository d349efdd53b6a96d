/// Digits and nothing else: no sign, no space, no underscore, nothing that overflows.
func wholeNumber(_ text: some StringProtocol) -> Int? {
  guard !text.isEmpty,
    text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
  else { return nil }
  return Int(text)
}
