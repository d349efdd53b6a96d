import ProtoWire

/// What must hold of any bytes at all: reading them ends, and a message that was read is written so
/// that it reads as the same again. Returns what does not hold.
func instability(of wire: [UInt8]) -> String? {
  _ = try? WireReader.withReader(over: wire) { reader throws(WireError) in
    while let field = try reader.nextField() { try reader.skip(field) }
  }
  _ = try? Everything.Leaf(wire: wire)
  guard let message = try? Everything(wire: wire) else { return nil }
  let written = message.wireBytes()
  guard let again = try? Everything(wire: written) else { return "does not read what it wrote" }
  // Bytes, not messages: a NaN does not equal itself.
  guard again.wireBytes() == written else { return "does not write what it read" }
  guard let sliced = try? Everything(wire: ([0] + wire).dropFirst()), sliced.wireBytes() == written
  else { return "reads a slice in another way" }
  var merged = message
  guard (try? merged.merge(wire: wire)) != nil, (try? Everything(wire: written + written)) != nil
  else { return "does not merge what it read" }
  return nil
}
