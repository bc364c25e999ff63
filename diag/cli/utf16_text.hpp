// UTF-16 as Windows programs save it (PowerShell's `>`, Notepad), read piece by piece and written back octet for octet.
#pragma once

#include "utf16.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace banana {

// The text in between is UTF-8; a surrogate without its other half is kept as the three octets that UTF-8's scheme
// gives for its number, so that damaged files come back as they were.
class Utf16Text {
public:
    // By the byte order mark at the start of a file; none without one.
    static std::optional<Utf16Text> recognise(std::string_view start_of_file);

    // The next octets of the file; those of an unfinished character wait for the next call.
    std::string decode(std::string_view octets);
    [[nodiscard]] std::string encode(std::string_view text) const;
    // The octets still waiting at the end of the file, to be written as they are.
    [[nodiscard]] const std::string& rest() const { return waiting_; }

private:
    explicit Utf16Text(utf16::Order order) : order_(order) {}
    void append_unit(std::string& octets, char32_t unit) const;

    utf16::Order order_;
    std::string waiting_;
};

}  // namespace banana
