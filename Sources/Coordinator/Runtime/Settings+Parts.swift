import Foundation
import GRPC
import Gateway
import Mode
import Store
import Transport

/// What each part needs of the settings.
extension Shard.Limits {
  init(_ settings: Settings, shardCount: Int) {
    self.init()
    liveMax = max(1, settings.liveTransactionsMax / shardCount)
    parkAfter = Span(settings.parkAfter)
    branchesMax = settings.limits.branchesMax
    replyBytesMax = settings.limits.repliesBytesMax
    oneReplyBytesMax = settings.limits.replyBytesMax
  }
}

extension Keeper.Settings {
  init(_ settings: Settings) {
    self.init()
    node = ProcessInfo.processInfo.hostName
    address = settings.listen.description
    lease = Span(settings.leaseDuration)
    retention = Span(settings.retention)
    idRetention = Span(settings.idRetention)
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
