// The one place that masks secrets in text.
#pragma once

#include "banana/check.hpp"
#include "banana/report.hpp"
#include "banana/secret.hpp"

#include <boost/json/value.hpp>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace banana {

// Masks what it was told (`learn`) in plain, URL-encoded, JSON-escaped and base64 form, and by shape what
// it was not told: keys (`sk-…`), Authorization and Cookie values, passwords in URLs, and the home folder.
class Redactor {
public:
    Redactor();
    ~Redactor();
    Redactor(const Redactor&) = delete;
    Redactor& operator=(const Redactor&) = delete;

    // Every occurrence of the value is masked from now on. Values under 8 characters are not searched for.
    void learn(const Secret& secret);
    // Written "~" from now on; ignored when empty or "/".
    void set_home(std::string home);

    [[nodiscard]] std::string scrub(std::string_view text) const;
    // Each string in it, keys of objects too.
    void scrub(boost::json::value& value) const;
    void scrub(CheckResult& result) const;
    void scrub(Report& report) const;

private:
    // Every eight characters in a row of each known secret, packed, sorted; wiped at the end.
    std::vector<std::uint64_t> parts_;
    std::string home_;
};

}  // namespace banana
