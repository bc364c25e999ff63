#include "base64.hpp"
#include "redaction.hpp"
#include "support/leak_forms.hpp"

#include "banana/bounds.hpp"
#include "banana/report.hpp"
#include "redact_stream.hpp"
#include "support/sanitized.hpp"
#include "support/temporary_folder.hpp"

#include <boost/json/serialize.hpp>
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <random>
#include <sstream>
#include <string>

using namespace banana;
using namespace banana::test;

BOOST_AUTO_TEST_SUITE(test_redaction)

namespace {

std::string json_escaped(const std::string& text) {
    constexpr std::string_view kHex = "0123456789abcdef";
    std::string out;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        out += "\\u00";
        out += {kHex[byte >> 4U], kHex[byte & 15U]};
    }
    return out;
}

std::string other_case(std::string text) {
    for (char& c : text) {
        const auto byte = static_cast<unsigned char>(c);
        c = static_cast<char>(std::isupper(byte) != 0 ? std::tolower(byte) : std::toupper(byte));
    }
    return text;
}

std::string wrapped(const std::string& text) {
    std::string out;
    for (std::size_t at = 0; at < text.size(); at += 10) {
        out += text.substr(at, 10) + "\n";
    }
    return out;
}

std::string each(const std::string& key, const char* format) {
    std::string out;
    for (const char c : key) {
        char buffer[16];
        std::snprintf(buffer, sizeof buffer, format, static_cast<unsigned>(c));
        out += buffer;
    }
    return out;
}

std::string full_width(const std::string& key) {
    std::string out;
    for (const char c : key) {
        const unsigned code = 0xFF00U + static_cast<unsigned>(c) - 0x20U;
        out += {static_cast<char>(0xE0U | code >> 12U), static_cast<char>(0x80U | (code >> 6U & 0x3FU)),
                static_cast<char>(0x80U | (code & 0x3FU))};
    }
    return out;
}

std::string utf16(std::u16string_view text, bool big_endian) {
    std::string octets;
    for (const char16_t unit : text) {
        const char high = static_cast<char>(unit >> 8U);
        const char low = static_cast<char>(unit & 0xFFU);
        octets += big_endian ? high : low;
        octets += big_endian ? low : high;
    }
    return octets;
}

std::u16string widened(std::string_view ascii) {
    return std::u16string(ascii.begin(), ascii.end());
}

std::string redacted(const std::string& text) {
    std::istringstream in(text);
    std::ostringstream out;
    BOOST_TEST(redact_stream(in, out, Redactor()));
    return out.str();
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_known_key_is_masked_in_every_form) {
    const std::string key = made_up_key(7);
    Redactor redactor;
    redactor.learn(Secret(key));
    for (const std::string& form :
         {key, percent_encoded(key), json_escaped(key), base64(key), base64("Bearer " + key), base64("ab" + key),
          other_case(key), wrapped(key), key.substr(0, 30), key.substr(20), "x" + key + "y"}) {
        const std::string scrubbed = redactor.scrub("before " + form + " after");
        BOOST_TEST_CONTEXT(form) {
            BOOST_TEST(!leaks(scrubbed, key));
            // The edges of an encoded form are shared with what stands beside the key.
            BOOST_TEST(!leaks(scrubbed, form.substr(13, form.size() - 19)));
            BOOST_TEST(scrubbed.starts_with("before "));
            BOOST_TEST(scrubbed.ends_with(" after"));
        }
    }
}

BOOST_AUTO_TEST_CASE(a_known_key_is_masked_whatever_stands_between_its_characters) {
    const std::string key = made_up_key(17).substr(3, 44);
    Redactor redactor;
    redactor.learn(Secret(key));
    for (const std::string by : {"\n",     "\r\n",       "\n\t",   " ",      "\t",     "**",     "\\",     "-",
                                 "*",      "|",          "> ",     "\\n",    "\\t",    "\\\\n",  "\u2063", "\u206A",
                                 "\uFE00", "\U000E0101", "\u180E", "\u115F", "\u3164", "\u00AD", "\u0301", "\x1b[0m"}) {
        for (const std::size_t width : {1U, 3U, 7U}) {
            const std::string scrubbed = redactor.scrub("前 " + broken(key, width, by) + " 后");
            BOOST_TEST_CONTEXT(by) {
                BOOST_TEST(scrubbed == "前 … 后");
            }
        }
    }
    for (const std::string& form :
         {each(key, "&#%u;"), each(key, "&#x%x;"), each(key, "\\x%02x"), each(key, "%%25%02X"), each(key, "%02x"),
          each(key, "%02X"), full_width(key), std::string(key.rbegin(), key.rend())}) {
        BOOST_TEST(redactor.scrub("before " + form + " after") == "before … after");
    }
}

BOOST_AUTO_TEST_CASE(a_known_key_that_looks_escaped_is_masked) {
    for (const std::string escape : {"%41", "\\n", "&#x41;", "\\/", "\\u0041"}) {
        const std::string key = broken(made_up_key(18).substr(3, 42), 6, escape);
        Redactor redactor;
        redactor.learn(Secret(key));
        BOOST_TEST_CONTEXT(escape) {
            BOOST_TEST(redactor.scrub("v " + key + " w") == "v … w");
            BOOST_TEST(redactor.scrub("v " + percent_encoded(key) + " w") == "v … w");
        }
    }
}

BOOST_AUTO_TEST_CASE(a_short_password_is_masked_as_a_word) {
    Redactor redactor;
    redactor.learn_password(Secret("hunt3r7"));
    BOOST_TEST(redactor.scrub("407 hunt3r7, hunt3r77") == "407 …, hunt3r77");
}

BOOST_AUTO_TEST_CASE(a_megabyte_without_keys_stays_as_it_is) {
    Redactor redactor;
    for (unsigned number = 0; number < 20; ++number) {
        redactor.learn(Secret(made_up_key(number)));
    }
    std::string text;
    while (text.size() < (test::kSanitized ? 50'000U : 1'000'000U)) {
        text += "2025-11-12 16:49:00 [INFO] Prompt executed in 12.34 seconds, 100% of \"nodes\" loaded\n";
    }
    BOOST_TEST((redactor.scrub(text) == text));
}

// Windows compares names without case and takes both separators; JSON doubles one of them.
BOOST_AUTO_TEST_CASE(a_home_folder_of_windows_is_known_in_every_spelling) {
    Redactor redactor;
    redactor.set_home("C:\\Users\\张 三 Otto\\");
    for (const char* text :
         {"C:\\Users\\张 三 Otto", "c:\\users\\张 三 otto", "C:/Users/张 三 Otto", "C:\\\\Users\\\\张 三 Otto"}) {
        BOOST_TEST(redactor.scrub(std::string("in \"") + text + "\\x.ini\"") == "in \"~\\x.ini\"");
    }
    BOOST_TEST(redactor.scrub("C:\\Users\\张 三 Ottokar\\x") == "C:\\Users\\张 三 Ottokar\\x");
}

// A text without anything to mask is remembered; not beyond what is learnt next.
BOOST_AUTO_TEST_CASE(a_text_that_held_nothing_is_masked_once_more_is_known) {
    Redactor redactor;
    const std::string word = "pine tree hut";
    const std::string place = "/srv/people/xin/notes";
    const std::string key = "abcdefgh-ijklmnop";
    for (int look = 0; look < 2; ++look) {
        BOOST_TEST(redactor.scrub(word) == word);
        BOOST_TEST(redactor.scrub(place) == place);
        BOOST_TEST(redactor.scrub(key) == key);
    }
    redactor.learn(Secret(key));
    BOOST_TEST(redactor.scrub(key) != key);
    redactor.learn_password(Secret("pine"));
    BOOST_TEST(redactor.scrub(word) == "… tree hut");
    redactor.set_home("/srv/people/xin");
    BOOST_TEST(redactor.scrub(place) == "~/notes");
}

BOOST_AUTO_TEST_CASE(members_are_scrubbed_by_name_and_value) {
    Redactor redactor;
    redactor.set_home("/srv/people/xin");
    boost::json::value value = {{"plain", "text"}, {"/srv/people/xin/a", {{"inner", "/srv/people/xin/b"}}}};
    redactor.scrub(value);
    BOOST_TEST(boost::json::serialize(value) == R"({"plain":"text","~/a":{"inner":"~/b"}})");
}

BOOST_AUTO_TEST_CASE(the_home_folder_is_written_as_a_tilde) {
    Redactor redactor;
    redactor.set_home("/srv/people/xin/");
    BOOST_TEST(redactor.scrub("/srv/people/xin/ComfyUI") == "~/ComfyUI");
    BOOST_TEST(redactor.scrub("/srv/people/xinbao") == "/srv/people/xinbao");
}

BOOST_AUTO_TEST_CASE(nested_values_are_scrubbed) {
    const std::string key = made_up_key(10);
    Redactor redactor;
    redactor.learn(Secret(key));
    boost::json::value value = {{"a", {key, {{key, "b"}}}}};
    redactor.scrub(value);
    BOOST_TEST(!leaks(boost::json::serialize(value), key));
}

BOOST_AUTO_TEST_CASE(a_stream_is_masked_piece_by_piece_and_kept_otherwise) {
    const std::string key = made_up_key(11);
    const Redactor redactor;
    std::string text;
    while (text.size() < 3 * bounds::kRedactPieceBytes) {
        text += "2025-11-12 api_key = " + key + " /home/someone/ComfyUI \x01\x02\xFF\n";
    }
    text += "no line break at the end " + key;
    std::istringstream in(text);
    std::ostringstream out;
    BOOST_TEST(redact_stream(in, out, redactor));
    BOOST_TEST(!leaks(out.str(), key));
    BOOST_TEST(out.str().find("/home/someone") == std::string::npos);
    const std::string masked = out.str();
    BOOST_TEST(std::count(masked.begin(), masked.end(), '\xFF') == std::count(text.begin(), text.end(), '\xFF'));
}

BOOST_AUTO_TEST_CASE(a_very_long_line_is_not_cut_through_a_key) {
    const std::string key = made_up_key(12);
    std::string text(bounds::kRedactPieceBytes - 30, 'x');
    text += " " + key + " " + std::string(100, 'y');
    std::istringstream in(text);
    std::ostringstream out;
    BOOST_TEST(redact_stream(in, out, Redactor()));
    BOOST_TEST(!leaks(out.str(), key));
}

BOOST_AUTO_TEST_CASE(a_very_long_line_is_not_cut_between_a_name_and_its_value) {
    const std::string value = made_up_key(13).substr(3);
    // Each place in turn is the one where a piece of this length would end.
    for (const std::size_t shift : {10U, 60U}) {
        std::string text(bounds::kRedactPieceBytes - shift, 'x');
        text += " api_key = " + value + " " + std::string(8 * 1024, 'y');
        std::istringstream in(text);
        std::ostringstream out;
        BOOST_TEST(redact_stream(in, out, Redactor()));
        BOOST_TEST(!leaks(out.str(), value));
    }
}

// Work that grew with the square of the length would outlast the limit that ctest sets.
BOOST_AUTO_TEST_CASE(repetitive_text_is_done_within_the_limit_of_a_test) {
    Redactor redactor;
    redactor.set_home("/srv/x");
    for (const std::string_view word : {"task-", "sk-", "api_key=your-api-key=", "/srv/x ", "://", "@a", "bearer ",
                                        "key\"\"", "password=", "%", "\\u00", "cookie:"}) {
        std::string text;
        while (text.size() < 200'000) {
            text += word;
        }
        BOOST_TEST(!redactor.scrub(text).empty());
    }
}

BOOST_AUTO_TEST_CASE(utf_16_is_masked_and_kept_otherwise) {
    const std::string key = made_up_key(14);
    const std::u16string before = u"\uFEFF余额 \U0001F511 api_key = ";
    // A lone half of a character, then text.
    const std::u16string behind = std::u16string(u"\r\n结束 ") + char16_t{0xD800} + u"x" + char16_t{0xDC00} + u"\r\n";
    for (const bool big_endian : {false, true}) {
        for (const std::string& rest : {std::string(), std::string("\x41")}) {
            const std::string masked = redacted(utf16(before + widened(key) + behind, big_endian) + rest);
            const std::u16string mask = widened(key.substr(0, 6)) + u"…" + widened(key.substr(key.size() - 4));
            BOOST_TEST((masked == utf16(before + mask + behind, big_endian) + rest));
        }
    }
}

BOOST_AUTO_TEST_CASE(any_octets_behind_a_utf_16_mark_come_back) {
    std::mt19937 random(15);
    for (int round = 0; round < 300; ++round) {
        std::string text = round % 2 == 0 ? "\xFF\xFE" : "\xFE\xFF";
        const std::size_t length = random() % 64;
        for (std::size_t index = 0; index < length; ++index) {
            // Many surrogates, pairs and halves.
            text += static_cast<char>(random() % 3 == 0 ? 0xD8 + random() % 8 : random() % 256);
        }
        BOOST_TEST((redacted(text) == text));
    }
}

BOOST_AUTO_TEST_CASE(utf_16_longer_than_a_read_is_masked) {
    const std::string key = made_up_key(16);
    std::u16string text = u"\uFEFF";
    while (text.size() < 200'000) {
        text += u"日志 \U0001F511 " + widened(key) + u"\n";
    }
    const std::string masked = redacted(utf16(text, false));
    std::string narrow;
    for (const char c : masked) {
        if (c != '\0') {
            narrow += c;
        }
    }
    BOOST_TEST(!leaks(narrow, key));
}

BOOST_AUTO_TEST_CASE(what_is_told_of_the_plugin_is_masked_too) {
    Redactor redactor;
    const std::string password = "on-the-" + std::string("wing-again");
    redactor.learn_password(Secret(password));
    Report report;
    report.subject.plugin["buttons"] =
        boost::json::object{{"value", boost::json::array{boost::json::string(password)}}, {"from", "source"}};
    redactor.scrub(report);
    BOOST_TEST(boost::json::serialize(report.subject.plugin).find(password) == std::string::npos);
}

// The line that puts a wrong address right is of use only where it can be read.
BOOST_AUTO_TEST_CASE(an_encoded_address_is_shown_unless_it_holds_a_secret) {
    const auto line = [](std::string address) {
        for (char& c : address) {
            c = static_cast<char>(c ^ 7);
        }
        return "    api_base_url_enc = " + base64_encode(address);
    };
    const Redactor redactor;
    for (const char* address : {"http://127.0.0.1:38071", "http://127.0.0.1:33349", "https://api.aabao.top",
                                "https://hk-api.aabao.top", "https://gateway.example.com:8443/v1"}) {
        BOOST_TEST(redactor.scrub(line(address)) == line(address));
    }
    const std::string key = made_up_key(91);
    for (const std::string& address : {"https://user:" + key.substr(3, 30) + "@api.example.com",
                                       "https://api.example.com/" + key, "https://api.example.com?key=" + key}) {
        BOOST_TEST(redactor.scrub(line(address)) != line(address));
    }
}

BOOST_AUTO_TEST_SUITE_END()
