package import ProtoWire

/// A message with a name of its own in `Protos/`, as `google.protobuf.Any` and reflection use it.
package protocol NamedMessage: WireMessage {
  /// Package and name: `caravan.v1.Transaction`.
  static var fullName: String { get }
}

extension WireMessage {
  /// A message whose fields `fill` sets: `CaravanV1.GetRequest { $0.id = id }`.
  package init<Failure: Error>(_ fill: (inout Self) throws(Failure) -> Void) throws(Failure) {
    self.init()
    try fill(&self)
  }
}
