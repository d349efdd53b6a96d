/// The six wire types (protobuf encoding, "Message Structure"). 6 and 7 do not exist.
public enum WireType: UInt8, Equatable, Sendable {
  case varint = 0
  case fixed64 = 1
  case lengthDelimited = 2
  case startGroup = 3
  case endGroup = 4
  case fixed32 = 5
}
