// What a certificate says of itself, as text and times.
#pragma once

#include "banana/http.hpp"

#include <vector>

struct stack_st_X509;  // OpenSSL's STACK_OF(X509)
struct x509_st;        // and X509

namespace banana {

// In the order given (leaf first as presented), at most 10. Names are bounded and sanitized.
std::vector<CertificateFacts> certificate_facts(const stack_st_X509* chain);

CertificateFacts certificate_facts(const x509_st* certificate);

}  // namespace banana
