/// The terminal as far as drawing needs to know it.
package struct Screen: Sendable {
  /// Cells in a line.
  package var columns: Int
  package var hasColour: Bool
  /// Whether it shows more than ASCII.
  package var hasUnicode: Bool

  package init(columns: Int, hasColour: Bool, hasUnicode: Bool) {
    self.columns = min(max(columns, 60), 140)
    self.hasColour = hasColour
    self.hasUnicode = hasUnicode
  }

  /// Reads what the terminal is from the environment.
  ///
  /// - Parameters:
  ///   - terminalColumns: The width of the terminal; nil where the output is none.
  ///   - environment: `NO_COLOR`, `TERM`, `COLUMNS` and the locale's variables are looked at.
  package init(terminalColumns: Int?, environment: [String: String]) {
    let isDumb = environment["TERM"] == "dumb"
    let forbidsColour = environment["NO_COLOR"].map { !$0.isEmpty } ?? false
    let locale =
      ["LC_ALL", "LC_CTYPE", "LANG"].lazy.compactMap { environment[$0] }.first { !$0.isEmpty } ?? ""
    // A locale that names another character set means it; none at all means only that nobody
    // said so, as in a container.
    let charset = locale.split(separator: ".").dropFirst().first?.uppercased() ?? "UTF-8"
    self.init(
      columns: terminalColumns ?? environment["COLUMNS"].flatMap { Int($0) } ?? 100,
      hasColour: terminalColumns != nil && !isDumb && !forbidsColour,
      hasUnicode: !isDumb && ["UTF-8", "UTF8"].contains(charset))
  }
}

/// How a piece of text looks, where there is colour.
enum Ink: String, Sendable {
  case plain = ""
  case bold = "1"
  case faint = "2"
  case green = "32"
  case red = "31"
  case yellow = "33"
  case cyan = "36"
  case boldGreen = "1;32"
  case boldRed = "1;31"
}

/// A line of cells, each with its ink.
struct Canvas: Sendable {
  private var cells: [(character: Character, ink: Ink)]

  init(width: Int) {
    cells = Array(repeating: (" ", .plain), count: max(0, width))
  }

  /// Writes text from a column on; what does not fit is left away.
  mutating func write(_ text: String, at column: Int, _ ink: Ink = .plain) {
    for (offset, character) in text.enumerated() where cells.indices.contains(column + offset) {
      cells[column + offset] = (character, ink)
    }
  }

  /// The line without its trailing blanks.
  func text(_ screen: Screen) -> String {
    var result = ""
    var ink = Ink.plain
    let end = (cells.lastIndex { $0.character != " " } ?? -1) + 1
    for cell in cells[..<end] {
      if screen.hasColour, cell.ink != ink, cell.character != " " || cell.ink == .plain {
        if ink != .plain { result += "\u{1B}[0m" }
        if cell.ink != .plain { result += "\u{1B}[\(cell.ink.rawValue)m" }
        ink = cell.ink
      }
      result.append(cell.character)
    }
    return ink == .plain ? result : result + "\u{1B}[0m"
  }
}
