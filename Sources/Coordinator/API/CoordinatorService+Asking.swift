import GRPC
import Messages
import Mode
import ProtoWire
import Store
import Transport

/// Get and List.
extension CoordinatorService {
  func get(_ call: UnaryCall) {
    guard
      let request: CaravanV1.GetRequest = request(of: call, .get, id: \.id, check: rules.check)
    else { return }
    let id = request.id
    shards.onShard(of: id) { shard in
      shard.get(id: id) { outcome in
        switch outcome {
        case .success(let view):
          call.succeed(
            CaravanV1.GetResponse { $0.transaction = CaravanV1.Transaction(view) }.wireBytes())
        case .failure(let error):
          Self.fail(call, .get, id: id, error, shard)
        }
      }
    }
  }

  func list(_ call: UnaryCall) {
    var filter = ListFilter()
    guard
      let request: CaravanV1.ListRequest = request(
        of: call, .list, id: { _ in "" },
        check: { request, violations in filter = rules.filter(request, &violations) })
    else { return }
    let size = filter.limit
    // One more than asked for tells whether there is another page.
    filter.limit = size + 1
    let query = filter
    shards.onShard(of: request.pageToken) { shard in
      shard.list(query) { outcome in
        switch outcome {
        case .success(let rows): call.succeed(Self.page(rows, size: size).wireBytes())
        case .failure(let error): Self.fail(call, .list, id: "", error, shard)
        }
      }
    }
  }

  /// As many of the rows as the page, and a response, have room for.
  static func page(_ rows: [StoredTransaction], size: Int) -> CaravanV1.ListResponse {
    var response = CaravanV1.ListResponse()
    var left = CaravanV1.Transaction.responseBytesMax - PageToken.bytesMax
    for row in rows.prefix(size) {
      let transaction = CaravanV1.Transaction(row)
      left -= transaction.bytesMost
      if left < 0, !response.transactions.isEmpty { break }
      response.transactions.append(transaction)
    }
    let shown = response.transactions.count
    if shown > 0, shown < rows.count {
      response.nextPageToken =
        PageToken(createdAt: rows[shown - 1].createdAt, id: rows[shown - 1].id).text
    }
    return response
  }
}

extension CaravanV1.Transaction {
  /// Bytes that it takes in a page at most.
  fileprivate var bytesMost: Int {
    160 + id.utf8.count + needsAttention.utf8.count + (reason?.text.utf8.count ?? 0)
      + (reason?.branch.utf8.count ?? 0)
  }
}

extension RequestRules {
  /// The filter that a request asks for; without meaning where there are violations.
  func filter(
    _ request: CaravanV1.ListRequest, _ violations: inout FieldViolations
  ) -> ListFilter {
    var filter = ListFilter()
    for (index, state) in request.states.enumerated() {
      if let known = state.known {
        if !filter.states.contains(known) { filter.states.append(known) }
      } else {
        violations.add(
          .field("states").within("[\(index)]"),
          "\(state.rawValue) is no state; write STATE_ACTIVE to STATE_ROLLED_BACK")
      }
    }
    filter.needsAttention = request.needsAttention
    filter.idPrefix = request.idPrefix
    if !request.idPrefix.isEmpty, !Self.isID(request.idPrefix, bytesMax: limits.idBytesMax) {
      violations.add(
        .field("id_prefix"),
        "\(Quotation.of(request.idPrefix)) begins no id; write at most "
          + "\(limits.idBytesMax) bytes of A-Z a-z 0-9 . _ : / -")
    }
    filter.createdFrom = instant(request.createdFrom, .field("created_from"), &violations)
    filter.createdTo = instant(request.createdTo, .field("created_to"), &violations)
    if request.pageSize > Self.pageSizeMax {
      violations.add(
        .field("page_size"),
        "is \(request.pageSize); write 1 to \(Self.pageSizeMax), or 0 for \(Self.pageSizeDefault)")
    }
    filter.limit = Int(request.pageSize == 0 ? Self.pageSizeDefault : request.pageSize)
    if !request.pageToken.isEmpty {
      if let token = PageToken(request.pageToken, idBytesMax: limits.idBytesMax) {
        filter.after = (createdAt: token.createdAt, id: token.id)
      } else {
        violations.add(
          .field("page_token"), "is none that List gave; write next_page_token as it came")
      }
    }
    return filter
  }

  /// A point in time, to the millisecond, rounded up: "from" and "before" both count whole
  /// milliseconds.
  private func instant(
    _ timestamp: GoogleProtobuf.Timestamp?, _ path: FieldPath,
    _ violations: inout FieldViolations
  ) -> Instant? {
    guard let timestamp else { return nil }
    guard let microseconds = timestamp.microsecondsSinceEpoch else {
      violations.add(path, "is no time between the years 1 and 9999")
      return nil
    }
    let isWhole = microseconds % 1_000 == 0 && timestamp.nanos % 1_000_000 == 0
    let (quotient, remainder) = microseconds.quotientAndRemainder(dividingBy: 1_000)
    let down = remainder < 0 ? quotient - 1 : quotient
    return Instant(milliseconds: isWhole ? down : down + 1)
  }
}
