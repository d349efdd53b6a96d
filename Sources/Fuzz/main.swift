// libFuzzer at the codec (`make fuzz`). The message and what must hold of it are the tests' own, so
// that what is found here goes into Corpus/FailCases and is replayed by `make test`.

/// LLVM's own entry, called because a Swift executable has its own `main`.
@_silgen_name("LLVMFuzzerRunDriver")
func runDriver(
  _ count: UnsafeMutablePointer<CInt>,
  _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>,
  _ test: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt
) -> CInt

var count = CommandLine.argc
var arguments = CommandLine.unsafeArgv
_ = runDriver(&count, &arguments) { start, count in
  let wire = [UInt8](UnsafeBufferPointer(start: start, count: count))
  if let instability = instability(of: wire) { fatalError(instability) }
  return 0
}
