import Messages
import ProtoWire
import Testing

@testable import Coordinator

struct ReflectionIndexTests {
  /// c.proto imports b.proto and a.proto, b.proto imports a.proto.
  private let index: ReflectionIndex
  private let a: [UInt8]
  private let b: [UInt8]
  private let c: [UInt8]

  init() throws {
    a = GoogleProtobuf.FileDescriptorProto {
      $0.name = "a.proto"
      $0.package = "shop.v1"
      $0.messageTypes = [
        GoogleProtobuf.DescriptorProto {
          $0.name = "Order"
          $0.fields = [.named("id"), .named("card")]
          $0.oneofs = [.named("payment")]
          $0.extensions = [.named("gift")]
          $0.nestedTypes = [
            GoogleProtobuf.DescriptorProto {
              $0.name = "Line"
              $0.fields = [.named("article")]
            }
          ]
          $0.enumTypes = [
            GoogleProtobuf.EnumDescriptorProto {
              $0.name = "Color"
              $0.values = [.named("RED")]
            }
          ]
        }
      ]
      $0.extensions = [.named("note")]
    }.wireBytes()
    b = GoogleProtobuf.FileDescriptorProto {
      $0.name = "b.proto"
      $0.dependencies = ["a.proto"]
      $0.messageTypes = [GoogleProtobuf.DescriptorProto { $0.name = "NoPackage" }]
    }.wireBytes()
    c = GoogleProtobuf.FileDescriptorProto {
      $0.name = "c.proto"
      $0.package = "shop.v1"
      $0.dependencies = ["b.proto", "a.proto", "not-in-the-set.proto"]
      $0.enumTypes = [
        GoogleProtobuf.EnumDescriptorProto {
          $0.name = "Size"
          $0.values = [.named("SIZE_LARGE")]
        }
      ]
      $0.services = [
        GoogleProtobuf.ServiceDescriptorProto {
          $0.name = "Shop"
          $0.methods = [.named("Buy")]
        }
      ]
    }.wireBytes()
    let files = [a, b, c]
    index = try ReflectionIndex(
      descriptorSet: GoogleProtobuf.FileDescriptorSet { $0.files = files }.wireBytes())
  }

  @Test func aFileComesFirstAndWithEachFileItImportsOnce() {
    #expect(index.files(named: "a.proto") == [a])
    #expect(index.files(named: "b.proto") == [b, a])
    #expect(index.files(named: "c.proto") == [c, b, a])
    #expect(index.files(named: "not-in-the-set.proto") == nil)
    #expect(index.files(named: "") == nil)
  }

  @Test(arguments: [
    "shop.v1.Order", "shop.v1.Order.id", "shop.v1.Order.payment", "shop.v1.Order.gift",
    "shop.v1.Order.Line", "shop.v1.Order.Line.article", "shop.v1.Order.Color", "shop.v1.Order.RED",
    "shop.v1.Order.Color.RED", "shop.v1.note",
  ])
  func everythingWithANameIsFoundByIt(_ symbol: String) {
    #expect(index.files(containing: symbol) == [a])
  }

  @Test(arguments: [
    "shop.v1.Shop", "shop.v1.Shop.Buy", "shop.v1.Size", "shop.v1.SIZE_LARGE",
    "shop.v1.Size.SIZE_LARGE",
  ])
  func symbolsOfAFileThatImportsOthersComeWithThem(_ symbol: String) {
    #expect(index.files(containing: symbol) == [c, b, a])
  }

  @Test func symbolsWithoutAPackageHaveNoDotInFront() {
    #expect(index.files(containing: "NoPackage") == [b, a])
  }

  @Test(arguments: [
    "", "shop", "shop.v1", "Order", ".shop.v1.Order", "shop.v1.Order.", "shop.v1.X",
  ])
  func otherNamesAreNoSymbols(_ symbol: String) {
    #expect(index.files(containing: symbol) == nil)
  }

  @Test func servicesAndMessagesAreKnownAsSuch() {
    #expect(index.services == ["shop.v1.Shop"])
    #expect(index.isMessage("shop.v1.Order"))
    #expect(index.isMessage("shop.v1.Order.Line"))
    #expect(!index.isMessage("shop.v1.Order.Color"))
    #expect(!index.isMessage("shop.v1.Shop"))
  }

  @Test func theCommittedDescriptorsHoldEveryServiceWithItsImports() throws {
    let index = try ReflectionIndex(descriptorSet: ReflectionDescriptors.serialized)
    #expect(
      index.services.isSuperset(of: [
        CaravanV1.Coordinator.serviceName, GRPCHealthV1.Health.serviceName,
        GRPCReflectionV1.ServerReflection.serviceName,
        GRPCReflectionV1Alpha.ServerReflection.serviceName,
      ]))
    let files = try #require(index.files(containing: "caravan.v1.Coordinator.Execute"))
    let names = try files.map { try GoogleProtobuf.FileDescriptorProto(wire: $0).name }
    #expect(
      names == [
        "caravan/v1/coordinator.proto", "caravan/v1/transaction.proto",
        "google/api/annotations.proto", "google/protobuf/duration.proto",
        "google/protobuf/timestamp.proto", "google/api/http.proto",
        "google/protobuf/descriptor.proto",
      ])
  }

  @Test func aSetThatIsNoProtobufThrows() {
    #expect(throws: WireError.self) { try ReflectionIndex(descriptorSet: [0x0a, 0x05, 0x00]) }
  }
}

extension GoogleProtobuf.NamedDescriptorProto {
  fileprivate static func named(_ name: String) -> Self { Self { $0.name = name } }
}

extension GoogleProtobuf.FieldDescriptorProto {
  fileprivate static func named(_ name: String) -> Self { Self { $0.name = name } }
}

extension GoogleProtobuf.EnumValueDescriptorProto {
  fileprivate static func named(_ name: String) -> Self { Self { $0.name = name } }
}

extension GoogleProtobuf.MethodDescriptorProto {
  fileprivate static func named(_ name: String) -> Self { Self { $0.name = name } }
}
