import Mode
import Store

/// A W3C trace context made from names: all calls of a transaction belong to one trace, before and
/// after a restart, with nothing stored for it.
///
/// The names are hashed by FNV-1a, not by a digest: an id only has to differ from others, and one
/// is made for every call.
///
/// Source: W3C Trace Context, section 3.2 (`traceparent`).
struct TraceContext {
  private let high: UInt64
  private let low: UInt64

  init(transaction: String) {
    high = NameHash(transaction).mixed
    // All zeros are no trace id.
    low = NameHash(transaction, basis: high).mixed | 1
  }

  /// The header of one call: `00-<trace>-<span>-01`.
  func header(branch: String, action: Action, attempt: UInt32, fence: Int64) -> String {
    var call = NameHash(branch)
    call.add(UInt64(action.rawValue) << 32 | UInt64(attempt))
    call.add(UInt64(bitPattern: fence))
    return header(of: call)
  }

  /// The header of an attempt to tell the end.
  func header(completionAttempt attempt: UInt32) -> String {
    var call = NameHash("completion")
    call.add(UInt64(attempt))
    return header(of: call)
  }

  private func header(of call: NameHash) -> String {
    let span = (call.mixed ^ high) | 1
    return String(unsafeUninitializedCapacity: 55) { text in
      var place = 0
      func put(_ byte: UInt8) {
        text[place] = byte
        place += 1
      }
      func put(hex word: UInt64) {
        for shift in stride(from: UInt64(60), through: 0, by: -4) {
          let digit = UInt8(truncatingIfNeeded: word >> shift) & 0xF
          put(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
        }
      }
      put(UInt8(ascii: "0"))
      put(UInt8(ascii: "0"))
      put(UInt8(ascii: "-"))
      put(hex: high)
      put(hex: low)
      put(UInt8(ascii: "-"))
      put(hex: span)
      put(UInt8(ascii: "-"))
      put(UInt8(ascii: "0"))
      put(UInt8(ascii: "1"))
      return place
    }
  }
}
