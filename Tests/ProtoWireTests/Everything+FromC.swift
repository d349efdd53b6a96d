import Oracle

/// `Everything` out of what libprotobuf-c read.
extension Everything {
  /// The message that libprotobuf-c reads, or nil where it refuses.
  init?(unpackedByC bytes: [UInt8]) {
    guard let message = test__everything__unpack(nil, bytes.count, bytes) else { return nil }
    defer { test__everything__free_unpacked(message, nil) }
    self.init(message.pointee)
  }

  private init(_ message: Test__Everything) {
    int32 = message.int32_value
    int64 = message.int64_value
    uint32 = message.uint32_value
    uint64 = message.uint64_value
    sint32 = message.sint32_value
    sint64 = message.sint64_value
    fixed32 = message.fixed32_value
    fixed64 = message.fixed64_value
    sfixed32 = message.sfixed32_value
    sfixed64 = message.sfixed64_value
    float = message.float_value
    double = message.double_value
    bool = message.bool_value != 0
    color = Color(message.color)
    string = String(cString: message.string_value)
    bytes = array(message.bytes_value)
    leaf = message.leaf.map { Leaf($0.pointee) }
    children = array(message.children, message.n_children).map { Everything($0!.pointee) }
    readLists(message)
    switch message.choice_case {
    case TEST__EVERYTHING__CHOICE_NUMBER: choice = .number(message.number)
    case TEST__EVERYTHING__CHOICE_TEXT: choice = .text(String(cString: message.text))
    case TEST__EVERYTHING__CHOICE_CHOSEN: choice = .leaf(Leaf(message.chosen.pointee))
    default: break
    }
    readMaps(message)
  }

  private mutating func readLists(_ message: Test__Everything) {
    int32s = array(message.int32s, message.n_int32s)
    int64s = array(message.int64s, message.n_int64s)
    uint32s = array(message.uint32s, message.n_uint32s)
    uint64s = array(message.uint64s, message.n_uint64s)
    sint32s = array(message.sint32s, message.n_sint32s)
    sint64s = array(message.sint64s, message.n_sint64s)
    fixed32s = array(message.fixed32s, message.n_fixed32s)
    fixed64s = array(message.fixed64s, message.n_fixed64s)
    sfixed32s = array(message.sfixed32s, message.n_sfixed32s)
    sfixed64s = array(message.sfixed64s, message.n_sfixed64s)
    floats = array(message.floats, message.n_floats)
    doubles = array(message.doubles, message.n_doubles)
    bools = array(message.bools, message.n_bools).map { $0 != 0 }
    colors = array(message.colors, message.n_colors).map { Color($0) }
    strings = array(message.strings, message.n_strings).map { String(cString: $0!) }
    byteses = array(message.byteses, message.n_byteses).map { array($0) }
    unpackedInt32s = array(message.unpacked_int32s, message.n_unpacked_int32s)
    unpackedFixed32s = array(message.unpacked_fixed32s, message.n_unpacked_fixed32s)
  }

  /// The last entry of a key wins, as protobuf has it; libprotobuf-c leaves that to its user.
  private mutating func readMaps(_ message: Test__Everything) {
    for entry in array(message.string_to_string, message.n_string_to_string).map({ $0!.pointee }) {
      stringToString[String(cString: entry.key)] = String(cString: entry.value)
    }
    for entry in array(message.string_to_bytes, message.n_string_to_bytes).map({ $0!.pointee }) {
      stringToBytes[String(cString: entry.key)] = array(entry.value)
    }
    for entry in array(message.string_to_leaf, message.n_string_to_leaf).map({ $0!.pointee }) {
      stringToLeaf[String(cString: entry.key)] = entry.value.map { Leaf($0.pointee) } ?? Leaf()
    }
    for entry in array(message.sint32_to_sfixed64, message.n_sint32_to_sfixed64).map({ $0!.pointee }
    ) {
      sint32ToSfixed64[entry.key] = entry.value
    }
    for entry in array(message.bool_to_color, message.n_bool_to_color).map({ $0!.pointee }) {
      boolToColor[entry.key != 0] = Color(entry.value)
    }
    for entry in array(message.uint64_to_double, message.n_uint64_to_double).map({ $0!.pointee }) {
      uint64ToDouble[entry.key] = entry.value
    }
  }
}

extension Everything.Leaf {
  fileprivate init(_ message: Test__Leaf) {
    number = message.number
    name = String(cString: message.name)
    tags = array(message.tags, message.n_tags).map { String(cString: $0!) }
  }
}

extension Everything.Color {
  fileprivate init(_ color: Test__Color) { self.init(rawValue: color.rawValue) }
}
