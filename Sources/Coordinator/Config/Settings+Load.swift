extension Settings {
  /// Reads all settings: flags before environment before file before default.
  ///
  /// - Parameter defaults: What a command has instead of the table's defaults, by key.
  /// - Throws: `UsageError` with every value that is not accepted.
  static func load(
    flags: [String: String] = [:], environment: [String: String] = [:], file: String? = nil,
    defaults: [String: String] = [:]
  ) async throws -> Settings {
    let layers = await SettingLayers(
      flags: flags, environment: environment, file: file ?? environment["CARAVAN_CONFIG"])
    var settings = Settings()
    var problems = layers.problems
    for setting in SettingTable.all {
      guard let (text, source) = try layers.value(of: setting) else {
        if let text = defaults[setting.key] { _ = setting.assign(text, &settings) }
        continue
      }
      if !setting.assign(text, &settings) {
        let shown = setting.isSecret ? "the value" : "'\(text)'"
        problems.append(
          "\(layers.place(of: setting, in: source)): \(shown) is not accepted; "
            + "write \(setting.accepted)")
      }
    }
    if problems.isEmpty { problems = settings.contradictions }
    if !problems.isEmpty { throw UsageError(problems) }
    return settings
  }

  /// Values that are each accepted and do not go together.
  private var contradictions: [String] {
    var problems: [String] = []
    func atMost<Value: Comparable>(
      _ small: String, _ smaller: Value, _ large: String, _ larger: Value
    ) {
      guard smaller > larger, let least = SettingTable.byKey[small],
        let most = SettingTable.byKey[large]
      else { return }
      problems.append(
        "--\(least.flag) is larger than --\(most.flag); lower the first or raise the second")
    }
    atMost(
      "phase-one.delay", defaults.phaseOne.firstDelay,
      "phase-one.delay-max", defaults.phaseOne.delayMax)
    atMost(
      "phase-two.delay", defaults.phaseTwo.firstDelay,
      "phase-two.delay-max", defaults.phaseTwo.delayMax)
    atMost("limits.payload", limits.payloadBytesMax, "limits.message", limits.messageBytesMax)
    atMost("limits.reply", limits.replyBytesMax, "limits.replies", limits.repliesBytesMax)
    atMost("limits.replies", limits.repliesBytesMax, "limits.message", limits.messageBytesMax)
    atMost("retention", retention, "id-retention", idRetention)
    return problems
  }

  /// Checks what `serve` asks for beyond well-formed values.
  func checkedForServing() throws(UsageError) -> Settings {
    try checkDatabase()
    for (flag, endpoint) in [("--listen", listen), ("--http-listen", httpListen)] {
      guard allow.patterns.isEmpty, let endpoint, !endpoint.isLoopback else { continue }
      throw UsageError(
        "\(flag): \(endpoint) is open to other machines while --participants-allow is empty; "
          + "say which participants Caravan may call, or listen on 127.0.0.1")
    }
    return self
  }

  /// Checks that it was said where PostgreSQL is.
  func checkDatabase() throws(UsageError) {
    guard database.isEmpty else { return }
    throw UsageError(
      "--database is missing; write --database or set CARAVAN_DATABASE_URL, "
        + "such as postgresql://caravan@localhost/caravan")
  }
}
