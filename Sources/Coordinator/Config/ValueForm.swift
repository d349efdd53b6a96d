/// How the value of a setting is written: what is accepted, how it is read, how it is shown.
///
/// A form reads text only: flags and environment variables are text, and a number in a settings
/// file is read through the text it stands for, so that the three agree in what they accept.
struct ValueForm<Value: Sendable & Equatable>: Sendable {
  /// The kind of value in one word, as it stands in `--help`: `duration`, `size`, `count`.
  let noun: String
  /// What is accepted, as the end of the sentence "write …".
  let accepted: String
  /// Reads a value, or nil where the text is not in this form.
  let read: @Sendable (String) -> Value?
  /// The shortest text that reads back as the value.
  let write: @Sendable (Value) -> String
}

extension ValueForm where Value == String {
  /// Any text that `check` lets pass.
  static func text(
    _ noun: String, _ accepted: String, check: @escaping @Sendable (String) -> Bool
  ) -> Self {
    Self(noun: noun, accepted: accepted, read: { check($0) ? $0 : nil }, write: { $0 })
  }
}

extension ValueForm where Value == Int {
  /// A whole number.
  static func count(_ range: ClosedRange<Int>) -> Self {
    let form = "a whole number from \(range.lowerBound) to \(range.upperBound)"
    return Self(
      noun: "count", accepted: form,
      read: { text in
        guard let number = wholeNumber(text), range.contains(number) else { return nil }
        return number
      },
      write: { String($0) })
  }

  /// A percentage, kept as whole per cent.
  static func percent(_ range: ClosedRange<Int>) -> Self {
    Self(
      noun: "percent",
      accepted: "a percentage from \(range.lowerBound)% to \(range.upperBound)%",
      read: { text in
        guard text.last == "%", let number = wholeNumber(text.dropLast()),
          range.contains(number)
        else { return nil }
        return number
      },
      write: { "\($0)%" })
  }

  /// A number of bytes.
  static func size(_ range: ClosedRange<Int>) -> Self {
    let (least, most) = (Size.write(range.lowerBound), Size.write(range.upperBound))
    return Self(
      noun: "size", accepted: "a size from \(least) to \(most), such as 64KiB or 4MiB",
      read: { text in
        guard let bytes = Size.read(text), range.contains(bytes) else { return nil }
        return bytes
      },
      write: Size.write)
  }
}

extension ValueForm where Value == Double {
  /// A number that need not be whole.
  static func factor(_ range: ClosedRange<Double>) -> Self {
    Self(
      noun: "number", accepted: "a number from \(range.lowerBound) to \(range.upperBound)",
      read: { text in
        // Digits and a point: what else Double reads, such as 0x2 or 1e1, nobody means.
        guard text.utf8.first != UInt8(ascii: "."),
          wholeNumber(text.replacing(".", with: "")) != nil,
          let number = Double(text), range.contains(number)
        else { return nil }
        return number
      },
      write: { $0 == $0.rounded() ? String(Int($0)) : String($0) })
  }
}

extension ValueForm where Value == Bool {
  /// On or off. On the command line the flag alone means on.
  static var onOff: Self {
    Self(
      noun: "bool", accepted: "true or false",
      read: { ["true": true, "false": false][$0] },
      write: { $0 ? "true" : "false" })
  }
}

extension ValueForm where Value == Duration {
  /// A length of time.
  static func duration(_ range: ClosedRange<Duration>) -> Self {
    let (least, most) = (TimeSpan.write(range.lowerBound), TimeSpan.write(range.upperBound))
    return Self(
      noun: "duration", accepted: "a duration from \(least) to \(most), such as 250ms, 10s or 7d",
      read: { text in
        guard let duration = TimeSpan.read(text), range.contains(duration) else { return nil }
        return duration
      },
      write: TimeSpan.write)
  }
}

extension ValueForm where Value: CaseIterable & RawRepresentable, Value.RawValue == String {
  /// One word out of a list.
  static var choice: Self {
    let words = Value.allCases.map(\.rawValue)
    return Self(
      noun: words.joined(separator: "|"), accepted: words.joined(separator: ", "),
      read: { Value(rawValue: $0) },
      write: { $0.rawValue })
  }
}
