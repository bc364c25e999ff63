#include "engines/redaction.hpp"

#include "redact_stream.hpp"
#include "support/temporary_folder.hpp"

#include <boost/json/serialize.hpp>
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cctype>
#include <chrono>
#include <random>
#include <sstream>
#include <string>

using namespace banana;
using banana::test::made_up_key;

namespace {

std::string percent_encoded(const std::string& text) {
    constexpr std::string_view kHex = "0123456789ABCDEF";
    std::string out;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        out += {'%', kHex[byte >> 4U], kHex[byte & 15U]};
    }
    return out;
}

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

std::string base64(const std::string& bytes) {
    constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string out;
    unsigned value = 0;
    int bits = 0;
    for (const char c : bytes) {
        value = (value << 8U) | static_cast<unsigned char>(c);
        bits += 8;
        while (bits >= 6) {
            bits -= 6;
            out += kAlphabet[(value >> static_cast<unsigned>(bits)) & 63U];
        }
    }
    if (bits > 0) {
        out += kAlphabet[(value << static_cast<unsigned>(6 - bits)) & 63U];
    }
    while (out.size() % 4 != 0) {
        out += '=';
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

// Whether any eight characters in a row of the key stand in the text.
bool leaks(const std::string& text, const std::string& key) {
    for (std::size_t at = 0; at + 8 <= key.size(); ++at) {
        if (text.find(key.substr(at, 8)) != std::string::npos) {
            return true;
        }
    }
    return false;
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

BOOST_AUTO_TEST_CASE(unknown_secrets_are_masked_by_their_look) {
    const std::string key = made_up_key(8);
    const Redactor redactor;
    for (const std::string& text :
         {"API Key: `" + key + "`", "api_key = " + key, "\"api_key\": \"" + key + "\"", "Authorization: Bearer " + key,
          "GET /x?api_key=" + key + "&b=1", "Cookie: session=" + key, "fix" + key, "Set-Cookie: a=" + key.substr(3)}) {
        BOOST_TEST_CONTEXT(text) {
            BOOST_TEST(!leaks(redactor.scrub(text), key));
        }
    }
    BOOST_TEST(redactor.scrub("http://user:hunter22@proxy:8080/") == "http://user:…@proxy:8080/");
    BOOST_TEST(redactor.scrub("mail someone@example.com now") == "mail …@example.com now");
}

BOOST_AUTO_TEST_CASE(ordinary_text_stays_byte_for_byte) {
    const Redactor redactor;
    for (const std::string text :
         {"api_key = YOUR_API_KEY_HERE", "api_key = your-api-key-here", "the task-management-of-a-longer-name",
          "\"total_tokens\": 415000", "Bearer authentication", "route '/banana/token_usage' registered",
          "\xC4\xE3\xBA\xC3 GBK", "https://hk-api.aabao.top/api/usage/token", "key = value", "password:", "a@b"}) {
        BOOST_TEST(redactor.scrub(text) == text);
    }
}

BOOST_AUTO_TEST_CASE(prose_behind_a_key_in_one_value_does_not_blank_other_texts) {
    const std::string key = made_up_key(9);
    Redactor redactor;
    redactor.learn(Secret(key + " # my own note"));
    BOOST_TEST(redactor.scrub("see my own note") == "see my own note");
    BOOST_TEST(!leaks(redactor.scrub("v=" + key), key));
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
    while (text.size() < 3 * kRedactPiece) {
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
    std::string text(kRedactPiece - 30, 'x');
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
        std::string text(kRedactPiece - shift, 'x');
        text += " api_key = " + value + " " + std::string(8 * 1024, 'y');
        std::istringstream in(text);
        std::ostringstream out;
        BOOST_TEST(redact_stream(in, out, Redactor()));
        BOOST_TEST(!leaks(out.str(), value));
    }
}

BOOST_AUTO_TEST_CASE(repetitive_text_takes_no_longer_than_other_text) {
    Redactor redactor;
    redactor.set_home("/srv/x");
    const auto start = std::chrono::steady_clock::now();
    for (const std::string_view word : {"task-", "sk-", "api_key=your-api-key=", "/srv/x ", "://", "@a", "bearer ",
                                        "key\"\"", "password=", "%", "\\u00", "cookie:"}) {
        std::string text;
        while (text.size() < 200'000) {
            text += word;
        }
        BOOST_TEST(!redactor.scrub(text).empty());
    }
    BOOST_TEST((std::chrono::steady_clock::now() - start < std::chrono::seconds(20)));
}

namespace {

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
