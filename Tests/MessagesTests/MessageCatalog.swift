import Messages
import ProtoWire

/// Every message type of the module by its full name, those of v1alpha included.
enum MessageCatalog {
  /// Decodes a message and encodes it again.
  typealias Recode = @Sendable ([UInt8]) throws -> [UInt8]

  static let recoders: [String: Recode] = {
    var recoders: [String: Recode] = [:]
    for type in types { add(type, to: &recoders) }
    for (name, recode) in recoders {
      let parts = name.split(separator: "grpc.reflection.v1.")
      if name.hasPrefix("grpc.reflection.v1."), let own = parts.last {
        recoders["grpc.reflection.v1alpha." + own] = recode
      }
    }
    return recoders
  }()

  private static func add<Message: NamedMessage>(
    _ type: Message.Type, to recoders: inout [String: Recode]
  ) {
    recoders[Message.fullName] = { try Message(wire: $0).wireBytes() }
  }

  static let types: [any NamedMessage.Type] = [
    CaravanV1.BeginRequest.self, CaravanV1.BeginResponse.self,
    CaravanV1.RegisterRequest.self, CaravanV1.RegisterResponse.self,
    CaravanV1.StartRequest.self, CaravanV1.StartResponse.self,
    CaravanV1.CommitRequest.self, CaravanV1.CommitResponse.self,
    CaravanV1.RollbackRequest.self, CaravanV1.RollbackResponse.self,
    CaravanV1.ExecuteRequest.self, CaravanV1.ExecuteResponse.self,
    CaravanV1.GetRequest.self, CaravanV1.GetResponse.self,
    CaravanV1.ListRequest.self, CaravanV1.ListResponse.self,
    CaravanV1.WatchRequest.self, CaravanV1.WatchResponse.self,
    CaravanV1.RollbackSummary.self, CaravanV1.Transaction.self, CaravanV1.BranchOutcome.self,
    CaravanV1.RollbackReason.self, CaravanV1.Branch.self, CaravanV1.Call.self,
    CaravanV1.GrpcTarget.self, CaravanV1.HttpTarget.self, CaravanV1.Copy.self,
    CaravanV1.RetryPolicy.self, CaravanV1.Completion.self, CaravanV1.CompletionRequest.self,
    CaravanV1.CompletionResponse.self, CaravanV1.CompletionOutcome.self,
    CaravanDemoV1.PlaceRequest.self, CaravanDemoV1.PlaceResponse.self,
    CaravanDemoV1.WithdrawResponse.self, CaravanDemoV1.LookOrderRequest.self,
    CaravanDemoV1.Order.self, CaravanDemoV1.StockRequest.self,
    CaravanDemoV1.LookItemRequest.self, CaravanDemoV1.StockResponse.self,
    CaravanDemoV1.AccountRequest.self, CaravanDemoV1.LookAccountRequest.self,
    CaravanDemoV1.AccountResponse.self,
    EasyCar.BeginResp.self, EasyCar.RegisterReq.self, EasyCar.RegisterReq.Branch.self,
    EasyCar.StartReq.self, EasyCar.CommitReq.self, EasyCar.RollBckReq.self,
    EasyCar.GetStateReq.self, EasyCar.GetStateResp.self, EasyCar.GetStateResp.Branch.self,
    GoogleAPI.HttpRule.self,
    GoogleRPC.Status.self, GoogleRPC.ErrorInfo.self, GoogleRPC.RetryInfo.self,
    GoogleRPC.BadRequest.self, GoogleRPC.BadRequest.FieldViolation.self,
    GoogleProtobuf.Empty.self, GoogleProtobuf.AnyMessage.self, GoogleProtobuf.Duration.self,
    GoogleProtobuf.Timestamp.self,
    GRPCHealthV1.HealthCheckRequest.self, GRPCHealthV1.HealthCheckResponse.self,
    GRPCReflectionV1.ServerReflectionRequest.self, GRPCReflectionV1.ExtensionRequest.self,
    GRPCReflectionV1.ServerReflectionResponse.self, GRPCReflectionV1.FileDescriptorResponse.self,
    GRPCReflectionV1.ExtensionNumberResponse.self, GRPCReflectionV1.ListServiceResponse.self,
    GRPCReflectionV1.ServiceResponse.self, GRPCReflectionV1.ErrorResponse.self,
  ]

  /// What each enum makes of a number, by the enum's full name.
  static let enums: [String: @Sendable (Int32) -> String] = [
    "caravan.v1.State": { "\(CaravanV1.State(rawValue: $0))" },
    "caravan.v1.BranchMode": { "\(CaravanV1.BranchMode(rawValue: $0))" },
    "caravan.v1.Action": { "\(CaravanV1.Action(rawValue: $0))" },
    "caravan.v1.PhaseOne": { "\(CaravanV1.PhaseOne(rawValue: $0))" },
    "caravan.v1.PhaseTwo": { "\(CaravanV1.PhaseTwo(rawValue: $0))" },
    "caravan.v1.Wait": { "\(CaravanV1.Wait(rawValue: $0))" },
    "caravan.v1.RollbackReason.Cause": { "\(CaravanV1.RollbackReason.Cause(rawValue: $0))" },
    "proto.TranType": { "\(EasyCar.TranType(rawValue: $0))" },
    "proto.Action": { "\(EasyCar.Action(rawValue: $0))" },
    "proto.BranchState": { "\(EasyCar.BranchState(rawValue: $0))" },
    "proto.GlobalState": { "\(EasyCar.GlobalState(rawValue: $0))" },
    "grpc.health.v1.HealthCheckResponse.ServingStatus": {
      "\(GRPCHealthV1.HealthCheckResponse.ServingStatus(rawValue: $0))"
    },
  ]
}
