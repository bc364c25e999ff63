#include "ini_reader.hpp"

#include <boost/test/unit_test.hpp>
#include <string>

#include "python_text.hpp"

using namespace banana;

BOOST_AUTO_TEST_SUITE(test_ini_reader)

namespace {

std::string error_of(std::string_view bytes) {
    const IniFile file = IniFile::parse(bytes);
    return file.error() ? std::string(file.error()->python_class) : "";
}

std::string key_of(std::string_view bytes) {
    const IniFile file = IniFile::parse(bytes);
    BOOST_REQUIRE(!file.error());
    const IniValue value = file.get("gemini", "api_key");
    if (value.error) {
        return std::string(value.error->python_class);
    }
    return value.value.value_or("<absent>");
}

}  // namespace

BOOST_AUTO_TEST_CASE(values_are_read_as_the_contract_says) {
    BOOST_TEST(key_of("[gemini]\napi_key = sk-a\n") == "sk-a");
    BOOST_TEST(key_of("[gemini] text\r\nAPI_KEY:sk-a") == "sk-a");
    BOOST_TEST(key_of("[gemini]\napi_key = \"sk-a\"\n") == "\"sk-a\"");
    BOOST_TEST(key_of("[gemini]\napi_key = sk-a # c\n") == "sk-a # c");
    BOOST_TEST(key_of("[gemini]\napi_key == sk-a\n") == "= sk-a");
    BOOST_TEST(key_of("[gemini]\napi_key =\n  sk-a\n") == "\nsk-a");
    BOOST_TEST(key_of("[gemini]\napi_key = a%%b\n") == "a%b");
    BOOST_TEST(key_of("[gemini]\napi_key = \xC2\xA0sk-a\xE3\x80\x80\n") == "sk-a");
    BOOST_TEST(key_of("[DEFAULT]\napi_key = d\n[gemini]\n") == "d");
    BOOST_TEST(key_of("[DEFAULT]\napi_key = d\n") == "<absent>");
    BOOST_TEST(key_of("[Gemini]\napi_key = d\n") == "<absent>");
    BOOST_TEST(key_of("[gemini]\nmax_workers = 8\n  api_key = a\n") == "<absent>");
    BOOST_TEST(key_of("[gemini]\napi_key = %a\n") == "InterpolationSyntaxError");
    BOOST_TEST(key_of("[gemini]\napi_key = %(x)s\n") == "InterpolationMissingOptionError");
    BOOST_TEST(key_of("[gemini]\napi_key = %(api_key)s\n") == "InterpolationDepthError");
    BOOST_TEST(key_of("[gemini]\nmax_workers = %\napi_key = a\n") == "a");
}

BOOST_AUTO_TEST_CASE(errors_carry_pythons_class_and_line) {
    const IniFile bom = IniFile::parse("\xEF\xBB\xBF\n[gemini]\n");
    BOOST_REQUIRE(bom.error());
    BOOST_TEST(bom.error()->python_class == "MissingSectionHeaderError");
    BOOST_TEST(*bom.error()->line == 1);

    const IniFile bad = IniFile::parse("[gemini]\r\n\r\ntext\r\nx = 1\r\nmore text\r\n");
    BOOST_REQUIRE(bad.error());
    BOOST_TEST(bad.error()->python_class == "ParsingError");
    BOOST_TEST(*bad.error()->line == 3);
    BOOST_TEST(bad.error()->lines == (std::vector<int>{3, 5}), boost::test_tools::per_element());

    const IniFile twice = IniFile::parse("[gemini]\na = 1\n[other]\nB = 1\nb = 2\n");
    BOOST_REQUIRE(twice.error());
    BOOST_TEST(twice.error()->python_class == "DuplicateOptionError");
    BOOST_TEST(*twice.error()->line == 5);
    BOOST_TEST(twice.error()->option == "b");

    BOOST_TEST(error_of("[gemini]\n[gemini]\n") == "DuplicateSectionError");
    const IniFile encoded = IniFile::parse("[gemini]\n# \xC4\xE3\n");
    BOOST_REQUIRE(encoded.error());
    BOOST_TEST(encoded.error()->python_class == "UnicodeDecodeError");
    BOOST_TEST(*encoded.error()->bad_byte == 11U);
    BOOST_TEST(!encoded.error()->line.has_value());
}

BOOST_AUTO_TEST_CASE(an_early_syntax_error_wins_over_a_late_bad_byte) {
    const std::string early = "text\n";
    BOOST_TEST(error_of(early + std::string(8192 - early.size(), '#') + "\xFF") == "MissingSectionHeaderError");
    BOOST_TEST(error_of(early + std::string(8192 - early.size() - 1, '#') + "\xFF") == "UnicodeDecodeError");
}

BOOST_AUTO_TEST_CASE(references_that_multiply_end_soon) {
    std::string bytes = "[gemini]\napi_key = %(a)s\n";
    for (char name = 'a'; name < 'j'; ++name) {
        bytes += std::string(1, name) + " = ";
        for (int count = 0; count < 500; ++count) {
            bytes += std::string("%(") + static_cast<char>(name + 1) + ")s";
        }
        bytes += '\n';
    }
    bytes += "j =\n";
    const IniValue value = IniFile::parse(bytes).get("gemini", "api_key");
    BOOST_REQUIRE(value.error);
    BOOST_CHECK(value.error->kind == IniErrorKind::interpolation_size);
}

BOOST_AUTO_TEST_CASE(lower_case_is_pythons) {
    BOOST_TEST(python_lower("API_KEY") == "api_key");
    BOOST_TEST(python_lower("\xE2\x84\xAA") == "k");
    BOOST_TEST(python_lower("İ") == "i\xCC\x87");
    BOOST_TEST(python_lower("ΑΣ") == "ας");
    BOOST_TEST(python_lower("ΑΣΑ") == "ασα");
    BOOST_TEST(python_lower("Σ") == "σ");
}

BOOST_AUTO_TEST_CASE(numbers_are_pythons) {
    BOOST_TEST(*python_float(" 0.6 ") == 0.6);
    BOOST_TEST(*python_float("1_0.5e-1") == 1.05);
    BOOST_TEST(*python_float("-inf") < 0);
    BOOST_TEST(*python_float(".5") == 0.5);
    for (const char* text : {"", "abc", "0,6", "0.6 # c", "0x10", "1__0", "_1", "+-1", "1e", "--1"}) {
        BOOST_TEST_CONTEXT(text) {
            BOOST_TEST(!python_float(text).has_value());
        }
    }
    BOOST_TEST(*python_int("+8") == 8);
    BOOST_TEST(*python_int(" 1_000 ") == 1000);
    for (const char* text : {"", "8.0", "8x", "+-8", "0x8", "8 # c"}) {
        BOOST_TEST_CONTEXT(text) {
            BOOST_TEST(!python_int(text).has_value());
        }
    }
}

BOOST_AUTO_TEST_CASE(base64_is_pythons) {
    BOOST_TEST(*python_base64("YWI=") == "ab");
    BOOST_TEST(*python_base64("Y W\nI=!") == "ab");
    BOOST_TEST(!python_base64("YWI").has_value());
    BOOST_TEST(!python_base64("Y").has_value());
    BOOST_TEST(*python_base64("YWI=YWI=") == "ab");
}

BOOST_AUTO_TEST_SUITE_END()
