// Which of OpenSSL's algorithms this program sets up.
#pragma once

namespace banana {

// OpenSSL sets up all algorithms of a kind for the first one that is asked for, 124 ciphers, 40 decoders of keys, and
// its hashes under all their older names. This leaves out those that none of our TLS connections can use: a healthy run
// had 37 million instructions when ciphers went, which saved 4 of them, and 27.6 when the others did, which saved 2. To
// be called before anything else asks OpenSSL for an algorithm; a shared OpenSSL leaves out the older names only.
void start_tls() noexcept;

}  // namespace banana
