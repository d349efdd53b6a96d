/// Records by stream, for the streams that are open: an open-addressed table.
///
/// Not generic, since a generic type of another module is never specialised: each owner puts one
/// class in and takes that class out. `Dictionary` hashes against colliding keys, which costs as
/// much as all else; here a peer that chooses colliding ids makes look-ups linear in its streams,
/// and those are limited.
package struct StreamMap {
  /// 0 where the place is free: no message has that stream.
  private var ids: [StreamID] = []
  private var records: [AnyObject?] = []
  package private(set) var count = 0

  package init() {}

  package var isEmpty: Bool { count == 0 }

  package subscript(stream: StreamID) -> AnyObject? {
    count == 0 ? nil : records[place(of: stream)]
  }

  /// Sets the record of a stream that has none.
  package mutating func insert(_ record: AnyObject, for stream: StreamID) {
    precondition(stream > 0, "streams of messages have ids above 0")
    if 2 * count >= ids.count { grow() }
    let place = place(of: stream)
    precondition(ids[place] == 0, "stream \(stream) has a record already")
    ids[place] = stream
    records[place] = record
    count += 1
  }

  /// Takes a stream's record out.
  package mutating func remove(_ stream: StreamID) -> AnyObject? {
    guard count > 0 else { return nil }
    var hole = place(of: stream)
    guard ids[hole] != 0 else { return nil }
    let record = records[hole].take()
    count -= 1
    // What a collision pushed behind this place moves up, so that no look-up stops short of it.
    var next = following(hole)
    while ids[next] != 0 {
      if (next &- home(of: ids[next])) & mask >= (next &- hole) & mask {
        ids[hole] = ids[next]
        records.swapAt(hole, next)
        hole = next
      }
      next = following(next)
    }
    ids[hole] = 0
    return record
  }

  /// All records, by ascending stream.
  package var sorted: [(stream: StreamID, record: AnyObject)] {
    zip(ids, records).compactMap { id, record in record.map { (id, $0) } }
      .sorted { $0.stream < $1.stream }
  }

  private var mask: Int { ids.count &- 1 }

  private func following(_ place: Int) -> Int { (place &+ 1) & mask }

  /// Multiplication by the golden ratio spreads ids that follow each other evenly (Knuth, volume 3,
  /// section 6.4).
  private func home(of stream: StreamID) -> Int {
    let product = UInt32(bitPattern: stream) &* 0x9E37_79B1
    return Int(product >> UInt32(UInt32(truncatingIfNeeded: mask).leadingZeroBitCount))
  }

  /// Where the stream is, or the free place where it would be.
  private func place(of stream: StreamID) -> Int {
    var place = home(of: stream)
    while ids[place] != stream, ids[place] != 0 { place = following(place) }
    return place
  }

  private mutating func grow() {
    let old = zip(ids, records)
    let places = max(16, 2 * ids.count)
    ids = Array(repeating: 0, count: places)
    records = Array(repeating: nil, count: places)
    for (id, record) in old where id != 0 {
      let place = place(of: id)
      ids[place] = id
      records[place] = record
    }
  }
}
