// A value that must never reach an output: an API key, a proxy password.
//
// Only `masked()`, `length()` and `fingerprint()` may be shown; `reveal()` is for the one place that
// puts the value on the wire and for the redactor that searches for it.
#pragma once

#include <cstddef>
#include <iosfwd>
#include <string>
#include <string_view>

namespace banana {

// As many characters in a row give a part of a secret away: it is searched for by such parts. Fewer stand in other
// texts by chance.
inline constexpr std::size_t kTellingPart = 8;

class Secret {
public:
    // UTF-8 bytes exactly as they would be used; no trimming.
    explicit Secret(std::string_view plain);
    Secret(Secret&& other) noexcept;
    Secret& operator=(Secret&& other) noexcept;
    Secret(const Secret&) = delete;
    Secret& operator=(const Secret&) = delete;
    // Overwrites the buffer before it is released.
    ~Secret();

    [[nodiscard]] Secret clone() const { return Secret(plain_); }
    [[nodiscard]] std::string_view reveal() const noexcept { return plain_; }

    // At most the first six and the last four characters; of anything under 24 characters, nothing.
    [[nodiscard]] std::string masked() const;
    // Unicode code points, not bytes.
    [[nodiscard]] std::size_t length() const noexcept;
    // First 8 hex digits of SHA-256 over the bytes; empty under 24 characters, which could be guessed.
    [[nodiscard]] std::string fingerprint() const;
    // Constant time for equal lengths.
    [[nodiscard]] bool same_as(const Secret& other) const noexcept;
    [[nodiscard]] bool empty() const noexcept { return plain_.empty(); }

    friend bool operator==(const Secret&, const Secret&) = delete;
    friend std::ostream& operator<<(std::ostream&, const Secret&) = delete;

private:
    void wipe() noexcept;
    std::string plain_;
};

}  // namespace banana
