import ProtoWire

/// `test.Order` of Protos/order.proto.
struct Order: WireMessage {
  var id = ""
  var createdAt: Int64 = 0
  var state: UInt32 = 0
  var token: [UInt8] = []
  var lines: [Line] = []

  struct Line: WireMessage {
    var id = ""
    var level: Int32 = 0
    var mode: UInt32 = 0
    var address = ""
    var method = ""
    var payload: [UInt8] = []
    var timeoutMilliseconds: Int64 = 0
    var done = false

    mutating func merge(from reader: inout WireReader) throws(WireError) {
      while let field = try reader.nextField() {
        switch field.number {
        case 1: id = try reader.string(field)
        case 2: level = try reader.int32(field)
        case 3: mode = try reader.uint32(field)
        case 4: address = try reader.string(field)
        case 5: method = try reader.string(field)
        case 6: payload = try reader.bytes(field)
        case 7: timeoutMilliseconds = try reader.int64(field)
        case 8: done = try reader.bool(field)
        default: try reader.skip(field)
        }
      }
    }

    func encode(into writer: inout WireWriter) {
      writer.string(1, id)
      writer.int32(2, level)
      writer.uint32(3, mode)
      writer.string(4, address)
      writer.string(5, method)
      writer.bytes(6, payload)
      writer.int64(7, timeoutMilliseconds)
      writer.bool(8, done)
    }
  }

  mutating func merge(from reader: inout WireReader) throws(WireError) {
    while let field = try reader.nextField() {
      switch field.number {
      case 1: id = try reader.string(field)
      case 2: createdAt = try reader.int64(field)
      case 3: state = try reader.uint32(field)
      case 4: token = try reader.bytes(field)
      case 5: try reader.appendMessage(field, to: &lines)
      default: try reader.skip(field)
      }
    }
  }

  func encode(into writer: inout WireWriter) {
    writer.string(1, id)
    writer.int64(2, createdAt)
    writer.uint32(3, state)
    writer.bytes(4, token)
    writer.repeatedMessage(5, lines)
  }
}

extension Order {
  /// About 1 KB with ten lines.
  static var example: Order {
    Order(
      id: "order-8812", createdAt: 1_790_000_000_000, state: 3,
      token: (0..<16).map { $0 &* 17 },
      lines: (0..<10).map { number in
        Line(
          id: "order-8812/\(number)", level: number, mode: 1,
          address: "stock.internal:7070", method: "/shop.v1.Stock/Reserve",
          payload: (0..<24).map { $0 &+ UInt8(number) }, timeoutMilliseconds: 10_000,
          done: number % 2 == 0)
      })
  }
}
