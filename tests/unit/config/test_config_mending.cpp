// Each kind of mistake that is mended, with the exact bytes that a careful person would leave; and what is refused.
#include "config_mending.hpp"

#include "config_encoding.hpp"
#include "config_text.hpp"
#include "ini_reader.hpp"

#include <boost/test/unit_test.hpp>
#include <string>
#include <variant>

#include "support/temporary_folder.hpp"

using namespace banana;

BOOST_AUTO_TEST_SUITE(test_config_mending)

namespace {

const std::string kKey = test::made_up_key(1);
const std::string kOther = test::made_up_key(2);

std::string names_of(const MendedConfig& mended) {
    std::string names;
    for (const Mend mend : mended.mends) {
        names += (names.empty() ? "" : " ") + std::string(mend_name(mend));
    }
    return names;
}

std::string filled(std::string text) {
    for (const auto& [name, value] : {std::pair<std::string, std::string>{"{key}", kKey},
                                      {"{other}", kOther},
                                      {"{head}", kKey.substr(0, 20)},
                                      {"{tail}", kKey.substr(20)}}) {
        for (std::size_t at = text.find(name); at != text.npos; at = text.find(name)) {
            text.replace(at, name.size(), value);
        }
    }
    return text;
}

using Outcome = std::variant<MendedConfig, MendRefusal>;

Outcome mended(const std::string& before, const std::string& key = {}, KeyUse use = KeyUse::where_none_is) {
    const Secret given(key);
    return mend_config(filled(before), key.empty() ? nullptr : &given, use);
}

void require(const Outcome& outcome, const std::string& after, std::string_view mends) {
    if (const auto* refusal = std::get_if<MendRefusal>(&outcome)) {
        BOOST_ERROR("refused: " << obstacle_name(refusal->obstacle) << " in line " << refusal->line
                                << ", not: " << after);
        return;
    }
    BOOST_TEST(std::get<MendedConfig>(outcome).bytes == filled(after));
    BOOST_TEST(names_of(std::get<MendedConfig>(outcome)) == mends);
}

void require_refusal(const Outcome& outcome, MendObstacle obstacle, int line) {
    if (const auto* made = std::get_if<MendedConfig>(&outcome)) {
        BOOST_ERROR("not refused, but " << names_of(*made) << ": " << made->bytes);
        return;
    }
    const MendRefusal& refusal = std::get<MendRefusal>(outcome);
    BOOST_TEST(obstacle_name(refusal.obstacle) == obstacle_name(obstacle));
    BOOST_TEST(refusal.line == line);
}

std::string utf16(std::string_view ascii, bool little) {
    std::string bytes = little ? "\xFF\xFE" : "\xFE\xFF";
    for (const char c : ascii) {
        bytes += little ? std::string{c, '\0'} : std::string{'\0', c};
    }
    return bytes;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(config_mending)

BOOST_AUTO_TEST_CASE(what_is_right_stays_as_it_is) {
    for (const char* text :
         {"[gemini]\napi_key = {key}\n", "[gemini]\r\nAPI_KEY:{key}", "[gemini]\napi_key =\n  {key}\n",
          "# c\n[gemini] x\n  api_key={key}\n[other]\na = b\n  c\n"}) {
        require(mended(text), text, "");
        require(mended(text, kOther), text, "");
    }
}

BOOST_AUTO_TEST_CASE(encodings) {
    require(mended("\xEF\xBB\xBF[gemini]\r\napi_key = {key}\r\n"), "[gemini]\r\napi_key = {key}\r\n",
            "byte-order-mark");
    require(mended("# \xc3\xdc\xd4\xbf\n[gemini]\napi_key = {key}\n"), "# 密钥\n[gemini]\napi_key = {key}\n",
            "encoding");
    require(mended("# caf\xe9 \x93\x94\n[gemini]\napi_key = {key}\n"), "# café “”\n[gemini]\napi_key = {key}\n",
            "encoding");
    const std::string plain = filled("[gemini]\r\napi_key = {key}\r\nmax_workers = 8\r\n");
    require(mended(utf16(plain, true)), plain, "encoding");
    require(mended(utf16(plain, false)), plain, "encoding");
    require(mended("[gemini]\r\napi_key = {key}\x1A\r\n"), "[gemini]\r\napi_key = {key}\r\n", "control-z");
    require(mended("[gemini]\napi_key = {key}\n\x1A"), "[gemini]\napi_key = {key}\n", "control-z");
    require(mended("[gemini]\napi_key = {key}\x1A"), "[gemini]\napi_key = {key}", "control-z");
    require(mended("[gemini]\napi_key = {key}\nmax_workers = 8\x1A"), "[gemini]\napi_key = {key}\nmax_workers = 8",
            "control-z");
}

BOOST_AUTO_TEST_CASE(encodings_that_are_refused) {
    require_refusal(mended("# 这是\n# \xc3\xdc\xd4\xbf\n[gemini]\napi_key = {key}\n"), MendObstacle::encoding, 0);
    require_refusal(mended("[gemini]\napi_key = {key}\nname = caf\xe9 x\n"), MendObstacle::encoding, 0);
    require_refusal(mended(std::string("PK\x03\x04 api_key")), MendObstacle::not_text, 0);
    require_refusal(mended(filled("[gemini]\napi_key = {key}\n") + std::string(3, '\0')), MendObstacle::not_text, 0);
}

BOOST_AUTO_TEST_CASE(before_the_header) {
    require(mended("我的配置\n[gemini]\napi_key = {key}\n"), "# 我的配置\n[gemini]\napi_key = {key}\n",
            "text-before-header");
    require(mended("Note: my file\r\n[gemini]\r\napi_key = {key}\r\n"),
            "# Note: my file\r\n[gemini]\r\napi_key = {key}\r\n", "text-before-header");
    require(mended("```ini\n[gemini]\napi_key = {key}\n```\n"), "[gemini]\napi_key = {key}\n", "code-fence");
    require(mended("// mine\n[gemini]\napi_key = {key}\n"), "# mine\n[gemini]\napi_key = {key}\n", "slash-comment");
    require(mended("［gemini］\napi_key = {key}\n"), "[gemini]\napi_key = {key}\n", "header");
    require(mended("[gemini\napi_key = {key}\n"), "[gemini]\napi_key = {key}\n", "header");
    require(mended("\u200B[gemini]\napi_key = {key}\n"), "[gemini]\napi_key = {key}\n", "invisible");
    require(mended("# mine\r\napi_key = {key}\r\n"), "# mine\r\n[gemini]\r\napi_key = {key}\r\n", "missing-header");
    require(mended("api_key＝{key}"), "[gemini]\napi_key={key}", "missing-header delimiter");
}

BOOST_AUTO_TEST_CASE(before_the_header_refused) {
    require_refusal(mended("{key}\n[gemini]\napi_key = YOUR_API_KEY_HERE\n"), MendObstacle::unclear_line, 1);
    require_refusal(mended("api_key = {key}\n[gemini]\nmax_workers = 3\n"), MendObstacle::unclear_line, 1);
    require_refusal(mended("note=8\n[gemini]\napi_key = {key}\n"), MendObstacle::unclear_line, 1);
    require_refusal(mended("{\"api_key\": \"{key}\"}\n"), MendObstacle::other_format, 1);
    require_refusal(mended("[gemini]\n<<<<<<< HEAD\napi_key = {key}\n=======\n"), MendObstacle::conflict, 2);
}

BOOST_AUTO_TEST_CASE(lines_of_the_section) {
    require(mended("[gemini]\n// my key\napi_key = {key}\n"), "[gemini]\n# my key\napi_key = {key}\n", "slash-comment");
    require(mended("[gemini]\napi_key＝{key}\nmax_workers：4\n"), "[gemini]\napi_key={key}\nmax_workers:4\n",
            "delimiter");
    require(mended("[gemini]\napi_key {key}\n"), "[gemini]\napi_key = {key}\n", "delimiter");
    require(mended("[gemini]\n在这里填写\napi_key = {key}\n"), "[gemini]\n# 在这里填写\napi_key = {key}\n", "remark");
    require(mended("[gemini]\n\u200Bapi_key = {key}\nmax_workers=1\n"), "[gemini]\napi_key = {key}\nmax_workers=1\n",
            "option-name");
    require_refusal(mended("[gemini]\napi_key = {key}\nworkers\n"), MendObstacle::unclear_line, 3);
    require_refusal(mended("[gemini]\nmax_workers = 2\n{key}\n"), MendObstacle::unclear_line, 3);
}

BOOST_AUTO_TEST_CASE(the_same_twice) {
    require(mended("[gemini]\napi_key = {key}\nAPI_KEY = {key}\n"), "[gemini]\napi_key = {key}\n# API_KEY = {key}\n",
            "duplicate");
    require(mended("[gemini]\napi_key = YOUR_API_KEY_HERE\napi_key = {key}\n"),
            "[gemini]\n# api_key = YOUR_API_KEY_HERE\napi_key = {key}\n", "duplicate");
    require(mended("[gemini]\napi_key = {key}\nmax_workers = 2\nmax_workers=2\n"),
            "[gemini]\napi_key = {key}\nmax_workers = 2\n# max_workers=2\n", "duplicate");
    require(mended("[gemini]\nmax_workers = 2\n[gemini]\napi_key = {key}\n"),
            "[gemini]\nmax_workers = 2\n# [gemini]\napi_key = {key}\n", "duplicate");
    require(mended("[gemini]\napi_key = {key}\n[b]\nc = d\n[gemini]\napi_key: {key}\n\n# end\n"),
            "[gemini]\napi_key = {key}\n[b]\nc = d\n# [gemini]\n# api_key: {key}\n\n# end\n", "duplicate");
    require_refusal(mended("[gemini]\napi_key = {key}\napi_key = {other}\n"), MendObstacle::unclear_duplicate, 3);
    require_refusal(mended("[gemini]\nmax_workers = 2\nmax_workers = 3\napi_key = {key}\n"),
                    MendObstacle::unclear_duplicate, 3);
    require_refusal(mended("[gemini]\napi_key = {key}\n[b]\nc = d\n[gemini]\nmax_workers = 4\n"),
                    MendObstacle::unclear_duplicate, 5);
}

BOOST_AUTO_TEST_CASE(names) {
    require(mended("[Gemini]\napi_key = {key}\n"), "[gemini]\napi_key = {key}\n", "section-name");
    require(mended("[ gemini ] ; mine\napi_key = {key}\n"), "[gemini] ; mine\napi_key = {key}\n", "section-name");
    require(mended("[gemni]\r\nmax_workers = 4\r\napi-key: {key}\r\n"),
            "[gemini]\r\nmax_workers = 4\r\napi_key: {key}\r\n", "section-name option-name");
    require(mended("[gemini]\n\"api_key\" = {key}\n"), "[gemini]\napi_key = {key}\n", "option-name");
    require(mended("[gemini]\nmax_workers = 4\n  api_key = {key}\n  bypass_proxy = no\n"),
            "[gemini]\nmax_workers = 4\napi_key = {key}\nbypass_proxy = no\n", "indentation");
    require_refusal(mended("[openai]\napi_key = {key}\n"), MendObstacle::unclear_section, 0);
    require_refusal(mended("[Gemini]\napi_key = {key}\n[GEMINI]\napi_key = {key}\n"), MendObstacle::unclear_section, 1);
    require_refusal(mended("[gemini]\nkey = {key}\napikey = {other}\n"), MendObstacle::unclear_line, 2);
}

BOOST_AUTO_TEST_CASE(a_key_is_asked_for) {
    const std::string sample = "[gemini]\n# the key\napi_key = YOUR_API_KEY_HERE\nmax_workers = 8\n";
    require_refusal(mended(sample), MendObstacle::key_needed, 3);
    require(mended(sample, kKey), "[gemini]\n# the key\napi_key = {key}\nmax_workers = 8\n", "key-put-in");
    require(mended("[gemini]\r\napi_key=\r\n", kKey), "[gemini]\r\napi_key={key}\r\n", "key-put-in");
    require(mended("[gemini]\napi_key =\n", kKey), "[gemini]\napi_key = {key}\n", "key-put-in");
    require(mended("[gemini]\r\nmax_workers = 8\r\n", kKey), "[gemini]\r\napi_key = {key}\r\nmax_workers = 8\r\n",
            "key-put-in");
    require(mended("[gemini]", kKey), "[gemini]\napi_key = {key}\n", "key-put-in");
    require(mended("", kKey), "[gemini]\napi_key = {key}\n", "missing-header key-put-in");
    require(mended("# c\n[other]\na = b", kKey), "# c\n[other]\na = b\n[gemini]\napi_key = {key}\n",
            "missing-header key-put-in");
    require(mended("\xEF\xBB\xBF[Gemini]\napi-key = \"your-api-key-here\"\n", kKey), "[gemini]\napi_key = {key}\n",
            "byte-order-mark section-name option-name key-put-in");
    require_refusal(mended("[gemini]\napi_key = {head}\n"), MendObstacle::key_unclear, 2);
    require(mended("[gemini]\napi_key = {head}\n", kKey), "[gemini]\napi_key = {key}\n", "key-put-in");
    require_refusal(mended("[gemini]\napi_key = {key}%\n"), MendObstacle::interpolation, 2);
    require(mended("[gemini]\napi_key = {key}\n", kOther, KeyUse::always), "[gemini]\napi_key = {other}\n",
            "key-put-in");
}

BOOST_AUTO_TEST_CASE(around_the_key) {
    for (const char* value : {"\"{key}\"", "'{key}'", "<{key}>", "Bearer {key}", "= {key}", "{key}\u200B", "“{key}”",
                              "{head} {tail}", "\"Bearer {key}\"", "{key},", "api_key={key}"}) {
        require(mended("[gemini]\napi_key = " + std::string(value) + "\nmax_workers = 8\n"),
                "[gemini]\napi_key = {key}\nmax_workers = 8\n", "key-text");
    }
    require(mended("[gemini]\r\n  api_key = {key}  # mine\r\n"), "[gemini]\r\n  # mine\r\n  api_key = {key}\r\n",
            "key-text key-comment");
    require(mended("[gemini]\napi_key = \"{key}\" ; of Li\n"), "[gemini]\n; of Li\napi_key = {key}\n",
            "key-text key-comment");
    require(mended("[gemini]\napi_key = {key} // of Li\n"), "[gemini]\n# of Li\napi_key = {key}\n",
            "key-text key-comment");
    require(mended("[gemini]\napi_key =\n  \"{key}\"\n"), "[gemini]\napi_key =\n  {key}\n", "key-text");
}

BOOST_AUTO_TEST_CASE(a_key_over_several_lines) {
    const std::string whole = "[gemini]\napi_key = {key}\nmax_workers = 8\n";
    require(mended("[gemini]\napi_key = {head}\n{tail}\nmax_workers = 8\n"), whole, "key-joined");
    require(mended("[gemini]\napi_key = {head}\n    {tail}\nmax_workers = 8\n"), whole, "key-joined");
    require(mended("[gemini]\napi_key =\n{key}\nmax_workers = 8\n"), whole, "key-joined");
    // The finding about a broken key and the repair know the same ones.
    require(mended("[gemini]\napi_key = {head}\n\n{tail}\nmax_workers = 8\n"), whole, "key-joined");
    require(mended("[gemini]\napi_key = {head}\\\n{tail}\nmax_workers = 8\n"), whole, "key-joined");
    require(mended("[gemini]\napi_key = \"{head}\n{tail}\"\nmax_workers = 8\n"), whole, "key-joined");
    require(mended("[gemini]\napi_key = {key}\n  max_workers = 8\n"), whole, "indentation");
    require(mended("[gemini]\napi_key = {key}\n  // mine\n  and a word\n"),
            "[gemini]\napi_key = {key}\n  # mine\n#   and a word\n", "remark slash-comment");
    require_refusal(mended("[gemini]\napi_key = {key}\n{other}\n"), MendObstacle::unclear_line, 3);
    require_refusal(mended("[gemini]\napi_key = {key}\n  {other}\n"), MendObstacle::unclear_line, 3);
}

// A given key with a percent sign is written as configparser wants it.
BOOST_AUTO_TEST_CASE(a_percent_sign) {
    const std::string key = "%" + kKey;
    require(mended("[gemini]\napi_key =\n", key), "[gemini]\napi_key = %%{key}\n", "key-put-in");
}

// Where the change is certain, the report shows what `fix` writes.
BOOST_AUTO_TEST_CASE(the_report_shows_what_fix_writes) {
    for (const char* before :
         {"mine\n[gemini]\napi_key = {key}\n", "［gemini］\napi_key＝{key}\n", "[gemini]\n// mine\napi_key = {key}\n",
          "```ini\n[gemini]\napi_key = {key}\n```\n", "[gemini]\napi_key = {key}\napi_key = {key}\n",
          "[gemini]\n[gemini]\napi_key = {key}\n", "[gemini]\napi_key = {head}\n\n{tail}\n"}) {
        const std::string bytes = filled(before);
        const Outcome outcome = mended(before);
        const ProposedConfig shown = propose_config(bytes, decode_config(bytes));
        BOOST_REQUIRE(std::holds_alternative<MendedConfig>(outcome));
        BOOST_TEST(shown.parses);
        BOOST_TEST(shown.lines == split_lines(std::get<MendedConfig>(outcome).bytes), boost::test_tools::per_element());
    }
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE_END()
