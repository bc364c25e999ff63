#include "options.hpp"

#include "catalog.hpp"
#include "language.hpp"
#include "option_table.hpp"
#include "support/temporary_folder.hpp"

#include <boost/json/serialize.hpp>
#include <boost/test/unit_test.hpp>

#include <string>
#include <vector>

using namespace banana;

namespace {

CommandLine good(const std::vector<std::string>& arguments) {
    auto parsed = parse_command_line(arguments);
    BOOST_REQUIRE(std::holds_alternative<CommandLine>(parsed));
    return std::get<CommandLine>(std::move(parsed));
}

Message bad(const std::vector<std::string>& arguments) {
    auto parsed = parse_command_line(arguments);
    BOOST_REQUIRE(std::holds_alternative<UsageError>(parsed));
    return std::get<UsageError>(parsed).message;
}

}  // namespace

BOOST_AUTO_TEST_CASE(nothing_means_run_with_the_documented_defaults) {
    const CommandLine line = good({});
    BOOST_TEST((line.command == Command::run));
    BOOST_TEST(line.run.timeout.count() == 10'000);
    BOOST_TEST(line.run.deadline.count() == 30'000);
    BOOST_TEST(line.run.wait.count() == 0);
    BOOST_TEST(line.format == "markdown");
    BOOST_TEST(line.lang == "auto");
    BOOST_TEST(!line.run.deep);
}

BOOST_AUTO_TEST_CASE(every_command_is_known) {
    BOOST_TEST((good({"run"}).command == Command::run));
    BOOST_TEST((good({"demo", "config.bom"}).argument == "config.bom"));
    BOOST_TEST((good({"self-test"}).command == Command::self_test));
    BOOST_TEST((good({"explain", "config.bom"}).command == Command::explain));
    BOOST_TEST((good({"render", "a.json"}).argument == "a.json"));
    BOOST_TEST((good({"redact", "-"}).argument == "-"));
    BOOST_TEST((good({"--version"}).command == Command::version));
    BOOST_TEST((good({"-h"}).command == Command::help));
}

BOOST_AUTO_TEST_CASE(values_are_read) {
    const CommandLine line = good({"run", "--timeout", "0.5", "--deadline=2", "--only", "config.key,upstream",
                                   "--output", "a.md", "--output", "-", "--format", "JSON", "--lang", "EN", "-v"});
    BOOST_TEST(line.run.timeout.count() == 500);
    BOOST_TEST(line.run.deadline.count() == 2000);
    BOOST_TEST(good({"--comfyui-dir", "\"a b\""}).run.comfyui_dir->string() == "a b");
    BOOST_TEST(good({"--comfyui-dir", "a b\""}).run.comfyui_dir->string() == "a b");
    BOOST_TEST(line.run.only.size() == 2U);
    BOOST_TEST(line.outputs.size() == 2U);
    BOOST_TEST(line.format == "json");
    BOOST_TEST(line.lang == "en");
    BOOST_TEST((line.verbosity == Verbosity::verbose));
}

BOOST_AUTO_TEST_CASE(wrong_usage_is_named) {
    BOOST_TEST(bad({"--nonsense"}).id == "usage.unknown-option");
    BOOST_TEST(bad({"--tim", "3"}).id == "usage.unknown-option");  // no guessing
    BOOST_TEST(bad({"--timeout"}).id == "usage.value");
    BOOST_TEST(bad({"--timeout", "soon"}).id == "usage.seconds");
    BOOST_TEST(bad({"--timeout", "-3"}).id == "usage.seconds");
    BOOST_TEST(bad({"--timeout", "nan"}).id == "usage.seconds");
    BOOST_TEST(bad({"--timeout", "3", "--timeout", "4"}).id == "usage.given-twice");
    BOOST_TEST(bad({"--only", "nothing.such"}).id == "usage.unknown-check");
    BOOST_TEST(bad({"--only", "nothing.*"}).id == "usage.unknown-check");
    BOOST_TEST(bad({"--only", "*"}).id == "usage.unknown-check");
    BOOST_TEST(good({"--only", "deep.*", "--deep"}).run.only.front() == "deep.");
    BOOST_TEST(bad({"--only", ""}).id == "usage.unknown-check");
    BOOST_TEST(bad({"--only", "deep.key-override"}).id == "usage.deep-needed");
    BOOST_TEST(bad({"--only", "route,deep"}).id == "usage.deep-needed");
    BOOST_TEST(bad({"--format", "pdf"}).id == "usage.choice");
    BOOST_TEST(bad({"fly"}).id == "usage.unknown-command");
    BOOST_TEST(bad({"run", "fast"}).id == "usage.too-many-words");
    BOOST_TEST(bad({"render"}).id == "usage.file-needed");
    BOOST_TEST(bad({"--config", ""}).id == "usage.empty-value");
    BOOST_TEST(bad({"--deep=yes"}).id == "usage.value");
}

BOOST_AUTO_TEST_CASE(no_message_repeats_a_token_that_could_be_a_key) {
    const std::string key = banana::test::made_up_key(3);
    for (const std::vector<std::string>& arguments : {std::vector<std::string>{key},
                                                      {"--" + key},
                                                      {"--api-key", key},
                                                      {"--api-key=" + key},
                                                      {"run", key},
                                                      {"--only", key},
                                                      {"--format", key},
                                                      {"--timeout", key},
                                                      {"-" + key},
                                                      {"--lang=" + key},
                                                      {"--" + key + "=1"},
                                                      {"explain", "a", key}}) {
        const Message message = bad(arguments);
        const std::string shown = message.id + boost::json::serialize(message.args);
        BOOST_TEST(shown.find(key.substr(3, 8)) == std::string::npos);
    }
}

BOOST_AUTO_TEST_CASE(the_language_follows_option_then_locale_then_chinese) {
    BOOST_TEST(choose_language("en", "zh_CN.UTF-8") == "en");
    BOOST_TEST(choose_language("auto", "zh_CN.UTF-8") == "zh-CN");
    BOOST_TEST(choose_language("auto", "zh-TW") == "zh-CN");
    BOOST_TEST(choose_language("auto", "en_US.UTF-8") == "en");
    BOOST_TEST(choose_language("auto", "de_DE:en") == "en");
    BOOST_TEST(choose_language("auto", "C.UTF-8") == "zh-CN");
    BOOST_TEST(choose_language("auto", "") == "zh-CN");
    BOOST_TEST(language_option({"--lang", "en", "--bad"}) == "en");
    BOOST_TEST(language_option({"--lang=zh-CN"}) == "zh-CN");
    BOOST_TEST(language_option({"--lang"}) == "auto");
}

BOOST_AUTO_TEST_CASE(a_mistyped_name_gets_the_nearest) {
    const auto nearest = [](const std::vector<std::string>& arguments) {
        auto parsed = parse_command_line(arguments);
        BOOST_REQUIRE(std::holds_alternative<UsageError>(parsed));
        return std::get<UsageError>(parsed).nearest;
    };
    BOOST_TEST(nearest({"--ouput", "a.md"}) == "--output");
    BOOST_TEST(nearest({"--comfy-dir", "x"}) == "--comfyui-dir");
    BOOST_TEST(nearest({"explian"}) == "explain");
    BOOST_TEST(nearest({"selftest"}) == "self-test");
    BOOST_TEST(nearest({"--only", "config.keys"}) == "config.key");
    BOOST_TEST(nearest({"--format", "mardown"}) == "markdown");
    BOOST_TEST(nearest({"--zzzzzz"}).empty());
    BOOST_TEST(nearest({banana::test::made_up_key(3)}).empty());
}

BOOST_AUTO_TEST_CASE(help_is_made_of_the_table_in_every_language) {
    for (const Catalog& texts : catalogs()) {
        const std::string help = help_text(texts, 80);
        for (const OptionRow& row : option_rows()) {
            const std::string name(row.name);
            BOOST_TEST(help.find("--" + name) != std::string::npos, texts.language() << ": " << name);
            BOOST_TEST(texts.has("option." + name + ".help"), texts.language() << ": " << name);
            BOOST_TEST(texts.has("option." + name + ".value") == (row.takes != OptionRow::Takes::nothing),
                       texts.language() << ": " << name);
        }
        for (const CommandRow& row : command_rows()) {
            BOOST_TEST(texts.has("command." + std::string(row.name) + ".usage"));
            BOOST_TEST(texts.has("command." + std::string(row.name) + ".help"));
        }
        BOOST_TEST(help.find("<YOUR") == std::string::npos);
    }
}
