import CCrypto

/// A SHA-256 digest (FIPS 180-4), 32 bytes.
struct SHA256Digest: Equatable, Sendable {
  let bytes: [UInt8]

  init(of content: UnsafeRawBufferPointer) {
    bytes = [UInt8](unsafeUninitializedCapacity: Int(SHA256_DIGEST_LENGTH)) { digest, count in
      var context = SHA256_CTX()
      SHA256_Init(&context)
      SHA256_Update(&context, content.baseAddress, content.count)
      SHA256_Final(digest.baseAddress, &context)
      count = Int(SHA256_DIGEST_LENGTH)
    }
  }
}
