// Certificates made at run time for the embedded world's TLS servers: P-256 keys, nothing kept on disk but what
// the world itself writes.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

namespace banana::world {

// What a TLS server presents: PEM, leaf first, and the leaf's private key.
struct TlsIdentity {
    std::string chain_pem;
    std::string private_key_pem;
};

enum class ChainShape {
    direct,                // root signs the leaf
    intermediate,          // root, intermediate, leaf: as public authorities do
    missing_intermediate,  // the same, but the server forgets to send the intermediate
    self_signed,           // the leaf signs itself
};

struct LeafRequest {
    std::vector<std::string> names;  // DNS names or numeric addresses; the first is the common name
    std::chrono::system_clock::time_point not_before;
    std::chrono::system_clock::time_point not_after;
    ChainShape shape = ChainShape::intermediate;
    std::string key_usage = "serverAuth";  // extendedKeyUsage
};

// A root authority. Throws std::runtime_error where OpenSSL refuses.
class CertificateAuthority {
public:
    explicit CertificateAuthority(const std::string& common_name);
    // Its intermediate is valid until then only.
    CertificateAuthority(const std::string& common_name, std::chrono::system_clock::time_point intermediate_end);
    ~CertificateAuthority();
    CertificateAuthority(const CertificateAuthority&) = delete;
    CertificateAuthority& operator=(const CertificateAuthority&) = delete;

    // The root, for a trust store.
    [[nodiscard]] std::string certificate_pem() const;
    [[nodiscard]] TlsIdentity issue(const LeafRequest& request) const;

private:
    struct Pair;
    std::unique_ptr<Pair> root_;
    std::unique_ptr<Pair> intermediate_;
};

}  // namespace banana::world
