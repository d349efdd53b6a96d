/// Draws a timeline as lines of text: branches as rows, time as columns, calls as bars with their
/// outcome below, the decision as a vertical line through all of them.
struct TimelineDrawing {
  private let timeline: Timeline
  private let screen: Screen
  private let glyphs: Glyphs
  private let scale: TimelineScale

  init(_ timeline: Timeline, on screen: Screen) {
    self.timeline = timeline
    self.screen = screen
    glyphs = screen.hasUnicode ? .unicode : .ascii
    let names = timeline.rows.map(\.name.count).max() ?? 0
    let margin = 2 + max(names, 7) + 1 + 4 + 2
    let last = timeline.rows.flatMap(\.bars).map(\.to).max() ?? 0
    let widest = screen.columns - margin - 2
    func scale(_ width: Int) -> TimelineScale {
      TimelineScale(
        margin: margin, width: width, span: max(timeline.length, last, 1),
        decision: timeline.decision)
    }
    // As wide as leaves room for every outcome; where none does, some outcomes are shortened.
    let widths = stride(from: widest, to: widest / 2, by: -1)
    let drawing = TimelineLabels(timeline: timeline, glyphs: glyphs, columns: screen.columns)
    self.scale =
      widths.lazy.map(scale).first { scale in
        timeline.rows.allSatisfy { drawing.placed($0.bars, on: scale, brevity: 0) != nil }
      } ?? scale(widest)
  }

  var lines: [String] {
    [heading] + (timeline.reason.map { [reason($0)] } ?? []) + [""] + axis
      + timeline.rows.enumerated().flatMap { index, row in
        let opensLevel = index == 0 || timeline.rows[index - 1].level != row.level
        return (opensLevel ? [level(row.level)] : []) + [bars(row), outcomes(row)]
      }
  }

  /// `── order-1001 ─ anna buys two lamps ───────────── COMMITTED  187 ms ──`
  private var heading: String {
    var canvas = Canvas(width: screen.columns)
    canvas.write(String(repeating: glyphs.rule, count: screen.columns), at: 0, .faint)
    canvas.write(" \(timeline.id) ", at: 2, .bold)
    let duration = " \(Self.duration(timeline.length)) "
    let end = " \(timeline.end) "
    let right = screen.columns - 2 - duration.count - end.count
    let story = 2 + timeline.id.count + 3
    canvas.write(" \(cut(timeline.story, to: right - story - 3)) ", at: story)
    canvas.write(end, at: right, decisionInk)
    canvas.write(duration, at: right + end.count, .faint)
    return canvas.text(screen)
  }

  private func reason(_ text: String) -> String {
    var canvas = Canvas(width: screen.columns)
    canvas.write(cut(text, to: screen.columns - 5), at: 3, .red)
    return canvas.text(screen)
  }

  // MARK: The axis

  /// Numbers, then their ticks; the decision's name stands on the line of the ticks.
  private var axis: [String] {
    var numbers = Canvas(width: screen.columns)
    var ticks = Canvas(width: screen.columns)
    for at in stride(from: 0, through: scale.span, by: scale.step) {
      let label = Self.duration(at)
      if scale.column(at) + label.count <= screen.columns {
        numbers.write(label, at: scale.column(at), .faint)
      }
      ticks.write(String(glyphs.tick), at: scale.column(at), .faint)
    }
    if let decision = timeline.decision, let column = scale.decisionColumn {
      let name = "\(glyphs.decisionTop) \(decision.isCommit ? "commit" : "rollback")"
      let start = min(column, screen.columns - name.count)
      ticks.write(" \(name) ", at: start - 1)
      ticks.write(name, at: start, decisionInk)
    }
    return [numbers.text(screen), ticks.text(screen)]
  }

  // MARK: Rows

  private func level(_ number: UInt32) -> String {
    var canvas = row()
    canvas.write("level \(number)", at: 2, .faint)
    return canvas.text(screen)
  }

  private func bars(_ row: Timeline.Row) -> String {
    var canvas = self.row()
    canvas.write(row.name, at: 2, .bold)
    canvas.write(row.mode, at: scale.margin - 6, .faint)
    for bar in row.bars {
      let columns = scale.columns(bar)
      canvas.write(
        String(repeating: glyphs.bar(bar.look), count: columns.count), at: columns.lowerBound,
        bar.look.ink)
    }
    return canvas.text(screen)
  }

  private func outcomes(_ row: Timeline.Row) -> String {
    var canvas = self.row()
    let labels = TimelineLabels(timeline: timeline, glyphs: glyphs, columns: screen.columns)
    for label in labels.placed(row.bars, on: scale) {
      canvas.write(label.text, at: label.column, label.look.ink)
    }
    return canvas.text(screen)
  }

  /// An empty row, with the decision's line.
  private func row() -> Canvas {
    var canvas = Canvas(width: screen.columns)
    if let column = scale.decisionColumn {
      canvas.write(String(glyphs.decision), at: column, decisionInk)
    }
    return canvas
  }

  private var decisionInk: Ink {
    timeline.decision?.isCommit == false ? .boldRed : .boldGreen
  }

  private func cut(_ text: String, to width: Int) -> String {
    text.count <= width ? text : String(text.prefix(max(0, width - 3))) + "..."
  }

  static func duration(_ milliseconds: Double) -> String {
    guard milliseconds >= 1000 else { return "\(Int(milliseconds.rounded())) ms" }
    let tenths = Int((milliseconds / 100).rounded())
    return "\(tenths / 10).\(tenths % 10) s"
  }
}
