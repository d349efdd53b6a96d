import AsyncHTTPClient
import Mode
import NIOCore
import NIOHTTP1

/// What an HTTP reply means (DESIGN section 2, rule 3).
extension CallReport {
  init(
    _ result: Result<HTTPClient.Response, any Error>, alsoDoneOn: [Int32], errorTextBytesMax: Int
  ) {
    switch result {
    case .success(let response):
      let status = Int(response.status.code)
      let body = response.body.map { Array($0.readableBytesView) } ?? []
      if (200..<300).contains(status) {
        self.init(.done, reply: body)
      } else if alsoDoneOn.contains(Int32(status)) {
        self.init(.done)
      } else {
        let text = "\(status) \(response.status.reasonPhrase)".cut(toBytes: errorTextBytesMax)
        let refuses = (400..<500).contains(status) && ![408, 425, 429].contains(status)
        self.init(refuses ? .refused : .unknown(answered: true, pushback: nil), error: text)
      }
    case .failure(let error):
      self.init(
        .unknown(answered: false, pushback: nil), error: "\(error)".cut(toBytes: errorTextBytesMax))
      isTransportFailure = !(error is ResponseAccumulator.ResponseTooBigError)
    }
  }
}
