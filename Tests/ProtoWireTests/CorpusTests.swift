import Foundation
import ProtoWire
import Testing

@Suite struct CorpusTests {
  @Test func everyInputIsStable() throws {
    let files = try Corpus.files()
    #expect(files.count > 150)
    for (file, message) in zip(files, try Corpus.messages()) {
      #expect(instability(of: message) == nil, "\(file.lastPathComponent)")
    }
  }
}
