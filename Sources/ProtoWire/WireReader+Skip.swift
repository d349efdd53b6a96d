extension WireReader {
  /// Passes over the value of an unknown field; of a group, up to its matching end.
  public mutating func skip(_ field: WireField) throws(WireError) {
    switch field.wireType {
    case .varint: _ = try varint()
    case .fixed64: _ = try fixed8()
    case .fixed32: _ = try fixed4()
    case .lengthDelimited: position += try length()
    case .startGroup: try skipGroup(field)
    case .endGroup: throw .badTag(offset: field.offset)
    }
  }

  private mutating func skipGroup(_ group: WireField) throws(WireError) {
    guard levelsLeft > 0 else { throw .nestingTooDeep(offset: group.offset) }
    levelsLeft -= 1
    while position != end {
      let offset = self.offset
      let field = WireField(tag: try tag(), offset: offset)
      if field.comes(as: .endGroup) {
        guard field.number == group.number else { throw .badTag(offset: field.offset) }
        levelsLeft += 1
        return
      }
      try skip(field)
    }
    throw .truncated(offset: group.offset)
  }
}
