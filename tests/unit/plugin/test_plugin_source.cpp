#include <boost/test/unit_test.hpp>

#include "plugin_source.hpp"
#include "python_statements.hpp"
#include "support/temporary_folder.hpp"

#include <algorithm>

using namespace banana;

BOOST_AUTO_TEST_SUITE(test_plugin_source)

namespace fs = std::filesystem;

namespace {

std::vector<SourceFile> fixture(std::string_view name) {
    const fs::path folder = fs::path(BANANA_SOURCE_DIR) / "tests" / "fixtures" / name;
    std::vector<SourceFile> files;
    for (const auto& entry : fs::directory_iterator(folder)) {
        if (entry.path().extension() == ".py") {
            files.push_back({entry.path().filename().string(), banana::test::read_file(entry.path())});
        }
    }
    files.push_back(
        {"web/extensions/token-balance.js", banana::test::read_file(folder / "web/extensions/token-balance.js")});
    return files;
}

// The line of the source that a landmark names.
std::string line_at(const std::vector<SourceFile>& files, const SourceLocation& where) {
    const auto file =
        std::find_if(files.begin(), files.end(), [&](const SourceFile& entry) { return entry.name == where.file; });
    BOOST_REQUIRE(file != files.end());
    std::size_t at = 0;
    for (int line = 1; line < where.line; ++line) {
        at = file->text.find('\n', at) + 1;
    }
    return file->text.substr(at, file->text.find('\n', at) - at);
}

struct Expected {
    std::string_view landmark;
    std::string_view file;
    std::string_view part;  // of the line itself
};

void check_landmarks(std::string_view name, std::initializer_list<Expected> expected) {
    const std::vector<SourceFile> files = fixture(name);
    const PluginSource source = scan_plugin_source(files);
    for (const Expected& entry : expected) {
        BOOST_TEST_CONTEXT(entry.landmark) {
            const auto found = source.landmarks.find(entry.landmark);
            BOOST_REQUIRE(found != source.landmarks.end());
            BOOST_TEST(found->second.file == entry.file);
            const std::string line = line_at(files, found->second);
            BOOST_TEST(line.find(entry.part) != std::string::npos, line);
            BOOST_TEST(line.find(found->second.text) != std::string::npos, found->second.text);
        }
    }
    BOOST_TEST(source.landmarks.size() == expected.size());
}

constexpr std::string_view kNode = "Gemini_Imagen_Generator.py";

constexpr std::string_view kScript = "web/extensions/token-balance.js";

}  // namespace

BOOST_AUTO_TEST_CASE(every_landmark_of_the_early_source_is_found) {
    check_landmarks("plugin_v1", {{"route-decorator", kNode, "@prompt_server.routes.get"},
                                  {"ensure-route-call", kNode, "BananaImageNode.ensure_balance_route()"},
                                  {"ensure-route-definition", kNode, "def ensure_balance_route"},
                                  {"retry-timer", kNode, "threading.Timer"},
                                  {"handler", kNode, "async def handle_token_usage"},
                                  {"load-config", kNode, "api_key = cls.load_config()"},
                                  {"load-config-definition", kNode, "def load_config"},
                                  {"fetch-usage", kNode, "cls.fetch_token_usage, base_url"},
                                  {"store-snapshot", kNode, "cls._store_balance_snapshot(place"},
                                  {"error-response", kNode, "return web.json_response("},
                                  {"node-key-priority", kNode, "effective_key = api_key.strip() if"},
                                  {"script-query", kScript, "async function queryBalance"},
                                  {"script-request", kScript, "async function requestBalance"},
                                  {"script-fetch", kScript, "await api.fetchApi("},
                                  {"script-error", kScript, "❌"}});
}

BOOST_AUTO_TEST_CASE(landmarks_of_a_split_source_name_their_files) {
    check_landmarks("plugin_v2", {{"route-decorator", kNode, "@instance.routes.get"},
                                  {"ensure-route-call", kNode, "BananaImageNode.ensure_balance_route()"},
                                  {"ensure-route-definition", kNode, "def ensure_balance_route"},
                                  {"retry-timer", kNode, "threading.Timer"},
                                  {"handler", kNode, "async def handle_token_usage"},
                                  {"load-config", kNode, "config_manager.effective_key(node_key)"},
                                  {"load-config-definition", "config_manager.py", "def load_config"},
                                  {"fetch-usage", "balance_service.py", "self.client.fetch_token_usage"},
                                  {"store-snapshot", "balance_service.py", "def _store_balance_snapshot"},
                                  {"error-response", kNode, "\"message\": str(error)"},
                                  {"node-key-priority", kNode, "effective_key = api_key.strip() or"},
                                  {"script-query", kScript, "queryBalance"},
                                  {"script-request", kScript, "requestBalance"},
                                  {"script-fetch", kScript, "fetchApi"},
                                  {"script-error", kScript, "❌"}});
}

// The embedded world's families, whose reports cite these lines.
BOOST_AUTO_TEST_CASE(landmarks_of_the_families_show_what_they_claim) {
    struct Family {
        std::string_view name;
        std::string_view key_file, key_line;  // where the key is read
        std::string_view failure_line;
    };
    for (const Family& family : {Family{"v1_report", kNode, "cls.load_config()", "\"message\": str(failure)"},
                                 Family{"v1_late", kNode, "cls.load_config()", "\"message\": str(failure)"},
                                 Family{"v2", kNode, "config_manager.load_config()", "\"message\": str(failure)"},
                                 Family{"fork_with_route", kNode, "get_api_key()", "\"message\": str(failure)"}}) {
        BOOST_TEST_CONTEXT(family.name) {
            const std::vector<SourceFile> files = fixture("families/" + std::string(family.name));
            const PluginSource source = scan_plugin_source(files);
            const auto check = [&](std::string_view landmark, std::string_view file, std::string_view part) {
                BOOST_REQUIRE_MESSAGE(source.landmarks.contains(landmark), landmark);
                const SourceLocation& where = source.landmarks.find(landmark)->second;
                BOOST_TEST(where.file == file);
                const std::string line = line_at(files, where);
                BOOST_TEST(line.find(part) != std::string::npos, landmark << ": " << line);
            };
            check("route-decorator", kNode, "@prompt_server.routes.get");
            check("handler", kNode, "async def handle_token_usage");
            check("load-config", family.key_file, family.key_line);
            check("error-response", kNode, family.failure_line);
            check("script-query", kScript, "async function queryBalance");
            check("script-fetch", kScript, "await api.fetchApi(");
            check("script-error", kScript, "❌");
        }
    }
}

BOOST_AUTO_TEST_CASE(landmarks_follow_when_the_source_is_shifted) {
    for (const std::string_view name : {"plugin_v1", "plugin_v2"}) {
        std::vector<SourceFile> files = fixture(name);
        const PluginSource before = scan_plugin_source(files);
        for (SourceFile& file : files) {
            const bool script = file.name.ends_with(".js");
            const std::string_view line = script ? "// one more line\n" : "# one more line\n";
            std::string added;
            for (int count = 0; count < 7; ++count) {
                added += line;
            }
            file.text.insert(0, added);
        }
        const PluginSource after = scan_plugin_source(files);
        BOOST_REQUIRE_EQUAL(after.landmarks.size(), before.landmarks.size());
        for (const auto& [landmark, where] : before.landmarks) {
            BOOST_TEST(after.landmarks.at(landmark).line == where.line + 7, landmark);
            BOOST_TEST(after.landmarks.at(landmark).text == where.text);
        }
    }
}

BOOST_AUTO_TEST_CASE(line_ends_do_not_move_landmarks) {
    std::vector<SourceFile> files = fixture("plugin_v1");
    const PluginSource before = scan_plugin_source(files);
    for (SourceFile& file : files) {
        std::string crlf;
        for (const char c : file.text) {
            crlf += c == '\n' ? "\r\n" : std::string(1, c);
        }
        file.text = std::move(crlf);
    }
    const PluginSource after = scan_plugin_source(files);
    BOOST_REQUIRE_EQUAL(after.landmarks.size(), before.landmarks.size());
    for (const auto& [landmark, where] : before.landmarks) {
        BOOST_TEST(after.landmarks.at(landmark).line == where.line);
    }
}

BOOST_AUTO_TEST_CASE(the_report_lines_of_comments_and_strings_are_no_landmarks) {
    const std::vector<SourceFile> files{{"Gemini_Imagen_Generator.py",
                                         "\"\"\"Calls BananaImageNode.ensure_balance_route()\n"
                                         "@routes.get(\"/banana/token_usage\") in text.\n\"\"\"\n"
                                         "# BananaImageNode.ensure_balance_route()\n"
                                         "text = 'BananaImageNode.ensure_balance_route()'\n"
                                         "BananaImageNode.ensure_balance_route()\n"},
                                        {"web/extensions/token-balance.js",
                                         "// function queryBalance() {\n/* async function requestBalance() {\n */\n"
                                         "const u = 'https://x'; function queryBalance(n) {\n  show(`❌`);\n}\n"}};
    const PluginSource source = scan_plugin_source(files);
    BOOST_TEST(source.landmarks.at("ensure-route-call").line == 6);
    BOOST_TEST(source.landmarks.count("route-decorator") == 0U);
    BOOST_TEST(source.landmarks.at("script-query").line == 4);
    BOOST_TEST(source.landmarks.at("script-error").line == 5);
    BOOST_TEST(source.landmarks.count("script-request") == 0U);
}

BOOST_AUTO_TEST_CASE(a_route_by_constant_and_by_add_get_is_found) {
    const std::vector<SourceFile> files{{"routes.py",
                                         "PATH = \"/banana/token_usage\"\n"
                                         "async def answer(request):\n"
                                         "    key = request.query['api_key']\n"
                                         "    return web.json_response({'success': False})\n"
                                         "app.router.add_get(\n    PATH,\n    answer)\n"}};
    const PluginSource source = scan_plugin_source(files);
    BOOST_TEST(source.landmarks.at("route-decorator").line == 5);
    BOOST_TEST(source.landmarks.at("handler").line == 2);
    BOOST_TEST(source.landmarks.at("error-response").line == 4);
    BOOST_REQUIRE(source.route_parameters.has_value());
    BOOST_TEST(*source.route_parameters == std::vector<std::string>{"api_key"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_source_that_reads_another_file) {
    const auto reads_other = [](const std::string& name) {
        const std::vector<SourceFile> files{{"config_manager.py", "FILE = os.path.join(HERE, \"" + name +
                                                                      "\")\n"
                                                                      "parser = configparser.ConfigParser()\n"
                                                                      "parser.read(FILE)\n"
                                                                      "key = parser.get(\"gemini\", \"api_key\")\n"}};
        const PluginSource source = scan_plugin_source(files);
        BOOST_TEST(source.reads_other_file == source.reads_other_option);
        return source.reads_other_file;
    };
    BOOST_TEST(reads_other("settings.ini"));
    BOOST_TEST(reads_other("user.cfg"));
    BOOST_TEST(!reads_other("config.ini"));
    BOOST_TEST(!reads_other("banana_gemini_test.local.ini"));
    BOOST_TEST(!reads_other(".ini"));
    BOOST_TEST(reads_other("config.json"));
    BOOST_TEST(reads_other(".env"));
    BOOST_TEST(reads_other("~/.config/banana/config.ini"));
    BOOST_TEST(reads_other("/etc/banana/config.ini"));
}

BOOST_AUTO_TEST_CASE(a_source_that_parses_by_rules_of_its_own) {
    const auto parses_otherwise = [](const std::string& parser, const std::string& read) {
        const std::vector<SourceFile> files{{"config_manager.py", "FILE = \"config.ini\"\nparser = " + parser + "\n" +
                                                                      read +
                                                                      "\nkey = parser.get(\"gemini\", \"api_key\")\n"}};
        return scan_plugin_source(files).parses_otherwise;
    };
    const std::string maker = "configparser.ConfigParser()";
    const std::string reading = "parser.read(FILE, encoding=\"utf-8\")";
    BOOST_TEST(!parses_otherwise(maker, reading));
    BOOST_TEST(!parses_otherwise(maker, "other = open(x, encoding=\"utf-8\")"));
    BOOST_TEST(parses_otherwise(maker, "parser.read(FILE, encoding=\"utf-8-sig\")"));
    BOOST_TEST(parses_otherwise(maker, "parser.read_file(open(FILE, encoding='GBK'))"));
    BOOST_TEST(parses_otherwise("configparser.ConfigParser(strict=False)", reading));
    BOOST_TEST(parses_otherwise("ConfigParser( inline_comment_prefixes=('#',))", reading));
    BOOST_TEST(parses_otherwise("configparser.RawConfigParser()", reading));
}

BOOST_AUTO_TEST_CASE(what_the_early_source_says) {
    const PluginSource source = scan_plugin_source(fixture("plugin_v1"));
    BOOST_TEST(source.version == "V0.02");
    BOOST_TEST(source.default_base_url == "https://xinbaoapi.feng1994.xin");
    BOOST_TEST(source.knows_sample_spellings.value() == false);
    BOOST_TEST(source.defines_node);
    BOOST_TEST(source.names_route);
    BOOST_TEST(source.route_parameters.value() == std::vector<std::string>{"base_url"},
               boost::test_tools::per_element());
    BOOST_TEST(source.required_modules == std::vector<std::string>{"logger"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(what_the_split_source_says) {
    const PluginSource source = scan_plugin_source(fixture("plugin_v2"));
    BOOST_TEST(source.version == "V0.03");
    BOOST_TEST(source.default_base_url == "https://api.aabao.top");
    BOOST_TEST(source.knows_sample_spellings.value() == true);
    const std::vector<std::string> parameters{"api_key", "bypass_proxy", "disable_ssl_verify"};
    BOOST_TEST(source.route_parameters.value() == parameters, boost::test_tools::per_element());
    const std::vector<std::string> modules{"api_client",  "balance_service", "config_manager",
                                           "image_codec", "logger",          "task_runner"};
    BOOST_TEST(source.required_modules == modules, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(first_version_line_of_a_pyproject) {
    BOOST_TEST(pyproject_version("[project]\nname = \"x\"\nversion = \"0.1.4\"\nversion = \"9\"\n") == "0.1.4");
    BOOST_TEST(pyproject_version("[project]\r\nversion='0.2'\r\n") == "0.2");
    BOOST_TEST(pyproject_version("requires-version = \"3\"\n") == "");
    BOOST_TEST(pyproject_version("") == "");
}

BOOST_AUTO_TEST_CASE(broken_source_still_gives_what_can_be_told) {
    const std::vector<PythonStatement> statements =
        python_statements("def f(\n  a,\n  b):\n\treturn ')'\nx = [\n'never closed\ny = 1\n");
    BOOST_REQUIRE_GE(statements.size(), 3U);
    BOOST_TEST(statements[0].name == "f");
    BOOST_TEST(statements[1].line == 4);
    BOOST_TEST(statements[1].parent == 0);
    BOOST_TEST(statements[2].line == 5);
    std::string open = "x = (";
    for (int count = 0; count < 2000; ++count) {
        open += "\n1,";
    }
    open += "\ndef g():\n";
    const std::vector<PythonStatement> bounded = python_statements(open);
    BOOST_TEST(bounded.back().line > 400);
}

BOOST_AUTO_TEST_SUITE_END()
