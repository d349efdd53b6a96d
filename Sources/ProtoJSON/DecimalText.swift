/// A number in JSON's grammar, taken apart so that whole ones are exact in whatever form they come:
/// `100`, `1e2`, `100.0`.
struct DecimalText {
  let isNegative: Bool
  /// All digits, without the point.
  private let digits: [UInt8]
  /// The power of ten that the digits are to be multiplied with; kept small, since any digits times
  /// 10^9999 are too large.
  private let exponent: Int

  private static let exponentMax = 9_999

  /// Nil where the text is no JSON number.
  init?(_ text: String) {
    guard let value = try? JSONValue(parsing: text), case .number(let number) = value,
      number.utf8.count == text.utf8.count
    else { return nil }
    var digits: [UInt8] = []
    var fraction = 0
    var isFraction = false
    var exponent = 0
    var isExponent = false
    var isExponentNegative = false
    for byte in number.utf8 {
      switch byte {
      case UInt8(ascii: "."): isFraction = true
      case UInt8(ascii: "e"), UInt8(ascii: "E"): isExponent = true
      case UInt8(ascii: "-"): if isExponent { isExponentNegative = true }
      case UInt8(ascii: "+"): break
      default:
        if isExponent {
          exponent = min(exponent * 10 + Int(byte - UInt8(ascii: "0")), Self.exponentMax)
        } else {
          digits.append(byte - UInt8(ascii: "0"))
          if isFraction { fraction += 1 }
        }
      }
    }
    isNegative = number.utf8.first == UInt8(ascii: "-")
    self.digits = digits
    self.exponent = (isExponentNegative ? -exponent : exponent) - fraction
  }

  /// The number without its sign, where it is whole and fits.
  var magnitude: UInt64? {
    var digits = digits[...]
    while digits.first == 0 { digits = digits.dropFirst() }
    if digits.isEmpty { return 0 }
    var zeros = exponent
    while zeros < 0, digits.last == 0 {
      digits = digits.dropLast()
      zeros += 1
    }
    guard zeros >= 0, digits.count + zeros <= 20 else { return nil }
    var value: UInt64 = 0
    for digit in digits + Array(repeating: 0, count: zeros) {
      let (product, overflow) = value.multipliedReportingOverflow(by: 10)
      let (sum, carry) = product.addingReportingOverflow(UInt64(digit))
      if overflow || carry { return nil }
      value = sum
    }
    return value
  }

  /// The number, where it is whole and fits.
  func whole<Number: FixedWidthInteger>(_ type: Number.Type) -> Number? {
    guard let magnitude else { return nil }
    guard isNegative, magnitude > 0 else { return Number(exactly: magnitude) }
    guard magnitude <= UInt64(Int64.max) + 1 else { return nil }
    return Number(exactly: 0 &- Int64(bitPattern: magnitude))
  }
}
