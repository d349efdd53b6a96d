import CCrypto

/// A SHA-256 digest (FIPS 180-4), 32 bytes.
struct SHA256Digest: Equatable, Sendable {
  let bytes: [UInt8]

  init(of content: some Sequence<UInt8>) {
    let content = Array(content)
    bytes = [UInt8](unsafeUninitializedCapacity: Int(SHA256_DIGEST_LENGTH)) { digest, count in
      _ = content.withUnsafeBufferPointer { input in
        SHA256(input.baseAddress, input.count, digest.baseAddress)
      }
      count = Int(SHA256_DIGEST_LENGTH)
    }
  }
}
