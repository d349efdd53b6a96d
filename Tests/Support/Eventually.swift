/// Asks until a condition holds; false after the bound.
package func eventually(seconds: Int64 = 20, _ condition: () async -> Bool) async -> Bool {
  let end = ContinuousClock.now + .seconds(seconds)
  while ContinuousClock.now < end {
    if await condition() { return true }
    // Other tests' turn; nothing is measured by it.
    try? await Task.sleep(for: .milliseconds(1))
  }
  return await condition()
}
