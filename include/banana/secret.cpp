#include "banana/secret.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <utility>

namespace banana {
namespace {

constexpr std::size_t kShortestShown = 24;  // anything shorter could be guessed from a part or a hash
constexpr std::size_t kShownFirst = 6;
constexpr std::size_t kShownLast = 4;

bool printable_ascii(std::string_view text) {
    for (const char c : text) {
        if (c <= 0x20 || c >= 0x7F) {
            return false;
        }
    }
    return true;
}

}  // namespace

Secret::Secret(std::string_view plain) : plain_(plain) {}

Secret::Secret(Secret&& other) noexcept : plain_(std::move(other.plain_)) {
    other.wipe();
}

Secret& Secret::operator=(Secret&& other) noexcept {
    if (this != &other) {
        wipe();
        plain_ = std::move(other.plain_);
        other.wipe();
    }
    return *this;
}

Secret::~Secret() {
    wipe();
}

void Secret::wipe() noexcept {
    // The whole capacity: a short value lives in the string object itself and survives a move.
    OPENSSL_cleanse(plain_.data(), plain_.capacity());
    plain_.clear();
}

std::string Secret::masked() const {
    if (length() < kShortestShown) {
        return "…";
    }
    const std::string_view first = std::string_view(plain_).substr(0, kShownFirst);
    const std::string_view last = std::string_view(plain_).substr(plain_.size() - kShownLast);
    // A value with other characters is no key; parts of it are neither helpful nor safe to cut by bytes.
    if (!printable_ascii(first) || !printable_ascii(last)) {
        return "…";
    }
    return std::string(first) + "…" + std::string(last);
}

std::size_t Secret::length() const noexcept {
    // Every octet but those that go on with a code point. Of what is no UTF-8 that is never more than there is.
    return static_cast<std::size_t>(std::count_if(
        plain_.begin(), plain_.end(), [](char octet) { return (static_cast<unsigned char>(octet) & 0xC0U) != 0x80U; }));
}

std::string Secret::fingerprint() const {
    if (length() < kShortestShown) {
        return {};
    }
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned int size = 0;
    if (EVP_Digest(plain_.data(), plain_.size(), digest.data(), &size, EVP_sha256(), nullptr) != 1) {
        return {};
    }
    constexpr std::string_view kHex = "0123456789abcdef";
    std::string out;
    for (std::size_t index = 0; index < 4; ++index) {
        out += kHex[digest[index] >> 4U];
        out += kHex[digest[index] & 0x0FU];
    }
    return out;
}

bool Secret::same_as(const Secret& other) const noexcept {
    return plain_.size() == other.plain_.size() &&
           CRYPTO_memcmp(plain_.data(), other.plain_.data(), plain_.size()) == 0;
}

}  // namespace banana
