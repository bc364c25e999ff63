#include "catalog.hpp"

#include <boost/test/unit_test.hpp>

#include "banana/cause.hpp"
#include "check.hpp"
#include "messages.hpp"
#include "text.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <set>
#include <sstream>
#include <string>

using namespace banana;

namespace {

std::string file_text(const std::filesystem::path& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

// A line without its comment; the slashes of a URL begin none.
std::string code_of(const std::string& line) {
    std::size_t at = line.find("//");
    while (at != std::string::npos && at > 0 && line[at - 1] == ':') {
        at = line.find("//", at + 2);
    }
    return line.substr(0, at);
}

// Every string literal of the sources that could be a text's id or a part of one.
std::set<std::string> literals_of_sources() {
    std::set<std::string> literals;
    const std::regex literal("\"([A-Za-z0-9_.|-]+)\"");
    for (const char* folder : {"checks", "diag", "include", "reports"}) {
        for (const auto& entry :
             std::filesystem::recursive_directory_iterator(std::filesystem::path(BANANA_SOURCE_DIR) / folder)) {
            const auto extension = entry.path().extension();
            if (extension != ".cpp" && extension != ".hpp") {
                continue;
            }
            std::istringstream lines(file_text(entry.path()));
            for (std::string line; std::getline(lines, line);) {
                line = code_of(line);
                for (std::sregex_iterator match(line.begin(), line.end(), literal), end; match != end; ++match) {
                    literals.insert((*match)[1]);
                }
            }
        }
    }
    return literals;
}

// What ids are made of: literals of the sources, prefixes and suffixes of placeholders ({name|prefix|suffix}), and the
// two halves of the cause codes.
std::set<std::string> parts_of_ids() {
    std::set<std::string> parts = literals_of_sources();
    for (const CatalogEntry& entry : catalog("en").entries()) {
        for (const std::string& placeholder : placeholders(entry.text)) {
            const std::size_t bar = placeholder.find('|');
            const std::size_t second = bar == std::string::npos ? bar : placeholder.find('|', bar + 1);
            if (bar != std::string::npos) {
                parts.insert(placeholder.substr(bar + 1, second - bar - 1) + ".");
            }
            if (second != std::string::npos) {
                parts.insert("." + placeholder.substr(second + 1));
            }
        }
    }
    for (const CauseInfo& cause : kCauses) {
        const std::string code(cause.code);
        parts.insert(code.substr(0, code.find('.')));
        parts.insert(code.substr(code.find('.') + 1));
    }
    return parts;
}

// Whether the text is one part, or several of which one at each joint brings the dot.
bool is_made_of(const std::set<std::string>& parts, const std::string& text) {
    if (parts.contains(text)) {
        return true;
    }
    for (std::size_t dot = text.find('.', 1); dot != std::string::npos; dot = text.find('.', dot + 1)) {
        const bool before = parts.contains(text.substr(0, dot)) && is_made_of(parts, text.substr(dot));
        if (before || (parts.contains(text.substr(0, dot + 1)) && is_made_of(parts, text.substr(dot + 1)))) {
            return true;
        }
    }
    return false;
}

// cause.<code>.<field>, or with a variant that the sources name.
bool is_text_of_cause(const std::set<std::string>& parts, const std::string& id) {
    return std::any_of(kCauses.begin(), kCauses.end(), [&](const CauseInfo& cause) {
        const std::string prefix = "cause." + std::string(cause.code) + ".";
        if (!id.starts_with(prefix)) {
            return false;
        }
        const std::string rest = id.substr(prefix.size());
        const std::size_t dot = rest.find('.');
        return parts.contains(rest.substr(0, dot)) &&
               (dot == std::string::npos || parts.contains(rest.substr(dot + 1)));
    });
}

bool names_a_text(const std::string& literal) {
    static const std::regex pattern(
        "(because|chain|flow|alternative|verdict|terminal|explain|metrics|report|evidence|summary|usage|program)"
        "\\.[a-z0-9_.-]*[a-z0-9_-]");
    return std::regex_match(literal, pattern);
}

bool is_prefix_of_some(const Catalog& texts, const std::string& prefix) {
    return std::any_of(texts.entries().begin(), texts.entries().end(),
                       [&](const CatalogEntry& entry) { return entry.id.starts_with(prefix + "."); });
}

std::multiset<std::string> sorted_placeholders(std::string_view text) {
    const auto names = placeholders(text);
    return {names.begin(), names.end()};
}

}  // namespace

BOOST_AUTO_TEST_CASE(ids_are_unique_in_each_language) {
    for (const Catalog& texts : catalogs()) {
        std::set<std::string_view> ids;
        for (const CatalogEntry& entry : texts.entries()) {
            BOOST_TEST(ids.insert(entry.id).second, texts.language() << ": " << entry.id);
        }
    }
}

BOOST_AUTO_TEST_CASE(languages_have_the_same_ids_and_placeholders) {
    const Catalog& reference = catalogs().front();
    for (const Catalog& other : catalogs()) {
        const std::string_view language = other.language();
        for (const CatalogEntry& entry : reference.entries()) {
            BOOST_REQUIRE_MESSAGE(other.has(entry.id), language << " lacks " << entry.id);
            const auto theirs = sorted_placeholders(*other.find(entry.id));
            const auto ours = sorted_placeholders(entry.text);
            BOOST_TEST(std::set(ours.begin(), ours.end()) == std::set(theirs.begin(), theirs.end()),
                       language << ": " << entry.id);
        }
        BOOST_TEST(other.entries().size() == reference.entries().size());
    }
}

// That no text names another is checked where the catalogs are compiled.
BOOST_AUTO_TEST_CASE(every_declared_argument_is_named_by_a_text) {
    std::set<std::string> named;
    for (const CatalogEntry& entry : catalog("en").entries()) {
        for (const std::string& placeholder : placeholders(entry.text)) {
            for (const DeclaredArguments& declared : declared_arguments()) {
                if (entry.id == declared.id || (declared.id.ends_with('.') && entry.id.starts_with(declared.id))) {
                    named.insert(std::string(declared.id) + ' ' + placeholder.substr(0, placeholder.find('|')));
                }
            }
        }
    }
    for (const DeclaredArguments& declared : declared_arguments()) {
        std::istringstream names{std::string(declared.names)};
        for (std::string name; names >> name;) {
            BOOST_TEST(named.contains(std::string(declared.id) + ' ' + name), declared.id << ": " << name);
        }
    }
}

BOOST_AUTO_TEST_CASE(a_misspelt_placeholder_is_no_constant_expression) {
    static constexpr DeclaredArguments kDeclared[] = {{"cause.a.b.", "file line"}, {"summary.c", "count"}};
    static constexpr CatalogEntry kGood[] = {
        {"cause.a.b.title.odd", "{file|name} {{x}} {line}"}, {"summary.c", "{count|number}"}, {"d", "none }}"}};
    static_assert(names_only_declared(kGood, kDeclared));
    const auto is_refused = [](CatalogEntry entry) {
        try {
            return !names_only_declared(std::span(&entry, 1), kDeclared);
        } catch (const std::logic_error&) {
            return true;
        }
    };
    BOOST_TEST(is_refused({"cause.a.b.title", "{flie}"}));
    BOOST_TEST(is_refused({"cause.a.bc.title", "{file}"}));
    BOOST_TEST(is_refused({"summary.c.other", "{count}"}));
    BOOST_TEST(is_refused({"summary.c", "{{{}}} {counts|number}"}));
}

BOOST_AUTO_TEST_CASE(every_cause_has_all_its_texts) {
    for (const Catalog& texts : catalogs()) {
        for (const CauseInfo& cause : kCauses) {
            for (const char* field : {"title", "message", "impact", "fix", "meaning", "detection"}) {
                const std::string id = "cause." + std::string(cause.code) + "." + field;
                BOOST_TEST(!texts.find(id).value_or("").empty(), texts.language() << " lacks " << id);
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(explanations_have_no_placeholders) {
    for (const CatalogEntry& entry : catalog("en").entries()) {
        if (entry.id.ends_with(".meaning") || entry.id.ends_with(".detection")) {
            BOOST_TEST(placeholders(entry.text).empty(), entry.id);
        }
    }
}

BOOST_AUTO_TEST_CASE(every_id_that_the_sources_name_exists) {
    const Catalog& texts = catalog("en");
    for (const std::string& literal : literals_of_sources()) {
        if (names_a_text(literal) && literal.find('|') == std::string::npos && !literal.ends_with(".inc") &&
            !literal.ends_with(".hpp")) {
            BOOST_TEST((texts.has(literal) || is_prefix_of_some(texts, literal)), literal);
        }
    }
}

BOOST_AUTO_TEST_CASE(every_text_is_used) {
    const std::set<std::string> parts = parts_of_ids();
    for (const CatalogEntry& entry : catalog("en").entries()) {
        const std::string id(entry.id);
        BOOST_TEST((is_made_of(parts, id) || is_text_of_cause(parts, id)), "nothing names the text " << id);
    }
}

BOOST_AUTO_TEST_CASE(arguments_fill_placeholders_and_never_become_markup) {
    const CatalogEntry entries[] = {{"a", "**{x}** is `{y}`; {z|word}; {{{x}}}"}, {"word.one", "uno"}};
    const Catalog texts("en", entries);
    const Arguments args{{"x", "plain"}, {"y", "`code` **no**"}, {"z", "one"}};
    const Inline rich = texts.rich("a", args);
    BOOST_TEST(plain(rich) == "plain is `code` **no**; uno; {plain}");
    BOOST_TEST((rich[0].kind == Span::Kind::strong));
    BOOST_TEST((rich[2].kind == Span::Kind::code));
    BOOST_TEST(rich[2].text == "`code` **no**");
}

BOOST_AUTO_TEST_CASE(a_quoted_sentence_brings_its_own_full_stop) {
    const CatalogEntry entries[] = {
        {"a", "It says {x}. Then {y}."}, {"b", "它说 {x}。"}, {"c", "{x}.disabled, `{x}`."}};
    const Catalog texts("en", entries);
    BOOST_TEST(plain(texts.rich("a", {{"x", "No SOCKS support."}, {"y", "go on"}})) ==
               "It says No SOCKS support. Then go on.");
    BOOST_TEST(plain(texts.rich("b", {{"x", "请稍后重试。"}})) == "它说 请稍后重试。");
    BOOST_TEST(plain(texts.rich("c", {{"x", "a."}})) == "a..disabled, a..");
}

BOOST_AUTO_TEST_CASE(a_cause_is_named_by_the_title_of_its_variant) {
    const CatalogEntry entries[] = {
        {"a", "why: {code|cause|title}"}, {"cause.x.title", "plain"}, {"cause.x.title.odd", "odd"}};
    const Catalog texts("en", entries);
    BOOST_TEST(texts.text("a", {{"code", "x"}, {"variant", "odd"}}) == "why: odd");
    BOOST_TEST(texts.text("a", {{"code", "x"}, {"variant", "other"}}) == "why: plain");
}

BOOST_AUTO_TEST_CASE(a_value_with_special_characters_becomes_code) {
    const CatalogEntry entries[] = {{"a", "found {x}"}};
    const Catalog texts("en", entries);
    const Inline rich = texts.rich("a", {{"x", "[link](http://e.example)"}});
    BOOST_REQUIRE(rich.size() == 2u);
    BOOST_TEST((rich[1].kind == Span::Kind::code));
}

BOOST_AUTO_TEST_CASE(a_missing_argument_shows_its_name_and_a_line_break_adds_no_line) {
    const CatalogEntry entries[] = {{"a", "first {x}\n    command {y}"}};
    const Catalog texts("en", entries);
    const auto lines = texts.text_lines("a", {{"y", "one\n    rm -rf x"}});
    BOOST_REQUIRE(lines.size() == 2u);
    BOOST_TEST(lines[0] == "first <x>");
    BOOST_TEST(lines[1] == "    command one     rm -rf x");
}

BOOST_AUTO_TEST_CASE(numbers_are_written_plainly) {
    const CatalogEntry entries[] = {{"a", "{n}"}};
    const Catalog texts("en", entries);
    BOOST_TEST(texts.text("a", {{"n", 4585000.0}}) == "4585000");
    BOOST_TEST(texts.text("a", {{"n", 0.5}}) == "0.5");
    BOOST_TEST(texts.text("a", {{"n", 401}}) == "401");
}

BOOST_AUTO_TEST_CASE(a_refusal_that_no_copying_mends_has_steps_of_its_own) {
    for (const Catalog& texts : catalogs()) {
        for (const char* reason : {"address", "banned", "console", "disabled", "group"}) {
            const std::string id = texts.cause_text_id("upstream.key-rejected", "fix", Arguments{{"variant", reason}});
            BOOST_TEST(id == "cause.upstream.key-rejected.fix." + std::string(reason));
        }
    }
}

BOOST_AUTO_TEST_CASE(each_check_has_a_name_for_people) {
    for (const Check* check : all_checks()) {
        for (const Catalog& texts : catalogs()) {
            BOOST_TEST(texts.has("check-name." + std::string(check->id)), check->id);
        }
    }
}

// One word for one thing: what a reader would take for another thing, or no native speaker says, with the word instead.
BOOST_AUTO_TEST_CASE(no_text_uses_a_word_that_has_a_better_one) {
    struct Word {
        std::string_view language, wrong, right;
    };
    constexpr Word kWords[] = {
        {"zh-CN", "密钥", "Key"},
        {"zh-CN", "秘钥", "Key"},
        {"zh-CN", "域名服务", "DNS"},
        {"zh-CN", "本程序", "本工具"},
        {"zh-CN", "我们", "本工具"},
        {"zh-CN", "中转站", "服务商"},
        {"en", "this program", "this tool"},
        {"en", "secret key", "key"},
        {"en", "name server", "DNS server"},
        {"en", " mend", "fix"},
        {"en", "look whether", "check whether"},
        {"en", "see whether", "check that"},
        {"en", "reads along", "is decrypting HTTPS traffic"},
        {"en", "read along", "be decrypting HTTPS traffic"},
        {"en", "more independent problems", "separate problems"},
        {"en", "raw units", "quota units"},
    };
    for (const Catalog& texts : catalogs()) {
        for (const CatalogEntry& entry : texts.entries()) {
            for (const Word& word : kWords) {
                const bool here = word.language == texts.language() && contains_ignoring_case(entry.text, word.wrong);
                BOOST_TEST(!here, entry.id << " says \"" << word.wrong << "\", better: " << word.right);
            }
        }
    }
}

// A command is copied into a terminal as it stands, where `<` and `>` redirect.
BOOST_AUTO_TEST_CASE(no_command_holds_what_a_shell_takes_for_redirection) {
    for (const Catalog& texts : catalogs()) {
        for (const CatalogEntry& entry : texts.entries()) {
            std::istringstream lines{std::string(entry.text)};
            for (std::string line; std::getline(lines, line);) {
                const bool of_a_file = line.find("= <YOUR-KEY>") != std::string::npos;
                const bool command = line.starts_with("    ") && !of_a_file;
                BOOST_TEST(!(command && line.find_first_of("<>") != std::string::npos), entry.id << ": " << line);
            }
        }
    }
}
