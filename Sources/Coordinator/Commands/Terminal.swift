import Glibc

/// What a terminal says of itself.
enum Terminal {
  private static let columnsUnknown = 80

  /// Cells in a line of the terminal behind a descriptor; nil where there is none.
  static func columns(of descriptor: Int32) -> Int? {
    guard isatty(descriptor) == 1 else { return nil }
    var size = winsize()
    guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else {
      return columnsUnknown
    }
    return Int(size.ws_col)
  }
}
