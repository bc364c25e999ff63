// Which of OpenSSL's algorithms this program sets up.
#pragma once

namespace banana {

// OpenSSL sets up all algorithms of a kind for the first one that is asked for, 124 ciphers and 40 decoders of keys.
// This leaves out those that none of our TLS connections can use: 4 of 37 million instructions of a healthy run. To be
// called before anything else asks OpenSSL for an algorithm; without it, and with a shared OpenSSL, all are there.
void use_tls_algorithms() noexcept;

}  // namespace banana
