import Oracle

/// libprotobuf-c.
enum COracle {
  /// Decodes a message and encodes it again; nil where the oracle refuses it or does not know its
  /// type.
  static func recode(_ bytes: [UInt8], as name: String) -> [UInt8]? {
    guard
      let descriptor = oracle_descriptor(name),
      let message = protobuf_c_message_unpack(descriptor, nil, bytes.count, bytes)
    else { return nil }
    defer { protobuf_c_message_free_unpacked(message, nil) }
    let size = protobuf_c_message_get_packed_size(message)
    return [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
      count = size == 0 ? 0 : protobuf_c_message_pack(message, buffer.baseAddress)
    }
  }
}
