#pragma once
// libcrypto comes with libpq; only its SHA-256 is used, for the hash of a request's content.
#include <openssl/sha.h>
