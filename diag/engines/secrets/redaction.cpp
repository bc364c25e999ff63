#include "redaction.hpp"

#include "banana/ascii.hpp"
#include "banana/check_result.hpp"
#include "banana/invisible.hpp"
#include "banana/report.hpp"
#include "base64.hpp"
#include "secret_shapes.hpp"
#include "text_view.hpp"
#include "utf8.hpp"

#include <openssl/crypto.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <iterator>
#include <utility>

namespace banana {
namespace {

// A known secret is searched for by parts, so that a cut, echoed or re-encoded key is found too.
constexpr std::size_t kPart = kTellingPart;
constexpr std::string_view kMask = "…";
constexpr unsigned kFilterBits = 16;

// Escapes within escapes, as a redirect's address makes of a JSON text within a page.
constexpr int kEscapeLevels = 3;
// A short password is looked for as a whole word only.
constexpr std::size_t kShortestWord = 4;

// Names of members and most values are met many times in a run, in a check's result and again in the report.
constexpr std::size_t kLongestRecurring = 256;
constexpr std::size_t kMostRecurring = 4096;

// Whole groups only: what follows them depends on what follows the word.
std::string base64_of_whole_groups(std::string_view bytes) {
    constexpr std::size_t kGroup = 3;
    return base64_encode(bytes.substr(0, bytes.size() / kGroup * kGroup));
}

// ASCII without blanks, its full-width forms, and what cannot be seen or stands above a letter.
bool is_part_of_word(char32_t c) {
    const bool ascii = c > 0x20 && c < 0x7F;
    const bool full_width = c >= 0xFF01 && c <= 0xFF5E;
    const bool accent = c >= 0x0300 && c <= 0x036F;
    return ascii || full_width || accent || is_invisible_character(c);
}

std::string hexadecimal(std::string_view bytes) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    std::string out;
    for (const char c : bytes) {
        const auto byte = static_cast<unsigned char>(c);
        out += {kDigits[byte >> 4U], kDigits[byte & 0x0FU]};
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

// Tells most texts from parts without a search.
std::size_t filter_place(std::uint64_t part) {
    return static_cast<std::size_t>((part * 0x9E3779B97F4A7C15U) >> (64U - kFilterBits));
}

// Where the characters are made of parts only.
std::vector<Run> runs_of_parts(std::string_view characters, const KnownParts& known) {
    std::vector<Run> found;
    const auto is_part = [&](std::size_t at) { return known.holds(packed(characters.substr(at, kPart))); };
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

bool has_part(std::string_view characters, const KnownParts& known) {
    for (std::size_t at = 0; at + kPart <= characters.size(); ++at) {
        if (known.holds(packed(characters.substr(at, kPart)))) {
            return true;
        }
    }
    return false;
}

void find_in_view(const TextView& view, const KnownParts& known, std::vector<Replacement>& found) {
    for (const Run& run : runs_of_parts(view.characters(), known)) {
        found.push_back({view.begin_of(run.begin), view.end_of(run.end - 1), std::string(kMask)});
    }
}

std::vector<Replacement> find_known(std::string_view text, const KnownParts& known) {
    std::vector<Replacement> found;
    if (known.empty() || text.size() < kPart) {
        return found;
    }
    TextView view(text);
    view.fold_case();
    for (int level = 0;; ++level) {
        find_in_view(view, known, found);
        // Most texts hold nothing: the places of a skeleton's characters are not worth noting before something is
        // found.
        if (has_part(view.skeleton_characters(), known)) {
            find_in_view(view.skeleton(), known, found);
        }
        TextView next = view.unescaped();
        if (level == kEscapeLevels || next.size() == view.size()) {
            return found;
        }
        next.fold_case();
        view = std::move(next);
    }
}

void find_word(std::string_view text, std::string_view word, std::vector<Replacement>& found) {
    for (std::size_t at = text.find(word); at != std::string_view::npos; at = text.find(word, at + 1)) {
        const std::size_t end = at + word.size();
        const bool begins = at == 0 || !is_alphanumeric(text[at - 1]);
        if (begins && (end == text.size() || !is_alphanumeric(text[end]))) {
            found.push_back({at, end, std::string(kMask)});
        }
    }
}

// Overlapping ones as one: what was masked stays masked. What was guessed shows nothing of a known secret.
std::vector<Replacement> merged(std::vector<Replacement> replacements) {
    std::stable_sort(replacements.begin(), replacements.end(),
                     [](const Replacement& a, const Replacement& b) { return a.begin < b.begin; });
    std::vector<Replacement> all;
    for (Replacement& next : replacements) {
        if (all.empty() || next.begin >= all.back().end) {
            all.push_back(std::move(next));
            continue;
        }
        Replacement& last = all.back();
        last.end = std::max(last.end, next.end);
        if (last.guessed && !next.guessed) {
            last.with = std::move(next.with);
            last.guessed = false;
        }
    }
    return all;
}

std::string apply(std::string_view text, std::vector<Replacement> replacements) {
    std::string out;
    std::size_t done = 0;
    for (const Replacement& replacement : merged(std::move(replacements))) {
        out += text.substr(done, replacement.begin - done);
        out += replacement.with;
        done = replacement.end;
    }
    out += text.substr(std::min(done, text.size()));
    return out;
}

bool is_separator(char c) {
    return c == '/' || c == '\\';
}

// A home folder of Windows, whose names are case-blind and whose separators come in both kinds, and doubled in JSON.
bool is_windows_path(std::string_view path) {
    return (path.size() > 2 && is_letter(path[0]) && path[1] == ':' && is_separator(path[2])) ||
           path.starts_with("\\\\");
}

// How many characters of `text` spell the folder; 0 where they do not.
std::size_t spelled_length(std::string_view text, std::string_view home, bool windows) {
    if (!windows) {
        return text.starts_with(home) ? home.size() : 0;
    }
    std::size_t at = 0;
    for (std::size_t index = 0; index < home.size(); ++index) {
        if (at >= text.size()) {
            return 0;
        }
        if (!is_separator(home[index])) {
            if (to_lower(text[at++]) != to_lower(home[index])) {
                return 0;
            }
            continue;
        }
        if (!is_separator(text[at])) {
            return 0;
        }
        while (index + 1 < home.size() && is_separator(home[index + 1])) {
            ++index;
        }
        while (at < text.size() && is_separator(text[at])) {
            ++at;
        }
    }
    return at;
}

std::string replace_home(std::string_view text, std::string_view home) {
    constexpr std::string_view kBehind = "/\\\"'` \t\r\n:;,)]>|";
    const bool windows = is_windows_path(home);
    const char first[] = {home.front(), windows ? static_cast<char>(home.front() ^ 0x20) : home.front()};
    const std::string_view starts(first, windows && is_letter(home.front()) ? 2 : 1);
    std::string out;
    std::size_t done = 0;
    const auto next = [&](std::size_t from) {
        return starts.size() == 1 ? text.find(starts.front(), from) : text.find_first_of(starts, from);
    };
    for (std::size_t at = next(0); at != std::string_view::npos; at = next(at + 1)) {
        const std::size_t length = at >= done ? spelled_length(text.substr(at), home, windows) : 0;
        const std::size_t end = at + length;
        if (length > 0 && (end == text.size() || kBehind.find(text[end]) != std::string_view::npos)) {
            out.append(text, done, at - done).append("~");
            done = end;
        }
    }
    return out.append(text.substr(done));
}

}  // namespace

KnownParts::KnownParts() : filter_(std::size_t{1} << kFilterBits) {}

KnownParts::~KnownParts() {
    OPENSSL_cleanse(parts_.data(), parts_.size() * sizeof(std::uint64_t));
}

bool KnownParts::add(const std::vector<std::string>& words) {
    const auto is_known = [&](const std::string& word) {
        bool known = true;
        for (std::size_t at = 0; at + kPart <= word.size() && known; ++at) {
            known = holds(packed(std::string_view(word).substr(at, kPart)));
        }
        return known;
    };
    // The same key is met at several places.
    if (std::all_of(words.begin(), words.end(), is_known)) {
        return false;
    }
    std::vector<std::uint64_t> parts(parts_);
    for (const std::string_view word : words) {
        for (std::size_t at = 0; at + kPart <= word.size(); ++at) {
            parts.push_back(packed(word.substr(at, kPart)));
            filter_[filter_place(parts.back())] = true;
        }
    }
    std::sort(parts.begin(), parts.end());
    parts.erase(std::unique(parts.begin(), parts.end()), parts.end());
    parts_.swap(parts);
    OPENSSL_cleanse(parts.data(), parts.size() * sizeof(std::uint64_t));
    return true;
}

bool KnownParts::holds(std::uint64_t part) const {
    return filter_[filter_place(part)] && std::binary_search(parts_.begin(), parts_.end(), part);
}

Redactor::Redactor() = default;
Redactor::~Redactor() = default;

// The word in each form, as it stands and as its skeleton: the same that a text is looked at in.
void Redactor::learn_word(std::string_view word) {
    if (word.size() < kPart) {
        return;
    }
    constexpr std::size_t kForms = 6;  // as it is, backwards, hexadecimal, base64 of three alignments
    std::vector<std::string> forms;
    forms.reserve(2 * (kForms + kEscapeLevels));  // short ones would be left behind where it grows
    const auto add = [&](std::string form) {
        TextView view(form);
        view.fold_case();
        forms.emplace_back(view.characters());
        forms.push_back(view.skeleton_characters());
        OPENSSL_cleanse(form.data(), form.size());
    };
    add(std::string(word));
    add(std::string(word.rbegin(), word.rend()));
    add(hexadecimal(word));
    for (std::size_t offset = 0; offset < 3; ++offset) {
        add(base64_of_whole_groups(word.substr(offset)));
    }
    // A value that looks escaped itself is seen unescaped in a text.
    TextView view(word);
    for (int level = 0; level < kEscapeLevels; ++level) {
        const TextView next = view.unescaped();
        if (next.size() == view.size()) {
            break;
        }
        add(next.characters());
        view = next;
    }
    if (known_.add(forms)) {
        clean_.clear();
    }
    for (std::string& form : forms) {
        OPENSSL_cleanse(form.data(), form.size());
    }
}

void Redactor::learn(const Secret& secret) {
    // Word by word: a value with a comment in it must not make prose unreadable.
    const std::string_view all = secret.reveal();
    std::size_t begin = 0;
    for (std::size_t at = 0; at < all.size();) {
        const std::size_t here = at;
        if (!is_part_of_word(utf8::next(all, at))) {
            learn_word(all.substr(begin, here - begin));
            begin = at;
        }
    }
    learn_word(all.substr(begin));
}

void Redactor::learn_password(const Secret& secret) {
    learn(secret);
    if (secret.reveal().size() >= kShortestWord && secret.reveal().size() < kPart) {
        words_.push_back(secret.clone());
        clean_.clear();
    }
}

void Redactor::set_home(std::string home) {
    while (home.size() > 1 && (home.back() == '/' || home.back() == '\\')) {
        home.pop_back();
    }
    home_ = home == "/" ? std::string() : std::move(home);
    clean_.clear();
}

std::string Redactor::scrub(std::string_view text) const {
    const bool may_recur = text.size() <= kLongestRecurring;
    if (may_recur && clean_.contains(text)) {
        return std::string(text);
    }
    std::string out = scrubbed(text);
    if (may_recur && out == text && clean_.size() < kMostRecurring) {
        clean_.insert(out);
    }
    return out;
}

std::string Redactor::scrubbed(std::string_view text) const {
    std::vector<Replacement> replacements = find_secret_shapes(text);
    std::vector<Replacement> known = find_known(text, known_);
    std::move(known.begin(), known.end(), std::back_inserter(replacements));
    for (const Secret& word : words_) {
        find_word(text, word.reveal(), replacements);
    }
    std::string out = apply(text, std::move(replacements));
    if (!home_.empty()) {
        out = replace_home(out, home_);
    }
    return out;
}

void Redactor::scrub(boost::json::value& value) const {
    if (auto* text = value.if_string()) {
        const std::string_view before(text->data(), text->size());
        if (const std::string after = scrub(before); after != before) {
            text->assign(after);
        }
    } else if (auto* array = value.if_array()) {
        for (boost::json::value& item : *array) {
            scrub(item);
        }
    } else if (auto* object = value.if_object()) {
        bool is_changed = false;
        for (auto& member : *object) {
            scrub(member.value());
            is_changed = is_changed || scrub(std::string_view(member.key())) != std::string_view(member.key());
        }
        if (!is_changed) {
            return;
        }
        boost::json::object clean;
        for (auto& member : *object) {
            clean.insert_or_assign(scrub(std::string_view(member.key())), std::move(member.value()));
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
    finding.key_source = redactor.scrub(finding.key_source);
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
    for (std::string* text :
         {&subject.comfyui_dir, &subject.comfyui_url, &subject.comfyui_version, &subject.plugin_dir,
          &subject.plugin_version, &subject.config_file, &subject.base_url, &subject.circumstances.service_line}) {
        *text = scrub(*text);
    }
    scrub_object(*this, subject.environment);
    scrub_object(*this, subject.plugin);
    if (subject.key_under_test) {
        subject.key_under_test->source = scrub(subject.key_under_test->source);
    }
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
