import Messages
import ProtoWire
import Testing

/// Holds the types against the descriptors of the files under Protos/.
struct DescriptorTests {
  @Test func everyFieldOfEveryMessageSurvives() throws {
    let records = try PythonMessages.records(.full, seed: 1)
    #expect(records.count > MessageCatalog.recoders.count / 2)
    for record in records {
      let recode = try #require(MessageCatalog.recoders[record.name], "no type \(record.name)")
      let isEqual = try recode(record.input) == record.expected
      #expect(isEqual, "\(record.name)")
    }
  }

  @Test func everyTypeStandsForAMessageInProtos() throws {
    let names = Set(try PythonMessages.records(.full, seed: 1).map(\.name))
    #expect(names == Set(MessageCatalog.recoders.keys))
  }

  @Test func everyEnumNamesEveryValueAndKeepsOthers() throws {
    let records = try PythonMessages.records(.enums)
    #expect(Set(records.map(\.name)) == Set(MessageCatalog.enums.keys))
    for record in records {
      let describe = try #require(MessageCatalog.enums[record.name])
      let numbers = stride(from: 0, to: record.input.count, by: 4).map { start in
        record.input[start..<start + 4].reduce(Int32(0)) { $0 << 8 | Int32($1) }
      }
      let names = Set(numbers.map(describe))
      #expect(names.count == numbers.count, "\(record.name): two numbers have one name")
      #expect(!names.contains { $0.hasPrefix("unrecognized") }, "\(record.name)")
      let unknown = (numbers.max() ?? 0) + 1
      #expect(describe(unknown) == "unrecognized(\(unknown))", "\(record.name)")
    }
  }

  @Test func methodPathsAreThoseOfTheServices() throws {
    let bytes = try Checkout.descriptorSet()
    let files = try GoogleProtobuf.FileDescriptorSet(wire: bytes).files.map {
      try GoogleProtobuf.FileDescriptorProto(wire: $0)
    }
    let paths = files.flatMap { file in
      file.services.flatMap { service in
        service.methods.map { "/\(file.package).\(service.name)/\($0.name)" }
      }
    }
    let known = [
      CaravanV1.Coordinator.begin, CaravanV1.Coordinator.register, CaravanV1.Coordinator.start,
      CaravanV1.Coordinator.commit, CaravanV1.Coordinator.rollback, CaravanV1.Coordinator.execute,
      CaravanV1.Coordinator.get, CaravanV1.Coordinator.list, CaravanV1.Coordinator.watch,
      CaravanDemoV1.Orders.place, CaravanDemoV1.Orders.withdraw, CaravanDemoV1.Orders.look,
      CaravanDemoV1.Stock.reserve, CaravanDemoV1.Stock.take, CaravanDemoV1.Stock.release,
      CaravanDemoV1.Stock.look,
      CaravanDemoV1.Accounts.hold, CaravanDemoV1.Accounts.charge, CaravanDemoV1.Accounts.release,
      CaravanDemoV1.Accounts.look,
      EasyCar.Service.begin, EasyCar.Service.register, EasyCar.Service.start,
      EasyCar.Service.commit, EasyCar.Service.rollback, EasyCar.Service.getState,
      GRPCHealthV1.Health.check, GRPCHealthV1.Health.watch,
      GRPCReflectionV1.ServerReflection.info, GRPCReflectionV1Alpha.ServerReflection.info,
    ]
    #expect(paths.sorted() == known.sorted())
  }

  @Test func theDescriptorsThatReflectionServesAreThoseOfProtos() throws {
    let fresh = Checkout.temporaryPath(".swift")
    defer { Checkout.remove(fresh) }
    try Checkout.run(Checkout.root + "/Protos/generate", [fresh])
    let committed = "Sources/Coordinator/API/ReflectionDescriptors.swift"
    let isFresh =
      try Checkout.contents(of: fresh) == Checkout.contents(of: Checkout.root + "/" + committed)
    #expect(isFresh, "\(committed) is stale: run Protos/generate")
  }
}
