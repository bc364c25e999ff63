#include "engines/redaction.hpp"

#include "redact_stream.hpp"
#include "support/temporary_folder.hpp"

#include <boost/json/serialize.hpp>
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cctype>
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
