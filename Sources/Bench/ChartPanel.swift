/// One set of axes in a chart, with its lines.
struct ChartPanel {
  struct Line {
    var name: String
    /// Of its colour, in the style of the chart.
    var style: String
    var points: [(x: Double, y: Double)]
    /// Points are marked where each is a measurement of its own.
    var isMarked = true
  }

  var title: String
  var xTitle: String
  var yTitle: String
  var x: ChartAxis
  var y: ChartAxis
  var lines: [Line]
  /// The area between the axes, in pixels.
  var left: Double
  var top: Double
  var width: Double
  var height: Double

  var svg: String {
    ([text(title, left, top - 36, "name")] + legend + xAxis + yAxis + lines.flatMap(drawing))
      .joined(separator: "\n")
  }

  private func place(_ point: (x: Double, y: Double)) -> (x: Double, y: Double) {
    (left + x.position(point.x) * width, top + (1 - y.position(point.y)) * height)
  }

  private func drawing(_ line: Line) -> [String] {
    let places = line.points.map(place)
    let path = places.map { "\(Self.pixel($0.x)),\(Self.pixel($0.y))" }.joined(separator: " ")
    var drawing = [#"<polyline class="line \#(line.style)" points="\#(path)"/>"#]
    for (place, point) in zip(places, line.points) where line.isMarked {
      let value = "\(line.name), \(Figure.plain(point.x)): \(Figure.short(point.y))"
      drawing.append(dot(line, place, title: value))
    }
    return drawing
  }

  /// `title` is shown where the reader points at it.
  private func dot(_ line: Line, _ at: (x: Double, y: Double), title: String) -> String {
    let place = #"cx="\#(Self.pixel(at.x))" cy="\#(Self.pixel(at.y))" r="4""#
    return #"<circle class="dot \#(line.style)" \#(place)><title>"#
      + "\(Self.escaped(title))</title></circle>"
  }

  /// Names above the panel, each behind a dot of its line's colour.
  private var legend: [String] {
    guard lines.count > 1 || lines.contains(where: { !$0.name.isEmpty }) else { return [] }
    var at = left
    return lines.flatMap { line in
      defer { at += 28 + 7.5 * Double(line.name.count) }
      return [
        dot(line, (at + 4, top - 18), title: line.name),
        text(line.name, at + 13, top - 14, "label"),
      ]
    }
  }

  private var xAxis: [String] {
    var drawing: [String] = []
    var lastAt = -Double.infinity
    for tick in x.ticks {
      let at = left + x.position(tick.value) * width
      drawing.append(line((at, top), (at, top + height), "grid"))
      // Where labels would touch, the later one is left out.
      guard at - lastAt > 12 + 7 * Double(tick.label.count) else { continue }
      lastAt = at
      drawing.append(text(tick.label, at, top + height + 18, "label middle"))
    }
    drawing.append(line((left, top + height), (left + width, top + height), "axis"))
    drawing.append(text(xTitle, left + width / 2, top + height + 40, "label middle"))
    return drawing
  }

  private var yAxis: [String] {
    var drawing: [String] = []
    for tick in y.ticks {
      let at = top + (1 - y.position(tick.value)) * height
      drawing.append(line((left, at), (left + width, at), "grid"))
      drawing.append(text(tick.label, left - 8, at + 4, "label end"))
    }
    let (x, y) = (Self.pixel(left - 54), Self.pixel(top + height / 2))
    drawing.append(
      #"<text class="label middle" transform="translate(\#(x) \#(y)) rotate(-90)">"#
        + "\(Self.escaped(yTitle))</text>")
    return drawing
  }

  private func line(
    _ from: (x: Double, y: Double), _ to: (x: Double, y: Double), _ style: String
  ) -> String {
    #"<line class="\#(style)" x1="\#(Self.pixel(from.x))" y1="\#(Self.pixel(from.y))" "#
      + #"x2="\#(Self.pixel(to.x))" y2="\#(Self.pixel(to.y))"/>"#
  }

  private func text(_ text: String, _ x: Double, _ y: Double, _ style: String) -> String {
    Self.text(text, x, y, style)
  }

  static func text(_ text: String, _ x: Double, _ y: Double, _ style: String) -> String {
    #"<text class="\#(style)" x="\#(pixel(x))" y="\#(pixel(y))">\#(escaped(text))</text>"#
  }

  /// Tenths of a pixel are enough.
  private static func pixel(_ value: Double) -> String {
    "\((value * 10).rounded() / 10)"
  }

  private static func escaped(_ text: String) -> String {
    var escaped = ""
    for character in text {
      switch character {
      case "&": escaped += "&amp;"
      case "<": escaped += "&lt;"
      case ">": escaped += "&gt;"
      case "\"": escaped += "&quot;"
      default: escaped.append(character)
      }
    }
    return escaped
  }
}
