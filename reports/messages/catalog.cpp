#include "catalog.hpp"

#include "banana/ascii.hpp"
#include "banana/json_member.hpp"
#include "banana/lookup.hpp"
#include "line_range.hpp"
#include "messages.hpp"
#include "names.hpp"
#include "numbers.hpp"

#include <algorithm>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <cstddef>

namespace banana {
namespace {

constexpr int kNestingLimit = 4;  // of {name|prefix} texts within texts

std::string value_text(const boost::json::value& value) {
    if (const auto* text = value.if_string()) {
        return one_line(*text);
    }
    if (value.is_double()) {
        return number_text(value.get_double());
    }
    return one_line(boost::json::serialize(value));
}

// "4585000" as "4,585,000"; what is no whole number stays as it is.
std::string grouped(std::string text) {
    constexpr std::size_t kGroup = 3;
    const std::size_t first = text.starts_with('-') ? 1 : 0;
    if (text.find_first_not_of("0123456789", first) != std::string::npos) {
        return text;
    }
    for (std::size_t at = text.size(); at > first + kGroup; at -= kGroup) {
        text.insert(at - kGroup, 1, ',');
    }
    return text;
}

// Characters that no Markdown dialect gives a meaning: a value made of them may stand outside a code span.
bool is_harmless(std::string_view text) {
    for (std::size_t at = 0; at < text.size(); ++at) {
        const char c = text[at];
        const auto byte = static_cast<unsigned char>(c);
        const bool between_digits = at > 0 && at + 1 < text.size() && is_digit(text[at - 1]) && is_digit(text[at + 1]);
        const bool word = is_alphanumeric(c) || (c == ':' && between_digits) || byte >= 0x80;
        if (!word && std::string_view(" .,-/()%+").find(c) == std::string_view::npos) {
            return false;
        }
    }
    return text.find("www.") == std::string_view::npos;
}

// The size of a full stop that begins the text and ends a sentence; 0 where there is none.
std::size_t full_stop_at(std::string_view text) {
    constexpr std::string_view kChinese = "。";
    if (text.starts_with(kChinese)) {
        return kChinese.size();
    }
    return text == "." || text.starts_with(". ") || text.starts_with(".\n") ? 1 : 0;
}

// Fills a template. Markup is read from the template only.
class Filler {
public:
    Filler(const Catalog& texts, const Arguments& args, int depth) : texts_(texts), args_(args), depth_(depth) {}

    Inline fill(std::string_view text) {
        std::size_t at = 0;
        while (at < text.size()) {
            const auto mark = std::find_if(text.begin() + static_cast<std::ptrdiff_t>(at), text.end(), may_be_markup);
            const auto plain = static_cast<std::size_t>(mark - text.begin()) - at;
            pending_.append(text, at, plain);
            at += plain;
            if (at < text.size()) {
                at = step(text, at);
            }
        }
        flush();
        return std::move(result_);
    }

private:
    static bool may_be_markup(char c) { return c == '{' || c == '}' || c == '`' || c == '*'; }

    std::size_t step(std::string_view text, std::size_t at) {
        const std::string_view rest = text.substr(at);
        if (rest.starts_with("{{") || rest.starts_with("}}")) {
            pending_ += rest.front();
            return at + 2;
        }
        if (rest.front() == '{') {
            const std::size_t end = rest.find('}');
            if (end != std::string_view::npos) {
                const bool ends_a_sentence = insert(rest.substr(1, end - 1));
                return at + end + 1 + (ends_a_sentence ? full_stop_at(rest.substr(end + 1)) : 0);
            }
        }
        if (rest.front() == '`') {
            flush();
            code_ = !code_;
            return at + 1;
        }
        if (!code_ && rest.starts_with("**")) {
            flush();
            strong_ = !strong_;
            return at + 2;
        }
        pending_ += rest.front();
        return at + 1;
    }

    // Code in strong text is code.
    [[nodiscard]] Span::Kind kind() const {
        return code_ ? Span::Kind::code : strong_ ? Span::Kind::strong : Span::Kind::text;
    }

    void flush() {
        if (!pending_.empty()) {
            result_.emplace_back(kind(), std::move(pending_));
        }
        pending_.clear();
    }

    // Whether the value, the words of others, ends with a full stop: the sentence around it needs none.
    bool insert(std::string_view placeholder) {
        const std::size_t bar = placeholder.find('|');
        const std::string_view name = placeholder.substr(0, bar);
        const boost::json::value* value = find_member(args_, name);
        if (value == nullptr) {
            pending_ += "<" + std::string(name) + ">";
            return false;
        }
        const std::string_view form = bar == std::string_view::npos ? std::string_view() : placeholder.substr(bar + 1);
        if (form == kNumber && value->is_number()) {
            pending_ += grouped(value_text(*value));
            return false;
        }
        if (form == kMinutes && value->is_number()) {
            pending_ += duration(value->to_number<double>());
            return false;
        }
        const std::string shown = value_text(*value);
        const std::string_view around = bar == std::string_view::npos ? placeholder : placeholder.substr(bar + 1);
        if (bar != std::string_view::npos &&
            insert_text(around == kTitle ? texts_.cause_text_id(shown, "title", args_) : text_id(around, shown))) {
            return false;
        }
        if (code_ || is_harmless(shown)) {
            pending_ += shown;
        } else {
            flush();
            result_.emplace_back(Span::Kind::code, shown);
        }
        return !code_ && (shown.ends_with('.') || shown.ends_with("。"));
    }

    // A whole number with a comma before each group of three digits.
    static constexpr std::string_view kNumber = "number";

    // Minutes, in the unit that a person would use.
    static constexpr std::string_view kMinutes = "minutes";

    [[nodiscard]] std::string duration(double minutes) const {
        constexpr double kHour = 60;
        constexpr double kDay = 24 * kHour;
        const bool days = minutes >= 2 * kDay;
        const bool hours = !days && minutes >= 2 * kHour;
        const std::string unit = days ? "days" : hours ? "hours" : "minutes";
        const double count = nearest_whole(minutes / (days ? kDay : hours ? kHour : 1));
        return texts_.text("word.duration." + unit, Arguments{{"count", count}});
    }

    // A cause's title may depend on its variant, which stands among the arguments.
    static constexpr std::string_view kTitle = "cause|title";

    // "prefix" and "prefix|suffix" around the value.
    static std::string text_id(std::string_view around, std::string_view value) {
        const std::size_t bar = around.find('|');
        std::string id = std::string(around.substr(0, bar)) + "." + std::string(value);
        return bar == std::string_view::npos ? id : id + "." + std::string(around.substr(bar + 1));
    }

    bool insert_text(const std::string& id) {
        const auto text = texts_.find(id);
        if (!text || depth_ >= kNestingLimit) {
            return false;
        }
        Filler inner(texts_, args_, depth_ + 1);
        Inline filled = inner.fill(*text);
        if (kind() == Span::Kind::text) {
            flush();
            for (Span& span : filled) {
                result_.push_back(std::move(span));
            }
        } else {
            pending_ += plain(filled);
        }
        return true;
    }

    const Catalog& texts_;
    const Arguments& args_;
    int depth_;
    bool code_ = false;
    bool strong_ = false;
    std::string pending_;
    Inline result_;
};

}  // namespace

Catalog::Catalog(std::string_view language, std::span<const CatalogEntry> entries, std::span<const CatalogPlace> places)
    : language_(language), entries_(entries), places_(places) {}

bool Catalog::has(std::string_view id) const {
    return find(id).has_value();
}

std::optional<std::string_view> Catalog::find(std::string_view id) const {
    if (places_.empty()) {
        const auto entry =
            std::find_if(entries_.begin(), entries_.end(), [&](const CatalogEntry& one) { return one.id == id; });
        return entry == entries_.end() ? std::nullopt : std::optional(entry->text);
    }
    const CatalogPlace found = places_[place_of_id(id, entries_, places_)];
    return found == 0 ? std::nullopt : std::optional(entries_[found - 1U].text);
}

Inline Catalog::rich(std::string_view id, const Arguments& args) const {
    const auto found = find(id);
    return found ? Filler(*this, args, 0).fill(*found) : text_span(one_line(id));
}

Inline Catalog::rich(const Message& message) const {
    return rich(message.id, message.args);
}

std::string Catalog::text(std::string_view id, const Arguments& args) const {
    return plain(rich(id, args));
}

std::string Catalog::text(const Message& message) const {
    return text(message.id, message.args);
}

std::vector<Inline> Catalog::rich_lines(std::string_view id, const Arguments& args) const {
    std::vector<Inline> lines;
    for (const std::string_view line : LineRange(find(id).value_or(std::string_view()))) {
        lines.push_back(Filler(*this, args, 0).fill(line));
    }
    return lines;
}

std::vector<std::string> Catalog::text_lines(std::string_view id, const Arguments& args) const {
    std::vector<std::string> lines;
    for (const Inline& line : rich_lines(id, args)) {
        lines.push_back(plain(line));
    }
    return lines;
}

std::string Catalog::cause_text_id(std::string_view code, std::string_view field, const Arguments& args) const {
    // What was met at an address that may not be the plugin's leads to nothing, and needs no repair.
    if (is_met_at_a_guess(args) && (field == "title" || field == "impact" || field == "fix")) {
        return "at-a-guess." + std::string(field);
    }
    if (field == "impact" && args.contains(kGivenHostArgument)) {
        return "at-given-address.impact";
    }
    std::string id = "cause." + std::string(code) + "." + std::string(field);
    // What to do may depend on something else than what is said.
    const bool own_fix = field == "fix" && args.contains("fix_variant");
    if (const boost::json::string* variant = string_member(args, own_fix ? "fix_variant" : "variant")) {
        std::string special = id + "." + std::string(*variant);
        if (has(special)) {
            return special;
        }
    }
    return id;
}

const std::vector<Catalog>& catalogs() {
    static const std::vector<Catalog> all = [] {
        std::vector<Catalog> made;
        for (const LanguageMessages& messages : all_messages()) {
            made.emplace_back(messages.language, messages.entries, messages.places);
        }
        return made;
    }();
    return all;
}

const Catalog& catalog(std::string_view language) {
    for (const Catalog& texts : catalogs()) {
        if (texts.language() == language) {
            return texts;
        }
    }
    return catalogs().front();
}

std::vector<std::string> placeholders(std::string_view text) {
    std::vector<std::string> names;
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text.substr(at, 2) == "{{" || text.substr(at, 2) == "}}") {
            ++at;
            continue;
        }
        const std::size_t end = text.find('}', at);
        if (text[at] == '{' && end != std::string_view::npos) {
            names.emplace_back(text.substr(at + 1, end - at - 1));
            at = end;
        }
    }
    return names;
}

}  // namespace banana
