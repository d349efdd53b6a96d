import Glibc
import Oracle

/// Room for one value, in malloc's memory.
func allocate<Value>(_ type: Value.Type) -> UnsafeMutablePointer<Value> {
  malloc(MemoryLayout<Value>.size).bindMemory(to: Value.self, capacity: 1)
}

/// A copy of the list in malloc's memory, nil for an empty one.
func allocate<Value>(_ list: [Value]) -> UnsafeMutablePointer<Value>? {
  if list.isEmpty { return nil }
  let memory = malloc(MemoryLayout<Value>.stride * list.count)!
    .bindMemory(to: Value.self, capacity: list.count)
  memory.initialize(from: list, count: list.count)
  return memory
}

/// A C string in malloc's memory, cut at the first NUL as libprotobuf-c does.
func allocate(_ text: String) -> UnsafeMutablePointer<CChar>? { strdup(text) }

/// Bytes in malloc's memory.
func allocate(_ bytes: [UInt8]) -> ProtobufCBinaryData {
  ProtobufCBinaryData(len: bytes.count, data: allocate(bytes))
}

/// A copy of a C array.
func array<Value>(_ start: UnsafeMutablePointer<Value>?, _ count: Int) -> [Value] {
  Array(UnsafeBufferPointer(start: start, count: count))
}

/// A copy of libprotobuf-c's bytes.
func array(_ bytes: ProtobufCBinaryData) -> [UInt8] { array(bytes.data, bytes.len) }
