#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// One axis of a chart: where a value stands, and which values are written beside it.
struct ChartAxis {
  struct Tick: Equatable {
    var value: Double
    var label: String
  }

  private enum Scale { case linear, logarithmic }

  private let scale: Scale
  let from: Double
  let to: Double
  let ticks: [Tick]

  /// From zero to a round number above all values.
  static func fromZero(_ values: [Double]) -> ChartAxis {
    let top = max(values.max() ?? 0, 1)
    let power = pow(10, floor(log10(top / 4)))
    let step = [1, 2, 2.5, 5, 10].map { $0 * power }.first { top / $0 <= 5 } ?? 10 * power
    let count = Int((top / step).rounded(.up))
    let ticks = (0...count).map { index in
      Tick(value: Double(index) * step, label: Figure.plain(Double(index) * step))
    }
    return ChartAxis(scale: .linear, from: 0, to: Double(count) * step, ticks: ticks)
  }

  /// Over all values, with a tick at 1, 2 and 5 of every power of ten, or at the powers alone where
  /// there are many.
  static func logarithmic(_ values: [Double]) -> ChartAxis {
    let positive = values.filter { $0 > 0 }
    let (low, high) = (positive.min() ?? 1, positive.max() ?? 10)
    let powers = Int(floor(log10(low)))...Int(ceil(log10(high)))
    let all = powers.flatMap { power in [1, 2, 5].map { $0 * pow(10, Double(power)) } }
    let from = all.last { $0 <= low } ?? low
    var to = all.first { $0 >= high } ?? high
    if to <= from { to = from * 2 }
    let within = all.filter { from <= $0 && $0 <= to }
    let shown = within.count > 9 ? within.filter { isPowerOfTen($0) } : within
    return ChartAxis(
      scale: .logarithmic, from: from, to: to,
      ticks: shown.map { Tick(value: $0, label: Figure.plain($0)) })
  }

  /// Over all values, with a tick at each of them.
  static func at(_ values: [Double]) -> ChartAxis {
    let (low, high) = (values.min() ?? 1, values.max() ?? 1)
    let isOne = low == high
    return ChartAxis(
      scale: .logarithmic, from: isOne ? low / 2 : low, to: isOne ? high * 2 : high,
      ticks: values.map { Tick(value: $0, label: Figure.plain($0)) })
  }

  /// Percentiles up to the last one that so many values can tell, each nine as wide as the one
  /// before.
  static func percentiles(count: Int) -> ChartAxis {
    let named = [
      (0.0, "0 %"), (50, "50 %"), (90, "90 %"), (99, "99 %"), (99.9, "99.9 %"), (99.99, "99.99 %"),
    ]
    let last = max(90, min(99.99, 100 - 100 / Double(max(1, count))))
    return ChartAxis(
      scale: .linear, from: 0, to: nines(last),
      ticks: named.filter { $0.0 <= last + 1e-9 }.map { Tick(value: nines($0.0), label: $0.1) })
  }

  /// How many nines a percentile has: 1 for 90 %, 3 for 99.9 %.
  static func nines(_ percentile: Double) -> Double { -log10(1 - percentile / 100) }

  private static func isPowerOfTen(_ value: Double) -> Bool {
    let power = log10(value)
    return abs(power - power.rounded()) < 1e-9
  }

  /// 0 at the axis's beginning, 1 at its end.
  func position(_ value: Double) -> Double {
    switch scale {
    case .linear: (value - from) / (to - from)
    case .logarithmic: log(max(value, from) / from) / log(to / from)
    }
  }
}
