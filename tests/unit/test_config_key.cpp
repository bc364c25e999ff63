// The check over real files in a temporary folder, without a network.
#include "banana/bounds.hpp"
#include "banana/cause.hpp"
#include "banana/context.hpp"
#include "banana/lookup.hpp"
#include "http_client.hpp"
#include "redaction.hpp"
#include "run_context.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/json/serialize.hpp>
#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <string>

#include "support/run_of.hpp"
#include "support/temporary_folder.hpp"

using namespace banana;
namespace fs = std::filesystem;

namespace {

const std::string kKey = test::made_up_key(1);

// A plugin folder that only this user can read, and the surroundings of one run of the check.
struct Fixture {
    Fixture() { fs::permissions(folder.path(), fs::perms::owner_all); }

    CheckResult check() {
        boost::asio::io_context io;
        HttpClient http(io.get_executor());
        RunContext context(options, surroundings, http, redactor);
        if (!options.config) {
            context.found.install.emplace();
            context.found.install->plugin_dir = folder.path();
            context.found.install->family = family;
            context.found.install->knows_sample_spellings = knows_spellings;
            context.found.install->parses_otherwise = parses_otherwise;
        }
        if (!given_key.empty()) {
            context.given_key.emplace(Secret(given_key), "environment");
        }
        CheckResult result;
        boost::asio::co_spawn(io, banana::test::run_of("config.key")(context),
                              [&](std::exception_ptr error, CheckResult done) {
                                  BOOST_REQUIRE(!error);
                                  result = std::move(done);
                              });
        io.run();
        reading = std::move(context.found.config);
        require_secrecy(result);
        return result;
    }

    CheckResult check(std::string_view bytes) {
        folder.write("config.ini", bytes);
        return check();
    }

    static void require_secrecy(const CheckResult& result) {
        std::string all = boost::json::serialize(result.facts) + boost::json::serialize(result.summary.args);
        for (const Finding& finding : result.findings) {
            all += boost::json::serialize(finding.args);
            for (const Evidence& evidence : finding.evidence) {
                all += evidence.value;
            }
        }
        BOOST_TEST(all.find(kKey.substr(10, 12)) == std::string::npos, "the key shows in " << all);
    }

    test::TemporaryFolder folder;
    RunOptions options;
    Surroundings surroundings;
    Redactor redactor;
    Family family = Family::v1;
    std::optional<bool> knows_spellings = false;
    bool parses_otherwise = false;
    std::string given_key;
    std::optional<ConfigReading> reading;
};

std::string codes_of(const CheckResult& result) {
    std::string codes;
    for (const Finding& finding : result.findings) {
        codes += (codes.empty() ? "" : " ") + std::string(code_of(finding.code));
    }
    return codes;
}

std::string variant_of(const CheckResult& result) {
    return std::string(text_argument(result.findings.at(0), "variant"));
}

std::string evidence_of(const Finding& finding, std::string_view id) {
    for (const Evidence& evidence : finding.evidence) {
        if (evidence.id == id) {
            return evidence.value;
        }
    }
    return "<none>";
}

Environment test_mode(const std::string& value) {
    return Environment(std::map<std::string, std::string>{{"BANANA_GEMINI_USE_LOCAL_TEST", value}});
}

std::string utf16(std::string_view ascii, bool little, bool mark) {
    std::string bytes = !mark ? "" : little ? "\xFF\xFE" : "\xFE\xFF";
    for (const char c : ascii) {
        bytes += little ? std::string{c, '\0'} : std::string{'\0', c};
    }
    return bytes;
}

std::string utf32(std::string_view ascii, bool little, bool mark) {
    std::string bytes = !mark ? "" : little ? std::string("\xFF\xFE\0\0", 4) : std::string("\0\0\xFE\xFF", 4);
    for (const char c : ascii) {
        bytes += little ? std::string{c, '\0', '\0', '\0'} : std::string{'\0', '\0', '\0', c};
    }
    return bytes;
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(config_key, Fixture)

BOOST_AUTO_TEST_CASE(a_source_with_rules_of_its_own_is_not_judged_by_those_of_the_known_releases) {
    const std::string entry = "[gemini]\napi_key = " + kKey;
    const std::string with_mark = "\xEF\xBB\xBF" + entry + "\n";
    for (const std::string& text : {with_mark, entry + " # mine\n", entry + "\n" + "api_key = " + kKey + "\n"}) {
        parses_otherwise = false;
        BOOST_TEST(codes_of(check(text)) != "");
        parses_otherwise = true;
        const CheckResult result = check(text);
        BOOST_TEST(codes_of(result) == "");
        BOOST_TEST(result.incomplete);
        BOOST_TEST(!reading->key.has_value());
    }
    BOOST_TEST(codes_of(check("[gemini]\napi_key =\n")) == "config.key-empty");
    const CheckResult good = check(entry + "\n");
    BOOST_TEST(codes_of(good) == "");
    BOOST_TEST(!good.incomplete);
}

BOOST_AUTO_TEST_CASE(a_good_file_has_no_findings) {
    const CheckResult result = check("[gemini]\napi_key = " + kKey + "\nbalance_cost_factor = 0.5\nmax_workers = 8\n");
    BOOST_TEST(codes_of(result) == "");
    BOOST_TEST(result.summary.id == "summary.config.key.usable");
    BOOST_REQUIRE(reading);
    BOOST_CHECK(reading->state == KeyState::usable);
    BOOST_TEST(reading->key->reveal() == kKey);
    BOOST_TEST(reading->plugin_sends_it);
    const auto& fact = result.facts.at("api_key").as_object();
    BOOST_TEST(fact.at("present").as_bool());
    BOOST_TEST(fact.at("length").to_number<int>() == 51);
    BOOST_TEST(fact.at("sha256_8").as_string() == Secret(kKey).fingerprint());
    BOOST_TEST(result.facts.at("python_error").is_null());
    BOOST_TEST(result.facts.at("options").at("max_workers").as_string() == "8");
    BOOST_TEST(result.facts.at("options").at("bypass_proxy").is_null());
}

BOOST_AUTO_TEST_CASE(a_sample_is_shown_as_our_table_has_it) {
    const CheckResult result =
        check("# my file\n[gemini]\napi_key = \"your api key HERE\"\nmodelscope_api_key = " + kKey + "\n");
    BOOST_TEST(codes_of(result) == "config.key-placeholder");
    const Finding& finding = result.findings.front();
    BOOST_TEST(finding.args.at("sample").as_string() == "YOUR_API_KEY_HERE");
    BOOST_TEST(finding.args.at("line").to_number<int>() == 3);
    BOOST_TEST(variant_of(result) == "sent");
    BOOST_TEST(evidence_of(finding, "current-value") == "YOUR_API_KEY_HERE");
    BOOST_TEST(evidence_of(finding, "corrected-file") ==
               "# my file\n[gemini]\napi_key = <YOUR-KEY>\nmodelscope_api_key = " + Secret(kKey).masked());
    BOOST_CHECK(reading->state == KeyState::placeholder);
    BOOST_TEST(!reading->key.has_value());
    BOOST_TEST(reading->plugin_sends_it);
}

BOOST_AUTO_TEST_CASE(no_piece_of_a_broken_key_is_shown) {
    const std::string bare = kKey.substr(3);
    const std::string first = bare.substr(0, 24);
    const std::string last = bare.substr(24, 21);
    for (const std::string& text :
         {"api_key = " + first + "\n" + last + "\n", "api_key = " + first + "\n= " + last + "\n",
          "api_key =\n" + first.substr(0, 12) + " " + first.substr(12) + "\n",
          "\xEF\xBB\xBF[x]\napi_key = " + first + "\n" + last + "\n", "max_workers = " + first.substr(0, 20) + "\n",
          "密钥 = " + last + "\n密钥 = " + last + "\n", "pwd = " + last + "\npwd = " + last + "\n",
          last + " = 1\n" + last + " = 2\n"}) {
        const CheckResult result = check("[gemini]\n" + text);
        std::string all = boost::json::serialize(result.facts) + boost::json::serialize(result.summary.args);
        for (const Finding& finding : result.findings) {
            all += boost::json::serialize(finding.args);
            for (const Evidence& evidence : finding.evidence) {
                all += evidence.value + "\n";
            }
        }
        BOOST_TEST_CONTEXT(text) {
            BOOST_TEST(!result.findings.empty());
            for (std::size_t at = 0; at + 8 <= bare.size(); ++at) {
                BOOST_TEST(all.find(bare.substr(at, 8)) == std::string::npos);
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(whether_a_sample_is_sent_depends_on_the_version) {
    family = Family::v2;
    knows_spellings.reset();
    BOOST_TEST(variant_of(check("[gemini]\napi_key = YOUR_API_KEY_HERE\n")) == "known");
    BOOST_TEST(!reading->plugin_sends_it);
    BOOST_TEST(variant_of(check("[gemini]\napi_key = \"YOUR_API_KEY_HERE\"\n")) == "sent");
    options.config = folder.path() / "config.ini";
    BOOST_TEST(variant_of(check("[gemini]\napi_key = YOUR_API_KEY_HERE\n")) == "unknown");
}

BOOST_AUTO_TEST_CASE(what_the_parser_rejects_is_named_with_its_line) {
    struct Case {
        std::string bytes, codes, variant, python;
        int line;
    };
    const std::string good = "api_key = " + kKey + "\n";
    const std::vector<Case> cases = {
        {"\xEF\xBB\xBF[gemini]\n" + good, "config.bom", "", "MissingSectionHeaderError", 1},
        {"\xEF\xBB\xBF[gemini]\napi_key = YOUR_API_KEY_HERE\n", "config.bom config.key-placeholder", "",
         "MissingSectionHeaderError", 1},
        {"[gemini]\n# \xC3\xDC\xD4\xBF\n" + good, "config.encoding", "gbk", "UnicodeDecodeError", 0},
        {"[gemini]\n# caf\xE9\n" + good, "config.encoding", "other", "UnicodeDecodeError", 0},
        {utf16("[gemini]\n" + good, true, true), "config.encoding", "utf16", "UnicodeDecodeError", 0},
        {utf16("[gemini]\n" + good, false, true), "config.encoding", "utf16", "UnicodeDecodeError", 0},
        {utf16("[gemini]\n" + good, true, false), "config.encoding", "utf16", "ParsingError", 3},
        {utf32("[gemini]\n" + good, true, true), "config.encoding", "utf32", "UnicodeDecodeError", 0},
        {utf32("[gemini]\n" + good, false, true), "config.encoding", "utf32", "UnicodeDecodeError", 0},
        {utf32("[gemini]\n" + good, true, false), "config.encoding", "utf32", "ParsingError", 3},
        {"[gemini]\n; \x82\xB1\x82\xEA\x82\xCD\n" + good, "config.encoding", "other", "UnicodeDecodeError", 0},
        {"PK\x03\x04\x14\xFF\xFE[Content_Types].xml", "config.encoding", "document", "UnicodeDecodeError", 0},
        {std::string(300, '\0'), "config.syntax", "nul", "MissingSectionHeaderError", 1},
        {"[gemini]\n" + good + std::string(600, '\0'), "config.syntax", "nul", "ParsingError", 3},
        {"[gemini]\nx = 1\n" + utf16(good, true, false), "config.syntax", "nul", "ParsingError", 4},
        {"// my key\n[gemini]\n" + good, "config.syntax", "slash-comment", "MissingSectionHeaderError", 1},
        {"```ini\n[gemini]\n" + good, "config.syntax", "code-fence", "MissingSectionHeaderError", 1},
        {"［gemini］\n" + good, "config.syntax", "full-width-bracket", "MissingSectionHeaderError", 1},
        {"[gemini\n" + good, "config.syntax", "open-bracket", "MissingSectionHeaderError", 1},
        {"\n" + good, "config.syntax", "no-header", "MissingSectionHeaderError", 2},
        {"hello\n[gemini]\n" + good, "config.syntax", "text-before-header", "MissingSectionHeaderError", 1},
        {"[gemini]\napi_key＝" + kKey + "\n", "config.syntax", "full-width-delimiter", "ParsingError", 2},
        {"[gemini]\napi_key：" + kKey + "\n", "config.syntax", "full-width-delimiter", "ParsingError", 2},
        {"[gemini]\napi_key " + kKey + "\n", "config.syntax", "no-delimiter", "ParsingError", 2},
        {"[gemini]\n" + good + "remember this\n", "config.syntax", "text", "ParsingError", 3},
        {"\u200B[gemini]\n" + good, "config.syntax", "invisible", "MissingSectionHeaderError", 1},
        {kKey + "\n", "config.syntax", "bare-key", "MissingSectionHeaderError", 1},
        {"[gemini]\n" + kKey + "\n", "config.syntax", "bare-key", "ParsingError", 2},
        {"{\n  \"api_key\": \"" + kKey + "\"\n}\n", "config.syntax", "other-format", "MissingSectionHeaderError", 1},
        {"gemini:\n  api_key: " + kKey + "\n", "config.syntax", "other-format", "MissingSectionHeaderError", 1},
        {"[gemini]\n" + good + "\x1A", "config.syntax", "control-z", "ParsingError", 3},
        {"[gemini]\n= x\n" + good, "config.syntax", "empty-name", "ParsingError", 2},
        {"[gemini]\n" + good + "API_KEY = x\n", "config.syntax", "duplicate-option", "DuplicateOptionError", 3},
        {"[gemini]\n" + good + "[gemini]\n", "config.syntax", "duplicate-section", "DuplicateSectionError", 3},
        {"[gemini]\ntext\napi_key = YOUR_API_KEY_HERE\n", "config.syntax config.key-placeholder", "text",
         "ParsingError", 2},
        {"[gemini]\napi_key = %" + kKey + "\n", "config.interpolation", "syntax", "InterpolationSyntaxError", 0},
        {"[gemini]\napi_key = %(x)s\n", "config.interpolation", "missing", "InterpolationMissingOptionError", 0},
    };
    for (const Case& test : cases) {
        BOOST_TEST_CONTEXT(test.codes << ' ' << test.variant << ' ' << test.python) {
            const CheckResult result = check(test.bytes);
            BOOST_TEST(codes_of(result) == test.codes);
            BOOST_TEST(variant_of(result) == test.variant);
            const boost::json::value& error = result.facts.at("python_error");
            BOOST_TEST((error.is_null() ? "" : std::string(error.as_string())) == test.python);
            const boost::json::value& line = result.facts.at("error_line");
            BOOST_TEST((line.is_null() ? 0 : line.to_number<int>()) == test.line);
            BOOST_TEST(!result.facts.at("api_key").at("present").as_bool());
            BOOST_CHECK(reading->state == KeyState::unreadable);
            BOOST_TEST(!reading->plugin_sends_it);
            const std::string corrected = evidence_of(result.findings.front(), "corrected-file");
            BOOST_TEST(corrected.find("[gemini]\n") != std::string::npos);
            BOOST_TEST(corrected.find("api_key = <YOUR-KEY>") != std::string::npos);
        }
    }
}

BOOST_AUTO_TEST_CASE(marks_that_git_left_are_named) {
    const std::string versions = "api_key = " + kKey + "\n=======\napi_key = x\n>>>>>>> theirs\n";
    for (const std::string& bytes : {"<<<<<<< HEAD\n[gemini]\n" + versions, "[gemini]\n<<<<<<< HEAD\n" + versions}) {
        const CheckResult result = check(bytes);
        BOOST_TEST(codes_of(result) == "config.syntax");
        BOOST_TEST(text_argument(result.findings.front(), "fix_variant") == "conflict");
    }
}

BOOST_AUTO_TEST_CASE(a_key_over_two_lines_is_one_key) {
    const CheckResult result =
        check("[gemini]\napi_key = " + kKey.substr(0, 25) + "\n" + kKey.substr(25) + "\nmax_workers = 8\n");
    BOOST_REQUIRE(result.findings.size() == 1U);
    const Finding& finding = result.findings.front();
    BOOST_TEST((finding.code == Cause::config_syntax));
    BOOST_TEST(text_argument(finding, "variant") == "broken-key");
    BOOST_TEST(text_argument(finding, "counts") == "25 + 26 = 51");
    BOOST_TEST(finding.args.at("line") == 3);
    BOOST_TEST(finding.args.at("first_line") == 2);
    // The other line is no key's: it stays a line of no use.
    const CheckResult other = check("[gemini]\napi_key = " + kKey + "\n" + kKey.substr(25) + "\n");
    BOOST_TEST(text_argument(other.findings.front(), "variant") != "broken-key");
}

BOOST_AUTO_TEST_CASE(a_copy_with_a_real_key_is_offered) {
    for (const char* name : {"config.ini.bak", "config.ini.old", "config - 副本.ini", "my notes.txt"}) {
        folder.write(name, "[gemini]\n# mine\napi_key = " + kKey + "\n");
        for (const char* value : {"YOUR_API_KEY_HERE", ""}) {
            const CheckResult result = check(std::string("[gemini]\napi_key = ") + value + "\n");
            BOOST_REQUIRE(!result.findings.empty());
            const Finding& finding = result.findings.front();
            BOOST_TEST(text_argument(finding, "fix_variant") == "backup");
            BOOST_TEST(text_argument(finding, "backup") == name);
            BOOST_TEST(finding.args.at("backup_line") == 3);
        }
        fs::remove(folder.path() / name);
    }
    folder.write("config.ini.bak", "[gemini]\napi_key = your-api-key-here\n");
    BOOST_TEST(text_argument(check("[gemini]\napi_key = YOUR_API_KEY_HERE\n").findings.front(), "fix_variant").empty());
}

BOOST_AUTO_TEST_CASE(what_the_parser_does_not_see_is_traced) {
    struct Case {
        std::string bytes, code, variant;
        int line;
    };
    const std::vector<Case> cases = {
        {"", "config.section-missing", "empty", 0},
        {"[other]\nx = 1\n", "config.section-missing", "", 0},
        {"\n[Gemini]\napi_key = a\n", "config.section-missing", "near", 2},
        {"[ gemini ]\napi_key = a\n", "config.section-missing", "near", 1},
        {"[gemin]\napi_key = a\n", "config.section-missing", "near", 1},
        {"[\u200Bgemini]\napi_key = a\n", "config.section-missing", "invisible", 1},
        {"[gemini]\n\u200Bapi_key = a\n", "config.key-missing", "invisible", 2},
        {"[gemini]\nmax_workers = 8\n", "config.key-missing", "", 0},
        {"[gemini]\napi-key = a\n", "config.key-missing", "name", 2},
        {"[gemini]\n\"api_key\" = a\n", "config.key-missing", "name", 2},
        {"[gemini]\nmax_workers = 8\n  api_key = a\n", "config.key-missing", "swallowed", 3},
        {"[gemini]\n# api_key = a\n", "config.key-missing", "commented", 2},
        {"[gemini]\nset api_key=a\n", "config.key-missing", "command", 2},
        {"[gemini]\nexport API_KEY = a\n", "config.key-missing", "command", 2},
        {"[gemini]\n$env:api_key = \"a\"\n", "config.key-missing", "command", 2},
        {"[gemini]\nmax_workers = 8\nset \"api_key=a\"\n", "config.key-missing", "command", 3},
        {"[gemini] api_key = a\n", "config.key-missing", "after-header", 1},
        {"# x\n[gemini] [中转]\napi_key = a\n", "config.section-missing", "near", 2},
        {"[[gemini]]\napi_key = a\n", "config.section-missing", "near", 1},
        {"[gemini]\n[x]\napi_key = a\n", "config.key-missing", "section", 3},
        {"[gemini]\napi_key =  \n", "config.key-empty", "", 2},
    };
    for (const Case& test : cases) {
        BOOST_TEST_CONTEXT(test.bytes) {
            const CheckResult result = check(test.bytes);
            BOOST_REQUIRE(!result.findings.empty());
            BOOST_TEST(code_of(result.findings.front().code) == test.code);
            BOOST_TEST(variant_of(result) == test.variant);
            BOOST_TEST(number_member(result.findings.front().args, "line").value_or(0) == test.line);
            BOOST_TEST(evidence_of(result.findings.front(), "corrected-file").find("[gemini]") != std::string::npos);
        }
    }
}

BOOST_AUTO_TEST_CASE(a_damaged_key_is_masked_and_corrected) {
    const CheckResult result = check("[gemini]\napi_key = \"" + kKey + "\"\n");
    BOOST_TEST(codes_of(result) == "config.key-malformed");
    BOOST_TEST(variant_of(result) == "quotes");
    BOOST_TEST(evidence_of(result.findings.front(), "corrected-value") == Secret(kKey).masked());
    BOOST_CHECK(reading->state == KeyState::malformed);
    BOOST_TEST(reading->plugin_sends_it);
    check("[gemini]\napi_key = " + kKey + "\n  more\n");
    BOOST_TEST(!reading->plugin_sends_it);
    const CheckResult cut = check("[gemini]\napi_key = " + kKey.substr(0, 40) + "\n");
    BOOST_TEST(variant_of(cut) == "cut-short");
    BOOST_TEST(cut.findings.front().inferred);
    BOOST_CHECK(reading->state == KeyState::usable);
}

BOOST_AUTO_TEST_CASE(every_kind_of_unreadable_file_has_its_answer) {
    BOOST_TEST(codes_of(check()) == "config.file-missing");
    folder.write("config.ini.txt", "x");
    BOOST_TEST(variant_of(check()) == "renamed");
    fs::remove(folder.path() / "config.ini.txt");
    for (const char* name : {"config", "config - 副本.ini", "config (1).ini"}) {
        folder.write(name, "x");
        BOOST_TEST(variant_of(check()) == "renamed", name);
        fs::remove(folder.path() / name);
    }
    folder.write("config.ini.example", "x");
    BOOST_TEST(variant_of(check()) == "example");
    // Whatever its name, the file with a real key is the one to rename.
    folder.write("配置.ini", "[gemini]\napi_key = YOUR_API_KEY_HERE\n");
    BOOST_TEST(variant_of(check()) == "example");
    folder.write("配置.ini", "\xEF\xBB\xBF[gemini]\napi_key = " + kKey + "\n");
    BOOST_TEST(variant_of(check()) == "renamed");
    fs::remove(folder.path() / "配置.ini");

    const fs::path file = folder.path() / "config.ini";
    fs::create_symlink("nowhere.ini", file);
    BOOST_TEST(codes_of(check()) == "config.file-missing");
    BOOST_TEST(variant_of(check()) == "dangling-link");
    fs::remove(file);
    fs::create_symlink("config.ini", file);
    BOOST_TEST(codes_of(check()) == "config.file-unreadable");
    BOOST_TEST(variant_of(check()) == "link-loop");
    fs::remove(file);
    fs::create_directory(file);
    BOOST_TEST(variant_of(check()) == "folder");
    fs::remove(file);
    BOOST_REQUIRE(::mkfifo(file.c_str(), 0600) == 0);
    BOOST_TEST(variant_of(check()) == "not-regular");
    fs::remove(file);
    BOOST_TEST(codes_of(check("[gemini]\napi_key = " + kKey + "\n#" + std::string(bounds::kSmallFileBytes, 'x'))) ==
               "config.file-unreadable");
    BOOST_TEST(variant_of(check()) == "too-large");
    BOOST_TEST(check().findings.front().inferred);
}

BOOST_AUTO_TEST_CASE(no_permission_is_a_finding) {
    folder.write("config.ini", "[gemini]\n");
    fs::permissions(folder.path() / "config.ini", fs::perms::none);
    // Root may read everything: somebody else looks.
    constexpr unsigned kNobody = 65534;
    const bool root = ::geteuid() == 0;
    BOOST_REQUIRE((!root || ::seteuid(kNobody) == 0));
    const std::string variant = variant_of(check());
    BOOST_REQUIRE((!root || ::seteuid(0) == 0));
    BOOST_TEST(variant == "permission");
}

BOOST_AUTO_TEST_CASE(other_options_say_what_the_plugin_uses_instead) {
    const CheckResult result = check("[gemini]\napi_key = " + kKey +
                                     "\nbalance_cost_factor = 0,6\nmax_workers = many\nbypass_proxy = perhaps\n");
    BOOST_TEST(codes_of(result) == "config.value-invalid config.value-invalid");  // V1 does not read bypass_proxy
    BOOST_TEST(result.findings.front().args.at("used").as_string() == "1.0");
    BOOST_CHECK(result.findings.front().severity == Severity::warning);
    const CheckResult large = check("[gemini]\napi_key = " + kKey + "\nbalance_cost_factor = 500\n");
    BOOST_TEST(large.findings.at(0).args.at("used").as_string() == "100.0");
    family = Family::v2;
    knows_spellings = true;
    const CheckResult later =
        check("[gemini]\napi_key = " + kKey + "\nbypass_proxy = perhaps\nbalance_cost_factor = %\n");
    BOOST_TEST(codes_of(later) == "config.value-invalid config.value-invalid");
    BOOST_TEST(later.findings.front().args.at("used").as_string() == "0.6");
}

BOOST_AUTO_TEST_CASE(the_encoded_address_is_decoded_as_the_plugin_does) {
    family = Family::v2;
    // "http://a.b" with each byte XOR 7, in base64.
    check("[gemini]\napi_key = " + kKey + "\napi_base_url_enc = b3Nzdz0oKGYpZQ==\n");
    BOOST_REQUIRE(reading->base_url);
    BOOST_TEST(*reading->base_url == "http://a.b");
    BOOST_TEST(codes_of(check("[gemini]\napi_key = " + kKey + "\napi_base_url_enc = abc\n")) == "config.value-invalid");
    BOOST_TEST(!reading->base_url.has_value());
}

BOOST_AUTO_TEST_CASE(what_to_write_depends_on_the_option) {
    family = Family::v2;
    const auto remedy = [&](const std::string& line) {
        const CheckResult result = check("[gemini]\napi_key = " + kKey + "\n" + line + "\n");
        BOOST_REQUIRE_EQUAL(result.findings.size(), 1U);
        const auto& args = result.findings.front().args;
        return args.contains("fix_variant") ? std::string(args.at("fix_variant").as_string()) : std::string();
    };
    BOOST_TEST(remedy("api_base_url_enc = abc") == "address");
    BOOST_TEST(remedy("max_workers = many") == "whole-number");
    BOOST_TEST(remedy("bypass_proxy = perhaps") == "switch");
    BOOST_TEST(remedy("balance_cost_factor = 0,6") == "");
}

BOOST_AUTO_TEST_CASE(the_test_file_wins_in_test_mode_only) {
    family = Family::v3;
    surroundings.environment = test_mode("On");
    folder.write("banana_gemini_test.local.ini", "[gemini_test]\napi_key = " + kKey + "\n");
    const CheckResult result = check("[gemini]\napi_key = YOUR_API_KEY_HERE\n");
    BOOST_TEST(reading->source == "banana_gemini_test.local.ini");
    BOOST_CHECK(reading->state == KeyState::usable);
    BOOST_CHECK(result.findings.front().severity == Severity::warning);
    BOOST_TEST(kept_refutation(result.findings.front())->id == "because.test-mode");
    BOOST_TEST(result.summary.id == "summary.config.key.test-mode");
    surroundings.environment = test_mode("0");
    check();
    BOOST_TEST(reading->source == "config.ini");
}

BOOST_AUTO_TEST_CASE(beside_a_given_key_the_configured_one_is_to_be_replaced_by_it) {
    given_key = test::made_up_key(2);
    const CheckResult plain = check("[gemini]\napi_key = YOUR_API_KEY_HERE\n");
    BOOST_CHECK(plain.findings.front().severity == Severity::error);
    BOOST_TEST(plain.findings.front().args.at("replacement").as_string() == Secret(given_key).masked());
}

BOOST_AUTO_TEST_CASE(exposure_counts_only_where_every_folder_lets_others_in) {
    const std::string good = "[gemini]\napi_key = " + kKey + "\n";
    folder.write("config.ini", good);
    fs::permissions(folder.path() / "config.ini", static_cast<fs::perms>(0644));
    BOOST_TEST(codes_of(check()) == "");
    fs::permissions(folder.path(), static_cast<fs::perms>(0755));
    BOOST_TEST(codes_of(check()) == "config.key-exposed");
    BOOST_TEST(variant_of(check()) == "readable");
    fs::permissions(folder.path() / "config.ini", static_cast<fs::perms>(0600));
    BOOST_TEST(codes_of(check()) == "");
}

BOOST_AUTO_TEST_CASE(a_file_in_the_git_index_is_found) {
    if (std::system("command -v git >/dev/null") != 0) {
        BOOST_TEST_MESSAGE("skipped: no git to make a repository with");
        return;
    }
    folder.write("nodes/config.ini", "[gemini]\napi_key = " + kKey + "\n");
    const std::string git = "git -C '" + folder.path().string() + "' ";
    BOOST_REQUIRE(std::system((git + "init -q").c_str()) == 0);
    options.config = folder.path() / "nodes/config.ini";
    BOOST_TEST(codes_of(check()) == "");
    for (const char* version : {"2", "4"}) {
        BOOST_REQUIRE(
            std::system((git + "update-index --add --index-version " + version + " nodes/config.ini").c_str()) == 0);
        BOOST_TEST(codes_of(check()) == "config.key-exposed");
        BOOST_TEST(variant_of(check()) == "git");
    }
}

BOOST_AUTO_TEST_SUITE_END()
