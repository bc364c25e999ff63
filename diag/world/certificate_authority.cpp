#include "certificate_authority.hpp"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <stdexcept>

namespace banana::world {
namespace {

using Clock = std::chrono::system_clock;
constexpr std::chrono::hours kAuthorityLife{24 * 3650};
using KeyHandle = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using CertificateHandle = std::unique_ptr<X509, decltype(&X509_free)>;

void require(bool done, const char* step) {
    if (!done) {
        throw std::runtime_error(step);
    }
}

KeyHandle make_key() {
    KeyHandle key(EVP_EC_gen("P-256"), EVP_PKEY_free);
    require(key != nullptr, "EVP_EC_gen");
    return key;
}

std::string to_pem(X509* certificate) {
    std::unique_ptr<BIO, decltype(&BIO_free)> memory(BIO_new(BIO_s_mem()), BIO_free);
    require(memory != nullptr && PEM_write_bio_X509(memory.get(), certificate) == 1, "PEM_write_bio_X509");
    char* data = nullptr;
    const long size = BIO_get_mem_data(memory.get(), &data);
    return {data, static_cast<std::size_t>(size)};
}

std::string to_pem(EVP_PKEY* key) {
    std::unique_ptr<BIO, decltype(&BIO_free)> memory(BIO_new(BIO_s_mem()), BIO_free);
    require(
        memory != nullptr && PEM_write_bio_PrivateKey(memory.get(), key, nullptr, nullptr, 0, nullptr, nullptr) == 1,
        "PEM_write_bio_PrivateKey");
    char* data = nullptr;
    const long size = BIO_get_mem_data(memory.get(), &data);
    return {data, static_cast<std::size_t>(size)};
}

void set_name(X509_NAME* name, const std::string& common_name) {
    const auto* bytes = reinterpret_cast<const unsigned char*>(common_name.data());
    require(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, bytes, static_cast<int>(common_name.size()), -1, 0),
            "X509_NAME_add_entry_by_txt");
}

void add_extension(X509* certificate, X509* issuer, int nid, const std::string& value) {
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
    std::unique_ptr<X509_EXTENSION, decltype(&X509_EXTENSION_free)> extension(
        X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str()), X509_EXTENSION_free);
    require(extension != nullptr && X509_add_ext(certificate, extension.get(), -1) == 1, "X509_add_ext");
}

void set_serial(X509* certificate) {
    std::array<unsigned char, 8> bytes{};
    require(RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) == 1, "RAND_bytes");
    std::uint64_t serial = 0;
    for (const unsigned char byte : bytes) {
        serial = (serial << 8U) | byte;
    }
    require(ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate), serial >> 1U) == 1, "ASN1_INTEGER_set_uint64");
}

bool is_numeric_address(const std::string& name) {
    return name.find(':') != std::string::npos || name.find_first_not_of("0123456789.") == std::string::npos;
}

std::string alternative_names(const std::vector<std::string>& names) {
    std::string value;
    for (const std::string& name : names) {
        value += value.empty() ? "" : ",";
        value += is_numeric_address(name) ? "IP:" : "DNS:";
        value += name;
    }
    return value;
}

CertificateHandle make_unsigned(const std::string& common_name, EVP_PKEY* key, Clock::time_point from,
                                Clock::time_point to) {
    CertificateHandle certificate(X509_new(), X509_free);
    require(certificate != nullptr && X509_set_version(certificate.get(), 2) == 1, "X509_new");
    set_serial(certificate.get());
    require(ASN1_TIME_set(X509_getm_notBefore(certificate.get()), Clock::to_time_t(from)) != nullptr, "notBefore");
    require(ASN1_TIME_set(X509_getm_notAfter(certificate.get()), Clock::to_time_t(to)) != nullptr, "notAfter");
    require(X509_set_pubkey(certificate.get(), key) == 1, "X509_set_pubkey");
    set_name(X509_get_subject_name(certificate.get()), common_name);
    return certificate;
}

void sign(X509* certificate, X509* issuer, EVP_PKEY* issuer_key) {
    require(X509_set_issuer_name(certificate, X509_get_subject_name(issuer)) == 1, "X509_set_issuer_name");
    require(X509_sign(certificate, issuer_key, EVP_sha256()) > 0, "X509_sign");
}

void mark_as_authority(X509* certificate, X509* issuer) {
    add_extension(certificate, issuer, NID_basic_constraints, "critical,CA:TRUE");
    add_extension(certificate, issuer, NID_key_usage, "critical,keyCertSign,cRLSign");
    add_extension(certificate, issuer, NID_subject_key_identifier, "hash");
}

}  // namespace

struct CertificateAuthority::Pair {
    Pair(KeyHandle key, CertificateHandle certificate) : key(std::move(key)), certificate(std::move(certificate)) {}
    KeyHandle key;
    CertificateHandle certificate;
};

CertificateAuthority::CertificateAuthority(const std::string& common_name)
    : CertificateAuthority(common_name, Clock::now() + kAuthorityLife) {}

CertificateAuthority::CertificateAuthority(const std::string& common_name, Clock::time_point intermediate_end) {
    const Clock::time_point now = Clock::now();
    const auto from = now - kAuthorityLife;
    const auto to = now + kAuthorityLife;

    KeyHandle root_key = make_key();
    CertificateHandle root = make_unsigned(common_name, root_key.get(), from, to);
    mark_as_authority(root.get(), root.get());
    sign(root.get(), root.get(), root_key.get());

    KeyHandle middle_key = make_key();
    CertificateHandle middle = make_unsigned(common_name + " R1", middle_key.get(), from, intermediate_end);
    mark_as_authority(middle.get(), root.get());
    sign(middle.get(), root.get(), root_key.get());

    root_ = std::make_unique<Pair>(std::move(root_key), std::move(root));
    intermediate_ = std::make_unique<Pair>(std::move(middle_key), std::move(middle));
}

CertificateAuthority::~CertificateAuthority() = default;

std::string CertificateAuthority::certificate_pem() const {
    return to_pem(root_->certificate.get());
}

TlsIdentity CertificateAuthority::issue(const LeafRequest& request) const {
    const KeyHandle key = make_key();
    const std::string common_name = request.names.empty() ? "localhost" : request.names.front();
    const CertificateHandle leaf = make_unsigned(common_name, key.get(), request.not_before, request.not_after);
    const bool by_itself = request.shape == ChainShape::self_signed;
    const Pair& signer = request.shape == ChainShape::direct ? *root_ : *intermediate_;
    X509* issuer = by_itself ? leaf.get() : signer.certificate.get();
    if (!request.names.empty()) {
        add_extension(leaf.get(), issuer, NID_subject_alt_name, alternative_names(request.names));
    }
    add_extension(leaf.get(), issuer, NID_ext_key_usage, request.key_usage);
    sign(leaf.get(), issuer, by_itself ? key.get() : signer.key.get());

    TlsIdentity identity{to_pem(leaf.get()), to_pem(key.get())};
    if (request.shape == ChainShape::intermediate) {
        identity.chain_pem += to_pem(intermediate_->certificate.get());
    }
    return identity;
}

}  // namespace banana::world
