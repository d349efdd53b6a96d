import ProtoWire
import Testing

/// Every truncation and every one-byte change of the corpus decodes as the oracles have it, or
/// throws, or is one of the differences that docs/codec.md lists and DifferenceTests shows.
@Suite struct MutationTests {
  @Test func pythonAgreesButForListedDifferences() throws {
    let inputs = try Self.inputs()
    let answers = try PythonOracle.shared().roundTrip(inputs)
    let known: Traits = [.strangeMapEntry, .equivalentKeys, .longLength]
    var failures: [String] = []
    for (input, python) in zip(inputs, answers) {
      do throws(WireError) {
        let ours = try Everything(wire: input).wireBytes()
        if let python, (try? sortedMaps(python)) == ours, python.count == ours.count { continue }
        if !known.isDisjoint(with: Traits(of: input)) { continue }
        failures.append("\(hex(input)): \(difference(ours, python) ?? "")")
      } catch {
        guard python != nil else { continue }
        switch error {
        case .wrongWireType, .overlongVarint: break
        default: failures.append("\(hex(input)): \(error), but Python decodes it")
        }
      }
    }
    #expect(failures.isEmpty, "first: \(failures.first ?? "")")
  }

  @Test func libprotobufCAgreesButForListedDifferences() throws {
    let known: Traits = [.group, .repeatedSubMessage, .longLength]
    var failures: [String] = []
    for input in try Self.inputs() {
      let theirs = Everything(unpackedByC: input)
      do throws(WireError) {
        let ours = try Everything(wire: input).wireBytes()
        // What libprotobuf-c cannot hold (NUL in strings) is cut from ours in the same way.
        let held = Everything(unpackedByC: ours)
        if theirs?.wireBytes() == held?.wireBytes() { continue }
        if !known.isDisjoint(with: Traits(of: input)) { continue }
        failures.append("\(hex(input)): \(difference(ours, theirs?.wireBytes()) ?? "")")
      } catch {
        guard theirs != nil else { continue }
        switch error {
        case .invalidUTF8, .overlongVarint, .badTag: break
        // The bools: a field, a list, and a map's key.
        case .wrongWireType(_, field: 13, _), .wrongWireType(_, field: 33, _): break
        case .wrongWireType(_, field: 1, .lengthDelimited): break
        default: failures.append("\(hex(input)): \(error), but libprotobuf-c decodes it")
        }
      }
    }
    #expect(failures.isEmpty, "first: \(failures.first ?? "")")
  }

  /// The corpus' smaller messages, as they are, cut at every length and changed at every position.
  private static func inputs() throws -> [[UInt8]] {
    var inputs: [[UInt8]] = []
    for message in try Corpus.messages(in: [.seeds, .failCases])
    where message.count <= 250 {
      inputs.append(message)
      for position in message.indices {
        inputs.append(Array(message[..<position]))
        let byte = message[position]
        let changes: [UInt8] =
          message.count <= 12
          ? Array(1...255)
          : [1, 2, 4, 8, 16, 32, 64, 128, byte, ~byte, byte ^ 0x7F, byte ^ 0x80]
        for change in changes where change != 0 {
          var changed = message
          changed[position] ^= change
          inputs.append(changed)
        }
      }
    }
    return inputs
  }
}
