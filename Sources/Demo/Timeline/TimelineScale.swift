/// Where milliseconds lie on a line of a terminal.
struct TimelineScale: Equatable, Sendable {
  /// The column of the first millisecond.
  let margin: Int
  /// Columns that the whole span takes.
  let width: Int
  /// Milliseconds, at least one.
  let span: Double
  let decision: Timeline.Decision?

  func column(_ milliseconds: Double) -> Int {
    margin + Int((milliseconds / span * Double(width)).rounded(.down))
  }

  var decisionColumn: Int? { decision.map { column($0.at) } }

  /// The columns of a bar, at least one. A bar that lies before or after the decision does not
  /// cover its line, however close it comes.
  func columns(_ bar: Timeline.Bar) -> ClosedRange<Int> {
    var first = column(bar.from)
    var last = bar.look == .unreached ? first : max(first, column(bar.to) - 1)
    if let decision, let line = decisionColumn {
      if bar.from >= decision.at, first <= line {
        first = line + 1
        last = max(last, first)
      } else if bar.to <= decision.at, last >= line {
        last = line - 1
        first = min(first, last)
      }
    }
    return first...last
  }

  /// Between two numbers of the axis: 1, 2 or 5 times a power of ten.
  var step: Double {
    let ticksMax = Double(max(1, width / 12))
    var power = 1.0
    while true {
      for factor in [1.0, 2, 5] where span / (factor * power) <= ticksMax {
        return factor * power
      }
      power *= 10
    }
  }
}
