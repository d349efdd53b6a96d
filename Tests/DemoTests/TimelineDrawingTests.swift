import Testing

@testable import Demo

@Suite struct TimelineDrawingTests {
  private let plain = Screen(columns: 80, hasColour: false, hasUnicode: true)

  private func bar(
    _ from: Double, _ to: Double, _ look: Timeline.Bar.Look, _ action: String
  ) -> Timeline.Bar {
    Timeline.Bar(from: from, to: to, look: look, action: action)
  }

  private var committed: Timeline {
    Timeline(
      id: "order-1", story: "a story", end: "COMMITTED",
      decision: Timeline.Decision(at: 100, isCommit: true), length: 200,
      rows: [
        Timeline.Row(
          level: 1, name: "order", mode: "Saga", bars: [bar(0, 40, .done, "action")]),
        Timeline.Row(
          level: 1, name: "stock", mode: "TCC",
          bars: [bar(0, 50, .done, "try"), bar(100, 150, .confirmed, "confirm")]),
        Timeline.Row(
          level: 2, name: "account", mode: "TCC",
          bars: [bar(50, 100, .done, "try"), bar(101, 140, .confirmed, "confirm")]),
      ])
  }

  private var rolledBack: Timeline {
    Timeline(
      id: "order-2", story: "a story that is too long for the line that it should stand on, by far",
      end: "ROLLED BACK", reason: "account: no money",
      decision: Timeline.Decision(at: 1_000, isCommit: false), length: 1_500,
      rows: [
        Timeline.Row(
          level: 1, name: "stock", mode: "TCC",
          bars: [bar(0, 500, .done, "try"), bar(1_000, 1_500, .undone, "cancel")]),
        Timeline.Row(
          level: 2, name: "account", mode: "TCC",
          bars: [
            bar(600, 600, .unreached, "try"), bar(700, 700, .unreached, "try"),
            bar(800, 1_000, .refused, "try"),
          ]),
      ])
  }

  @Test func aCommitIsDrawn() {
    let lines = TimelineDrawing(committed, on: plain).lines
    #expect(
      lines.joined(separator: "\n") == """
        ── order-1 ─ a story ────────────────────────────────────── COMMITTED  200 ms ──

                        0 ms           50 ms           100 ms         150 ms
                        ╷              ╷               ▼ commit       ╷               ╷
          level 1                                      ┃
          order   Saga  ████████████                   ┃
                        action ✓ 40 ms                 ┃
          stock   TCC   ███████████████                ┃██████████████
                        try ✓ 50 ms                    ┃ confirm ✓ 50 ms
          level 2                                      ┃
          account TCC                  ████████████████┃███████████
                                       try ✓ 50 ms     ┃ confirm ✓ 39 ms
        """)
  }

  @Test func aRollbackIsDrawnWithItsReasonAndItsUnreachedAttempts() {
    let lines = TimelineDrawing(rolledBack, on: plain).lines
    #expect(lines[0].hasSuffix("... ─ ROLLED BACK  1.5 s ──"))
    #expect(lines[1] == "   account: no money")
    let text = lines.joined(separator: "\n")
    #expect(text.contains("▼ rollback"))
    #expect(text.contains("2 ×"))
    #expect(text.contains("✗"))
    #expect(text.contains("▓"))
  }

  @Test(arguments: [60, 73, 80, 100, 140])
  func everyLineFitsAndTheDecisionIsOneUnbrokenLine(columns: Int) throws {
    let screen = Screen(columns: columns, hasColour: false, hasUnicode: true)
    for timeline in [committed, rolledBack] {
      let lines = TimelineDrawing(timeline, on: screen).lines
      #expect(lines.allSatisfy { $0.count <= columns })
      let top = try #require(lines.firstIndex { $0.contains("▼") })
      let column = try #require(Array(lines[top]).firstIndex(of: "▼"))
      for line in lines[(top + 1)...] { #expect(Array(line)[column] == "┃", "\(line)") }
    }
  }

  @Test func aTerminalWithoutUnicodeGetsASCII() {
    let screen = Screen(columns: 80, hasColour: false, hasUnicode: false)
    for timeline in [committed, rolledBack] {
      #expect(
        TimelineDrawing(timeline, on: screen).lines.allSatisfy { $0.utf8.allSatisfy { $0 < 128 } })
    }
  }

  @Test func colourChangesNothingButTheColour() {
    let coloured = Screen(columns: 80, hasColour: true, hasUnicode: true)
    let lines = TimelineDrawing(committed, on: coloured).lines
    #expect(lines.contains { $0.contains("\u{1B}[") })
    let stripped = lines.map { $0.replacing(/\u{1B}\[[0-9;]*m/, with: "") }
    #expect(stripped == TimelineDrawing(committed, on: plain).lines)
  }

  @Test func aTransactionWithoutBranchesOrTimeIsDrawnToo() {
    let empty = Timeline(
      id: "x", story: "", end: "COMMITTED",
      decision: Timeline.Decision(at: 0, isCommit: true), length: 0, rows: [])
    #expect(TimelineDrawing(empty, on: plain).lines.count >= 3)
  }

  @Test func theEnvironmentSaysWhatTheTerminalCanDo() {
    let tty = Screen(terminalColumns: 120, environment: ["LANG": "en_US.UTF-8"])
    #expect(tty.hasColour && tty.hasUnicode && tty.columns == 120)
    #expect(!Screen(terminalColumns: 80, environment: ["NO_COLOR": "1"]).hasColour)
    #expect(Screen(terminalColumns: 80, environment: ["NO_COLOR": ""]).hasColour)
    #expect(!Screen(terminalColumns: nil, environment: [:]).hasColour)
    #expect(Screen(terminalColumns: nil, environment: ["COLUMNS": "72"]).columns == 72)
    #expect(Screen(terminalColumns: 10, environment: [:]).columns == 60)
    let dumb = Screen(terminalColumns: 80, environment: ["TERM": "dumb", "LANG": "C.UTF-8"])
    #expect(!dumb.hasColour && !dumb.hasUnicode)
    #expect(!Screen(terminalColumns: 80, environment: ["LANG": "de_DE.ISO-8859-1"]).hasUnicode)
    #expect(Screen(terminalColumns: 80, environment: ["LANG": "C"]).hasUnicode)
    #expect(
      !Screen(
        terminalColumns: 80, environment: ["LC_ALL": "de_DE.ISO-8859-1", "LANG": "C.UTF-8"]
      ).hasUnicode)
  }
}
