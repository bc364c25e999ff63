// The one place that masks secrets in text.
#pragma once

#include "banana/secret.hpp"

#include <boost/json/value.hpp>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

namespace banana {

struct CheckResult;
struct Report;

// Each part (kTellingPart) of the known secrets, packed, sorted; wiped at the end.
class KnownParts {
public:
    KnownParts();
    ~KnownParts();
    KnownParts(const KnownParts&) = delete;
    KnownParts& operator=(const KnownParts&) = delete;

    // False where all parts of them were there before.
    bool add(const std::vector<std::string>& words);
    [[nodiscard]] bool holds(std::uint64_t part) const;
    [[nodiscard]] bool empty() const { return parts_.empty(); }

private:
    std::vector<std::uint64_t> parts_;
    std::vector<bool> filter_;  // by a hash of the parts
};

// Masks what it was told (`learn`), whatever stands between its characters and however they are written: escaped for
// URLs, JSON or HTML, in base64 or hexadecimal, backwards, in full-width letters. Masks by shape what it was not told:
// keys (`sk-…`), Authorization and Cookie values, passwords in URLs. And the home folder.
class Redactor {
public:
    Redactor();
    ~Redactor();
    Redactor(const Redactor&) = delete;
    Redactor& operator=(const Redactor&) = delete;

    // Every occurrence of the value is masked from now on. Values shorter than kTellingPart are not searched for.
    void learn(const Secret& secret);
    // The same; one of four to seven characters is masked where it stands as a word of its own.
    void learn_password(const Secret& secret);
    // Written "~" from now on; ignored when empty or "/".
    void set_home(std::string home);

    [[nodiscard]] std::string scrub(std::string_view text) const;
    // Each string in it, keys of objects too.
    void scrub(boost::json::value& value) const;
    void scrub(CheckResult& result) const;
    void scrub(Report& report) const;

private:
    struct TextHash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
    };

    void learn_word(std::string_view word);
    [[nodiscard]] std::string scrubbed(std::string_view text) const;

    KnownParts known_;
    std::vector<Secret> words_;
    std::string home_;
    // Texts that were found to hold nothing to mask, until more is learnt: they need not be searched again.
    mutable std::unordered_set<std::string, TextHash, std::equal_to<>> clean_;
};

}  // namespace banana
