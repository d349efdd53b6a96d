import Synchronization

/// Addresses that were read and permitted: callers name the same few again and again, and to read one takes longer than all
/// other checks of its call.
final class PermittedAddresses: Sendable {
  /// Past it all are forgotten.
  private static let countMax = 4_096

  private let texts = Mutex<Set<String>>([])

  func contains(_ text: String) -> Bool {
    texts.withLock { $0.contains(text) }
  }

  func insert(_ text: String) {
    texts.withLock { texts in
      if texts.count >= Self.countMax { texts.removeAll() }
      texts.insert(text)
    }
  }
}
