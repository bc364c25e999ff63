// Looks for parts of a key in what a program wrote, in every form in which a key could have been echoed. Written apart
// from the program's own redactor, so that the two do not share a mistake.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace banana::test {

// The key in plain, URL-encoded, JSON-escaped, HTML-escaped, base64 (three alignments) and other-case form, and broken
// by line ends, blanks, marks and invisible characters.
std::vector<std::string> echoed_forms(const std::string& key);

class LeakSearch {
public:
    // Searches for eight characters in a row of what stands behind "sk-".
    explicit LeakSearch(std::string_view key);

    [[nodiscard]] bool found_in(std::string_view text) const { return first_in(text).has_value(); }
    // The form in which it was found, for the test's message; never the characters themselves.
    [[nodiscard]] std::optional<std::string> first_in(std::string_view text) const;

private:
    [[nodiscard]] bool holds_part(std::string_view text, std::size_t length = 8) const;
    [[nodiscard]] bool holds_base64(std::string_view text) const;

    std::vector<std::uint64_t> parts_;  // of the key in lower case, packed, sorted
    std::vector<std::string> coded_;    // base64 of eight characters, sorted
    std::vector<bool> pairs_;           // first two octets of the parts
    std::vector<bool> coded_pairs_;
};

}  // namespace banana::test
