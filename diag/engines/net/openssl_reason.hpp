// The words that OpenSSL has for an error of its own.
#pragma once

#include <string>

namespace banana {

// Of a code from OpenSSL's queue, as "wrong version number"; empty where it has no words. They are looked up in tables
// that are set up by the first call, for a run without an error needs none of them.
std::string openssl_reason(unsigned long code);

}  // namespace banana
