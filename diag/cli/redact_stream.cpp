#include "redact_stream.hpp"

#include "banana/bounds.hpp"
#include "home_folders.hpp"
#include "utf16_text.hpp"

#include <algorithm>
#include <istream>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

namespace banana {
namespace {

constexpr std::size_t kReadSize = 256U * 1024;
// What stands so far before the end of a piece is seen with all that follows it.
constexpr std::size_t kContext = 4U * 1024;

std::string masked(std::string_view piece, const Redactor& redactor) {
    return without_home_folders(redactor.scrub(piece));
}

// Where a very long line may be cut: behind a character that no key contains, and where its two parts are masked as
// the whole is: a name ("api_key =") must not be parted from its value.
std::size_t cut_of_long_line(const std::string& text, const Redactor& redactor) {
    constexpr int kAttempts = 8;
    const std::string whole = masked(text, redactor);
    std::size_t cut = text.size() - kContext;
    for (int attempt = 0; attempt < kAttempts && cut > kContext; ++attempt) {
        const std::size_t blank = text.find_last_of(" \t,;<>{}()[]", cut - 1);
        cut = blank == std::string::npos ? cut : blank + 1;
        const std::string_view all(text);
        if (masked(all.substr(0, cut), redactor) + masked(all.substr(cut), redactor) == whole) {
            return cut;
        }
        cut -= std::min(cut, kContext);
    }
    return text.size();
}

// Where a piece may end without cutting through a value: behind the last line break.
std::size_t safe_end(const std::string& text, const Redactor& redactor) {
    const std::size_t line = text.rfind('\n');
    if (line != std::string::npos) {
        return line + 1;
    }
    return text.size() < bounds::kRedactPieceBytes ? 0 : cut_of_long_line(text, redactor);
}

}  // namespace

bool redact_stream(std::istream& in, std::ostream& out, const Redactor& redactor) {
    std::string pending;
    std::vector<char> buffer(kReadSize);
    std::optional<Utf16Text> wide;
    bool first = true;
    while (in) {
        in.read(buffer.data(), static_cast<std::streamsize>(buffer.size()));
        const std::string_view octets(buffer.data(), static_cast<std::size_t>(in.gcount()));
        if (first) {
            wide = Utf16Text::recognise(octets);
            first = false;
        }
        pending += wide ? wide->decode(octets) : octets;
        const std::size_t end = safe_end(pending, redactor);
        if (end > 0) {
            const std::string piece = masked(std::string_view(pending).substr(0, end), redactor);
            out << (wide ? wide->encode(piece) : piece);
            pending.erase(0, end);
        }
        if (!out) {
            return false;
        }
    }
    const std::string piece = masked(pending, redactor);
    out << (wide ? wide->encode(piece) + wide->rest() : piece) << std::flush;
    return in.eof() && static_cast<bool>(out);
}

}  // namespace banana
