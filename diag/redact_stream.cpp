#include "redact_stream.hpp"

#include "engines/secret_shapes.hpp"

#include <istream>
#include <ostream>
#include <string>
#include <vector>

namespace banana {
namespace {

constexpr std::size_t kReadSize = 256U * 1024;

std::string masked(std::string_view piece, const Redactor& redactor) {
    const std::string scrubbed = redactor.scrub(piece);
    std::string out;
    std::size_t done = 0;
    for (const Replacement& home : find_home_folders(scrubbed)) {
        if (home.begin >= done) {
            out.append(scrubbed, done, home.begin - done).append(home.with);
            done = home.end;
        }
    }
    return out.append(scrubbed, done);
}

// Where a piece may end without cutting through a value: behind the last line break; failing that, in a very long
// line, behind the last character that no key contains.
std::size_t safe_end(const std::string& text, bool must_cut) {
    const std::size_t line = text.rfind('\n');
    if (line != std::string::npos) {
        return line + 1;
    }
    if (!must_cut) {
        return 0;
    }
    const std::size_t blank = text.find_last_of(" \t,;<>{}()[]");
    return blank == std::string::npos ? text.size() : blank + 1;
}

}  // namespace

bool redact_stream(std::istream& in, std::ostream& out, const Redactor& redactor) {
    std::string pending;
    std::vector<char> buffer(kReadSize);
    while (in) {
        in.read(buffer.data(), static_cast<std::streamsize>(buffer.size()));
        pending.append(buffer.data(), static_cast<std::size_t>(in.gcount()));
        const std::size_t end = safe_end(pending, pending.size() >= kRedactPiece);
        if (end > 0) {
            out << masked(std::string_view(pending).substr(0, end), redactor);
            pending.erase(0, end);
        }
        if (!out) {
            return false;
        }
    }
    out << masked(pending, redactor) << std::flush;
    return in.eof() && static_cast<bool>(out);
}

}  // namespace banana
