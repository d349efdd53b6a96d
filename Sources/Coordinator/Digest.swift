import CCrypto

/// A SHA-256 digest (FIPS 180-4), 32 bytes.
struct SHA256Digest: Equatable, Sendable {
  let bytes: [UInt8]

  init(of content: UnsafeRawBufferPointer) {
    bytes = [UInt8](unsafeUninitializedCapacity: Int(SHA256_DIGEST_LENGTH)) { digest, count in
      _ = SHA256(
        content.assumingMemoryBound(to: UInt8.self).baseAddress, content.count, digest.baseAddress)
      count = Int(SHA256_DIGEST_LENGTH)
    }
  }
}
