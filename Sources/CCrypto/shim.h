#pragma once
// libcrypto comes with libpq; only its SHA-256 is used, for the hash of a request's content.
// The digest is called as it stands: OpenSSL 3 would look it up by name, under a lock, for each of them, and takes longer
// for that than for the hash.
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/sha.h>
