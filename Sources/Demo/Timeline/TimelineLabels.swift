/// Puts the outcomes of a row below its bars.
struct TimelineLabels {
  let timeline: Timeline
  let glyphs: Glyphs
  let columns: Int

  struct Label: Equatable {
    var column: Int
    var text: String
    var look: Timeline.Bar.Look
  }

  /// The outcome of each bar in as many words as fit beside each other and the decision's line.
  /// What finds no room even as a mark is left away.
  func placed(_ bars: [Timeline.Bar], on scale: TimelineScale) -> [Label] {
    let all = (0..<Self.brevities).lazy.compactMap { placed(bars, on: scale, brevity: $0) }.first
    return all ?? bars.lazy.compactMap { placed([$0], on: scale, brevity: Self.brevities - 1) }
      .first ?? []
  }

  /// How briefly an outcome can be told: with its duration, without, as a mark.
  private static let brevities = 3

  /// The outcome of each bar, or nil where they do not all fit. Attempts that never arrived are
  /// told together.
  func placed(_ bars: [Timeline.Bar], on scale: TimelineScale, brevity: Int) -> [Label]? {
    var free = scale.margin
    var labels: [Label] = []
    for (bar, texts) in outcomes(bars) {
      let text = texts[min(brevity, texts.count - 1)]
      guard let column = place(text, of: bar, from: free, on: scale) else { return nil }
      labels.append(Label(column: column, text: text, look: bar.look))
      free = column + text.count + 1
    }
    return labels
  }

  /// The column at which a text stands free, as near to its bar as can be.
  private func place(
    _ text: String, of bar: Timeline.Bar, from free: Int, on scale: TimelineScale
  ) -> Int? {
    let bar = scale.columns(bar).lowerBound
    var room = free..<columns
    if let line = scale.decisionColumn {
      // On its bar's side of the line, a blank away from it.
      room = bar > line ? max(free, line + 2)..<columns : free..<max(free, line - 1)
    }
    let start = min(max(bar, room.lowerBound), room.upperBound - text.count)
    return start >= room.lowerBound ? start : nil
  }

  /// Bars with what is said of them, from all words to fewest.
  private func outcomes(_ bars: [Timeline.Bar]) -> [(Timeline.Bar, [String])] {
    let unreached = bars.filter { $0.look == .unreached }
    var outcomes: [(Timeline.Bar, [String])] = []
    if let first = unreached.first {
      let count = "\(unreached.count) \(glyphs.times)"
      outcomes.append((first, ["\(count) not reached", count]))
    }
    for bar in bars where bar.look != .unreached {
      let word =
        switch bar.look {
        case .refused: "\(bar.action) \(glyphs.no) refused"
        case .failed: "\(bar.action) \(glyphs.no) failed"
        default: "\(bar.action) \(glyphs.yes)"
        }
      let mark = [.refused, .failed].contains(bar.look) ? glyphs.no : glyphs.yes
      outcomes.append(
        (bar, ["\(word) \(TimelineDrawing.duration(bar.to - bar.from))", word, mark]))
    }
    return outcomes
  }
}

/// The characters that a terminal can show.
struct Glyphs {
  let solid, undone, refused, unreached, decision, decisionTop, tick, rule: Character
  let yes, no, times: String

  static let unicode = Glyphs(
    solid: "█", undone: "▓", refused: "▒", unreached: "╳", decision: "┃", decisionTop: "▼",
    tick: "╷", rule: "─", yes: "✓", no: "✗", times: "×")
  static let ascii = Glyphs(
    solid: "#", undone: "=", refused: "%", unreached: "x", decision: "|", decisionTop: "v",
    tick: "'", rule: "-", yes: "ok", no: "no", times: "x")

  func bar(_ look: Timeline.Bar.Look) -> Character {
    switch look {
    case .done, .confirmed: solid
    case .undone: undone
    case .refused, .failed: refused
    case .unreached: unreached
    }
  }
}

extension Timeline.Bar.Look {
  var ink: Ink {
    switch self {
    case .done: .green
    case .confirmed: .cyan
    case .undone: .yellow
    case .refused, .failed, .unreached: .red
    }
  }
}
