import AsyncHTTPClient
import Foundation
import GRPC
import Gateway
import Logging
import Mode
import NIOCore
import Store
import Transport

/// What each part needs of the settings.
extension Shard.Limits {
  init(_ settings: Settings, shardCount: Int) {
    self.init(
      liveMax: max(1, settings.liveTransactionsMax / shardCount),
      parkAfter: Span(settings.parkAfter), branchesMax: settings.limits.branchesMax,
      replyBytesMax: settings.limits.repliesBytesMax,
      oneReplyBytesMax: settings.limits.replyBytesMax,
      passing: Passing.Limits(payloadBytesMax: settings.limits.payloadBytesMax))
  }
}

extension Participants {
  convenience init(
    _ limits: Settings.Limits, pool: ClientPool, httpClient: HTTPClient,
    gates: ParticipantGates, eventLoop: any EventLoop,
    incarnation: @escaping @Sendable () -> Int64?
  ) {
    self.init(
      grpc: GRPCSender(
        pool: pool, eventLoop: eventLoop, replyBytesMax: limits.messageBytesMax,
        errorTextBytesMax: limits.errorTextBytesMax),
      http: HTTPSender(
        client: httpClient, eventLoop: eventLoop, keptBytesMax: limits.replyBytesMax,
        replyBytesMax: limits.messageBytesMax, errorTextBytesMax: limits.errorTextBytesMax),
      gates: gates, eventLoop: eventLoop, incarnation: incarnation)
  }
}

extension CallAdmission.Limits {
  init(_ settings: Settings) {
    self.init(
      callsMax: settings.participants.callsMax, waitingMax: settings.participants.waitingMax,
      failuresMax: UInt32(settings.participants.circuitFailures),
      openFirst: Span(settings.participants.circuitOpen),
      retriesMax: settings.participants.retryBudget)
  }
}

extension AttentionWebhooks {
  convenience init(_ settings: Settings, client: HTTPClient, logger: Logger) {
    self.init(
      webhooks: settings.attentionWebhooks, interval: Span(settings.attentionInterval),
      node: ProcessInfo.processInfo.hostName, client: client, logger: logger)
  }
}

extension Keeper.Settings {
  init(_ settings: Settings) {
    self.init(
      node: ProcessInfo.processInfo.hostName, address: settings.listen.description,
      lease: Span(settings.leaseDuration), retention: Span(settings.retention),
      idRetention: Span(settings.idRetention))
  }
}

extension Server.Configuration {
  init(_ settings: Settings) {
    self.init(address: .host(settings.listen.host, port: settings.listen.port))
    limits.messageBytesMax = settings.limits.messageBytesMax
  }
}

extension Gateway.Configuration {
  /// Nil where it is turned off.
  init?(_ settings: Settings) {
    guard let listen = settings.httpListen else { return nil }
    self.init(address: .host(listen.host, port: listen.port))
    bodyBytesMax = settings.limits.messageBytesMax
  }
}

extension StoreConfiguration {
  init(_ settings: Settings) {
    self.init(
      url: settings.database, writers: settings.writers, batchMax: settings.batchMax,
      queueMax: settings.writeQueueMax, answerBound: settings.databaseWait,
      allowsFsyncOff: settings.allowFsyncOff)
  }
}
