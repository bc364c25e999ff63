#include "engines/redaction.hpp"

#include "engines/secret_shapes.hpp"
#include "engines/text.hpp"

#include <openssl/crypto.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <iterator>
#include <optional>
#include <utility>

namespace banana {
namespace {

// Eight characters in a row give a part of a key away; a known secret is searched for by such parts, so
// that a cut, echoed or re-encoded key is found too.
constexpr std::size_t kPart = 8;
constexpr std::string_view kMask = "…";

std::optional<unsigned> hex_value(std::string_view digits) {
    unsigned value = 0;
    for (const char c : digits) {
        value <<= 4U;
        if (c >= '0' && c <= '9') {
            value |= static_cast<unsigned>(c - '0');
        } else if (c >= 'a' && c <= 'f') {
            value |= static_cast<unsigned>(c - 'a' + 10);
        } else if (c >= 'A' && c <= 'F') {
            value |= static_cast<unsigned>(c - 'A' + 10);
        } else {
            return std::nullopt;
        }
    }
    return value;
}

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

// A text with escapes undone, letter case folded and line breaks dropped; each character knows where it was.
class Unescaped {
public:
    explicit Unescaped(std::string_view text) {
        characters_.reserve(text.size());
        begins_.reserve(text.size());
        ends_.reserve(text.size());
        for (std::size_t at = 0; at < text.size();) {
            at = take(text, at);
        }
    }

    [[nodiscard]] const std::string& characters() const { return characters_; }
    [[nodiscard]] std::size_t begin_of(std::size_t index) const { return begins_[index]; }
    [[nodiscard]] std::size_t end_of(std::size_t index) const { return ends_[index]; }

private:
    std::size_t take(std::string_view text, std::size_t at) {
        const std::string_view rest = text.substr(at);
        const char c = rest.front();
        if (c == '\n' || c == '\r') {
            return at + 1;
        }
        if (c == '%' && rest.size() >= 3) {
            return escaped(at, rest, 3, hex_value(rest.substr(1, 2)));
        }
        if (c == '\\' && rest.size() >= 6 && rest[1] == 'u') {
            return escaped(at, rest, 6, hex_value(rest.substr(2, 4)));
        }
        if (c == '\\' && rest.size() >= 2 && (rest[1] == 'n' || rest[1] == 'r')) {
            return at + 2;
        }
        if (c == '\\' && rest.size() >= 2 && rest[1] == '/') {
            return plain(at, '/', 2);
        }
        if (rest.starts_with("&#x") || rest.starts_with("&#X")) {
            const std::size_t end = rest.substr(0, 10).find(';');
            if (end != std::string_view::npos && end > 3) {
                return escaped(at, rest, end + 1, hex_value(rest.substr(3, end - 3)));
            }
        }
        return plain(at, c, 1);
    }

    std::size_t escaped(std::size_t at, std::string_view rest, std::size_t length, std::optional<unsigned> value) {
        if (!value || *value >= 0x80) {
            return plain(at, rest.front(), 1);
        }
        return plain(at, static_cast<char>(*value), length);
    }

    std::size_t plain(std::size_t at, char c, std::size_t length) {
        characters_ += lower(c);
        begins_.push_back(at);
        ends_.push_back(at + length);
        return at + length;
    }

    std::string characters_;
    std::vector<std::size_t> begins_;
    std::vector<std::size_t> ends_;
};

// RFC 4648 base64 of the bytes, whole groups only.
std::string base64_of_whole_groups(std::string_view bytes) {
    constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string out;
    for (std::size_t at = 0; at + 3 <= bytes.size(); at += 3) {
        const auto byte = [&](std::size_t offset) {
            return static_cast<std::uint32_t>(static_cast<unsigned char>(bytes[at + offset]));
        };
        const std::uint32_t group = (byte(0) << 16U) | (byte(1) << 8U) | byte(2);
        for (const unsigned shift : {18U, 12U, 6U, 0U}) {
            out += kAlphabet[(group >> shift) & 0x3FU];
        }
    }
    return out;
}

std::uint64_t packed(std::string_view part) {
    std::uint64_t value = 0;
    std::memcpy(&value, part.data(), kPart);
    return value;
}

// A run of characters, from the first to behind the last.
struct Run {
    std::size_t begin;
    std::size_t end;
};

// Where the characters are made of parts only.
std::vector<Run> runs_of_parts(std::string_view characters, const std::vector<std::uint64_t>& parts) {
    std::vector<Run> found;
    const auto is_part = [&](std::size_t at) {
        return std::binary_search(parts.begin(), parts.end(), packed(characters.substr(at, kPart)));
    };
    for (std::size_t at = 0; at + kPart <= characters.size();) {
        if (!is_part(at)) {
            ++at;
            continue;
        }
        std::size_t end = at + kPart;
        while (end < characters.size() && is_part(end + 1 - kPart)) {
            ++end;
        }
        found.push_back({at, end});
        at = end;
    }
    return found;
}

std::vector<Replacement> find_known(std::string_view text, const std::vector<std::uint64_t>& parts) {
    std::vector<Replacement> found;
    if (parts.empty() || text.size() < kPart) {
        return found;
    }
    const Unescaped once(text);
    const auto add = [&](std::size_t begin, std::size_t end) {
        found.push_back({once.begin_of(begin), once.end_of(end - 1), std::string(kMask)});
    };
    for (const Run& run : runs_of_parts(once.characters(), parts)) {
        add(run.begin, run.end);
    }
    // Escapes within escapes, as a redirect's address makes of a JSON text.
    const Unescaped twice(once.characters());
    if (twice.characters().size() < once.characters().size()) {
        for (const Run& run : runs_of_parts(twice.characters(), parts)) {
            add(twice.begin_of(run.begin), twice.end_of(run.end - 1));
        }
    }
    return found;
}

std::string apply(std::string_view text, std::vector<Replacement> replacements) {
    std::stable_sort(replacements.begin(), replacements.end(),
                     [](const Replacement& a, const Replacement& b) { return a.begin < b.begin; });
    std::string out;
    std::size_t done = 0;
    for (const Replacement& replacement : replacements) {
        if (replacement.begin < done) {
            // Overlap: what was masked stays masked, the rest of the second is cut out as well.
            done = std::max(done, replacement.end);
            continue;
        }
        out += text.substr(done, replacement.begin - done);
        out += replacement.with;
        done = replacement.end;
    }
    out += text.substr(std::min(done, text.size()));
    return out;
}

std::string replace_home(std::string_view text, std::string_view home) {
    constexpr std::string_view kBehind = "/\\\"'` \t\r\n:;,)]>|";
    std::string out;
    std::size_t done = 0;
    for (std::size_t at = text.find(home); at != std::string_view::npos; at = text.find(home, at + 1)) {
        const std::size_t end = at + home.size();
        if (at >= done && (end == text.size() || kBehind.find(text[end]) != std::string_view::npos)) {
            out.append(text, done, at - done).append("~");
            done = end;
        }
    }
    return out.append(text.substr(done));
}

}  // namespace

Redactor::Redactor() = default;

Redactor::~Redactor() {
    OPENSSL_cleanse(parts_.data(), parts_.size() * sizeof(std::uint64_t));
}

void Redactor::learn(const Secret& secret) {
    std::vector<std::uint64_t> parts(parts_);
    const auto add = [&](std::string word) {
        std::transform(word.begin(), word.end(), word.begin(), lower);
        for (std::size_t at = 0; at + kPart <= word.size(); ++at) {
            parts.push_back(packed(std::string_view(word).substr(at, kPart)));
        }
        OPENSSL_cleanse(word.data(), word.size());
    };
    // Word by word: a value with a comment in it must not make prose unreadable.
    const std::string_view all = secret.reveal();
    const auto is_word = [](char c) { return c > 0x20 && c < 0x7F; };
    for (std::size_t at = 0; at < all.size();) {
        std::size_t end = at;
        while (end < all.size() && is_word(all[end])) {
            ++end;
        }
        const std::string_view word = all.substr(at, end - at);
        if (word.size() >= kPart) {
            add(std::string(word));
            for (std::size_t offset = 0; offset < 3; ++offset) {
                add(base64_of_whole_groups(word.substr(offset)));
            }
        }
        at = std::max(end, at + 1);
    }
    std::sort(parts.begin(), parts.end());
    parts.erase(std::unique(parts.begin(), parts.end()), parts.end());
    parts_.swap(parts);
    OPENSSL_cleanse(parts.data(), parts.size() * sizeof(std::uint64_t));
}

void Redactor::set_home(std::string home) {
    while (home.size() > 1 && (home.back() == '/' || home.back() == '\\')) {
        home.pop_back();
    }
    home_ = home == "/" ? std::string() : std::move(home);
}

std::string Redactor::scrub(std::string_view text) const {
    std::vector<Replacement> replacements = find_secret_shapes(text);
    std::vector<Replacement> known = find_known(text, parts_);
    std::move(known.begin(), known.end(), std::back_inserter(replacements));
    std::string out = apply(text, std::move(replacements));
    if (!home_.empty()) {
        out = replace_home(out, home_);
    }
    return out;
}

void Redactor::scrub(boost::json::value& value) const {
    if (auto* text = value.if_string()) {
        const std::string scrubbed = scrub(std::string_view(text->data(), text->size()));
        text->assign(scrubbed);
    } else if (auto* array = value.if_array()) {
        for (boost::json::value& item : *array) {
            scrub(item);
        }
    } else if (auto* object = value.if_object()) {
        boost::json::object clean;
        for (auto& member : *object) {
            scrub(member.value());
            clean.insert_or_assign(scrub(std::string_view(member.key().data(), member.key().size())),
                                   std::move(member.value()));
        }
        *object = std::move(clean);
    }
}

namespace {

void scrub_object(const Redactor& redactor, boost::json::object& object) {
    boost::json::value value(std::move(object));
    redactor.scrub(value);
    object = std::move(value.as_object());
}

void scrub_finding(const Redactor& redactor, Finding& finding) {
    scrub_object(redactor, finding.args);
    for (Evidence& evidence : finding.evidence) {
        evidence.value = redactor.scrub(evidence.value);
        evidence.file = redactor.scrub(evidence.file);
    }
}

void scrub_cause(const Redactor& redactor, DiagnosedCause& cause) {
    scrub_finding(redactor, cause.finding);
    for (auto* messages : {&cause.because, &cause.leads_to, &cause.alternatives}) {
        for (Message& message : *messages) {
            scrub_object(redactor, message.args);
        }
    }
}

}  // namespace

void Redactor::scrub(CheckResult& result) const {
    scrub_object(*this, result.summary.args);
    for (Finding& finding : result.findings) {
        scrub_finding(*this, finding);
    }
    scrub_object(*this, result.facts);
}

void Redactor::scrub(Report& report) const {
    Subject& subject = report.subject;
    for (std::string* text : {&subject.comfyui_dir, &subject.comfyui_url, &subject.comfyui_version, &subject.plugin_dir,
                              &subject.plugin_version, &subject.config_file, &subject.base_url}) {
        *text = scrub(*text);
    }
    scrub_object(*this, subject.environment);
    for (CheckResult& check : report.checks) {
        scrub(check);
    }
    if (report.diagnosis.primary) {
        scrub_cause(*this, *report.diagnosis.primary);
    }
    for (DiagnosedCause& cause : report.diagnosis.others) {
        scrub_cause(*this, cause);
    }
}

}  // namespace banana
