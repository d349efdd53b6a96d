import Oracle

/// `Everything` as libprotobuf-c holds it. What is made here lies in malloc's memory, so that
/// libprotobuf-c frees it as if it had unpacked it.
extension Everything {
  /// The bytes that libprotobuf-c makes of the message.
  func packedByC() -> [UInt8] {
    let message = makeC()
    defer { test__everything__free_unpacked(message, nil) }
    var bytes = [UInt8](repeating: 0, count: test__everything__get_packed_size(message))
    let count = test__everything__pack(message, &bytes)
    precondition(count == bytes.count)
    return bytes
  }

  private func makeC() -> UnsafeMutablePointer<Test__Everything> {
    let message = allocate(Test__Everything.self)
    test__everything__init(message)
    message.pointee.int32_value = int32
    message.pointee.int64_value = int64
    message.pointee.uint32_value = uint32
    message.pointee.uint64_value = uint64
    message.pointee.sint32_value = sint32
    message.pointee.sint64_value = sint64
    message.pointee.fixed32_value = fixed32
    message.pointee.fixed64_value = fixed64
    message.pointee.sfixed32_value = sfixed32
    message.pointee.sfixed64_value = sfixed64
    message.pointee.float_value = float
    message.pointee.double_value = double
    message.pointee.bool_value = bool ? 1 : 0
    message.pointee.color = Test__Color(rawValue: color.rawValue)
    message.pointee.string_value = allocate(string)
    message.pointee.bytes_value = allocate(bytes)
    message.pointee.leaf = leaf?.makeC()
    message.pointee.n_children = children.count
    message.pointee.children = allocate(children.map { $0.makeC() })
    setNumberLists(of: message)
    setLists(of: message)
    setChoice(of: message)
    setMaps(of: message)
    return message
  }

  private func setNumberLists(of message: UnsafeMutablePointer<Test__Everything>) {
    message.pointee.n_int32s = int32s.count
    message.pointee.int32s = allocate(int32s)
    message.pointee.n_int64s = int64s.count
    message.pointee.int64s = allocate(int64s)
    message.pointee.n_uint32s = uint32s.count
    message.pointee.uint32s = allocate(uint32s)
    message.pointee.n_uint64s = uint64s.count
    message.pointee.uint64s = allocate(uint64s)
    message.pointee.n_sint32s = sint32s.count
    message.pointee.sint32s = allocate(sint32s)
    message.pointee.n_sint64s = sint64s.count
    message.pointee.sint64s = allocate(sint64s)
    message.pointee.n_fixed32s = fixed32s.count
    message.pointee.fixed32s = allocate(fixed32s)
    message.pointee.n_fixed64s = fixed64s.count
    message.pointee.fixed64s = allocate(fixed64s)
    message.pointee.n_sfixed32s = sfixed32s.count
    message.pointee.sfixed32s = allocate(sfixed32s)
    message.pointee.n_sfixed64s = sfixed64s.count
    message.pointee.sfixed64s = allocate(sfixed64s)
    message.pointee.n_floats = floats.count
    message.pointee.floats = allocate(floats)
    message.pointee.n_doubles = doubles.count
    message.pointee.doubles = allocate(doubles)
  }

  private func setLists(of message: UnsafeMutablePointer<Test__Everything>) {
    message.pointee.n_bools = bools.count
    message.pointee.bools = allocate(bools.map { $0 ? 1 : 0 })
    message.pointee.n_colors = colors.count
    message.pointee.colors = allocate(colors.map { Test__Color(rawValue: $0.rawValue) })
    message.pointee.n_strings = strings.count
    message.pointee.strings = allocate(strings.map { allocate($0) })
    message.pointee.n_byteses = byteses.count
    message.pointee.byteses = allocate(byteses.map { allocate($0) })
    message.pointee.n_unpacked_int32s = unpackedInt32s.count
    message.pointee.unpacked_int32s = allocate(unpackedInt32s)
    message.pointee.n_unpacked_fixed32s = unpackedFixed32s.count
    message.pointee.unpacked_fixed32s = allocate(unpackedFixed32s)
  }

  private func setChoice(of message: UnsafeMutablePointer<Test__Everything>) {
    switch choice {
    case .number(let number):
      message.pointee.choice_case = TEST__EVERYTHING__CHOICE_NUMBER
      message.pointee.number = number
    case .text(let text):
      message.pointee.choice_case = TEST__EVERYTHING__CHOICE_TEXT
      message.pointee.text = allocate(text)
    case .leaf(let leaf):
      message.pointee.choice_case = TEST__EVERYTHING__CHOICE_CHOSEN
      message.pointee.chosen = leaf.makeC()
    case nil: break
    }
  }

  /// Maps are held as the repeated entries that they are on the wire.
  private func setMaps(of message: UnsafeMutablePointer<Test__Everything>) {
    message.pointee.n_string_to_string = stringToString.count
    message.pointee.string_to_string = allocate(
      stringToString.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }.map {
        let entry = allocate(Test__Everything__StringToStringEntry.self)
        test__everything__string_to_string_entry__init(entry)
        entry.pointee.key = allocate($0.key)
        entry.pointee.value = allocate($0.value)
        return entry
      })
    message.pointee.n_string_to_bytes = stringToBytes.count
    message.pointee.string_to_bytes = allocate(
      stringToBytes.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }.map {
        let entry = allocate(Test__Everything__StringToBytesEntry.self)
        test__everything__string_to_bytes_entry__init(entry)
        entry.pointee.key = allocate($0.key)
        entry.pointee.value = allocate($0.value)
        return entry
      })
    message.pointee.n_string_to_leaf = stringToLeaf.count
    message.pointee.string_to_leaf = allocate(
      stringToLeaf.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }.map {
        let entry = allocate(Test__Everything__StringToLeafEntry.self)
        test__everything__string_to_leaf_entry__init(entry)
        entry.pointee.key = allocate($0.key)
        entry.pointee.value = $0.value.makeC()
        return entry
      })
    message.pointee.n_sint32_to_sfixed64 = sint32ToSfixed64.count
    message.pointee.sint32_to_sfixed64 = allocate(
      sint32ToSfixed64.sorted { $0.key < $1.key }.map {
        let entry = allocate(Test__Everything__Sint32ToSfixed64Entry.self)
        test__everything__sint32_to_sfixed64_entry__init(entry)
        entry.pointee.key = $0.key
        entry.pointee.value = $0.value
        return entry
      })
    message.pointee.n_bool_to_color = boolToColor.count
    message.pointee.bool_to_color = allocate(
      boolToColor.sorted { !$0.key && $1.key }.map {
        let entry = allocate(Test__Everything__BoolToColorEntry.self)
        test__everything__bool_to_color_entry__init(entry)
        entry.pointee.key = $0.key ? 1 : 0
        entry.pointee.value = Test__Color(rawValue: $0.value.rawValue)
        return entry
      })
    message.pointee.n_uint64_to_double = uint64ToDouble.count
    message.pointee.uint64_to_double = allocate(
      uint64ToDouble.sorted { $0.key < $1.key }.map {
        let entry = allocate(Test__Everything__Uint64ToDoubleEntry.self)
        test__everything__uint64_to_double_entry__init(entry)
        entry.pointee.key = $0.key
        entry.pointee.value = $0.value
        return entry
      })
  }
}

extension Everything.Leaf {
  fileprivate func makeC() -> UnsafeMutablePointer<Test__Leaf> {
    let message = allocate(Test__Leaf.self)
    test__leaf__init(message)
    message.pointee.number = number
    message.pointee.name = allocate(name)
    message.pointee.n_tags = tags.count
    message.pointee.tags = allocate(tags.map { allocate($0) })
    return message
  }
}
