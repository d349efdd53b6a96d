/// Numbers as people read them.
enum Figure {
  /// About three digits that count, as in 0.06, 9.99, 17.3, 1235.
  static func short(_ value: Double) -> String {
    let digits = value >= 100 ? 0 : value >= 10 ? 1 : 2
    var scale = 1.0
    for _ in 0..<digits { scale *= 10 }
    let scaled = Int((value * scale).rounded())
    guard digits > 0 else { return "\(scaled)" }
    let fraction = String(scaled % Int(scale))
    let zeros = String(repeating: "0", count: digits - fraction.count)
    return "\(scaled / Int(scale)).\(zeros)\(fraction)"
  }

  /// As many digits as it has, at most two behind the point: 10, 0.5.
  static func plain(_ value: Double) -> String {
    if value == value.rounded() { return grouped(Int(value)) }
    let text = short(value)
    return text.hasSuffix("0") && text.contains(".") ? String(text.dropLast()) : text
  }

  /// Commas between the thousands: 12,345.
  static func grouped(_ value: Int) -> String {
    let digits = Array(String(value.magnitude))
    var text = ""
    for (index, digit) in digits.enumerated() {
      if index > 0, (digits.count - index).isMultiple(of: 3) { text += "," }
      text.append(digit)
    }
    return value < 0 ? "-" + text : text
  }

  /// A share as a percentage: 3, 0.4, 97.
  static func percent(_ share: Double) -> String {
    let percent = share * 100
    return percent > 0 && percent < 1 ? short(percent) : "\(Int(percent.rounded()))"
  }

  /// `1 caller`, `64 callers`.
  static func count(_ count: Int, _ noun: String) -> String {
    "\(grouped(count)) \(noun)\(count == 1 ? "" : "s")"
  }
}
