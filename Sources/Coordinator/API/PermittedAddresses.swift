import Synchronization

/// Addresses that were read and permitted: callers name the same few again and again, and to read
/// one takes longer than all other checks of its call.
final class PermittedAddresses: Sendable {
  /// Past it all are forgotten.
  private static let countMax = 4_096
  /// A longer text, which may still name a host (zeros in front of the port), is read each time.
  private static let textBytesMax = 300

  private let texts = Mutex<Set<String>>([])

  func contains(_ text: String) -> Bool {
    texts.withLock { $0.contains(text) }
  }

  func insert(_ text: String) {
    guard text.utf8.count <= Self.textBytesMax else { return }
    texts.withLock { texts in
      if texts.count >= Self.countMax { texts.removeAll() }
      texts.insert(text)
    }
  }
}
