// install.plugin and startup.log through the real program, on real trees and a real server.
#include <boost/test/unit_test.hpp>

#include "support/plugin_fixture.hpp"
#include "support/process.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

namespace banana {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;
using test::TemporaryFolder;

struct Outcome {
    int exit_code = -1;
    std::string text;
    json::object report;
};

Outcome diagnose(const TemporaryFolder& folder, std::vector<std::string> arguments, const std::string& cwd = {}) {
    arguments.insert(arguments.begin(), {"run", "--output", "-", "--format", "json", "--deadline", "20"});
    test::ProcessOptions options;
    options.environment["HOME"] = (folder.path() / "home").string();
    options.working_directory = cwd.empty() ? folder.path().string() : cwd;
    const test::ProcessResult process = test::run_banana(arguments, options);
    Outcome outcome;
    outcome.exit_code = process.exit_code;
    outcome.text = process.out;
    boost::system::error_code error;
    const json::value report = json::parse(process.out, error);
    BOOST_REQUIRE_MESSAGE(!error && report.is_object(), process.out + process.err);
    outcome.report = report.as_object();
    return outcome;
}

const json::object& check(const Outcome& outcome, std::string_view id) {
    for (const json::value& entry : outcome.report.at("checks").as_array()) {
        if (entry.at("id").as_string() == id) {
            return entry.as_object();
        }
    }
    throw std::runtime_error("no such check");
}

std::vector<std::string> codes(const Outcome& outcome, std::string_view id) {
    std::vector<std::string> found;
    for (const json::value& finding : check(outcome, id).at("findings").as_array()) {
        found.emplace_back(finding.at("code").as_string());
    }
    return found;
}

std::string text(const json::value& value) {
    return std::string(value.as_string());
}

BOOST_AUTO_TEST_CASE(each_family_is_found_from_within_its_tree) {
    struct Case {
        const char* fixture;
        const char* family;
        const char* version;
    };
    for (const Case& entry :
         {Case{"plugin_v1", "V1", "V0.02"}, Case{"plugin_v2", "V2", "V0.03"}, Case{"plugin_v3", "V3", "V0.09"}}) {
        const TemporaryFolder folder;
        const fs::path root = test::make_comfyui(folder);
        const fs::path plugin = root / "custom_nodes" / "some name";
        if (std::string_view(entry.fixture) == "plugin_v3") {
            test::write_compiled_plugin(plugin, ".so", test::kElfStart);
        } else {
            test::copy_plugin(entry.fixture, plugin);
        }
        const Outcome outcome = diagnose(folder, {"--only", "install.plugin"}, plugin.string());
        BOOST_TEST(outcome.exit_code == 0);
        const json::object& facts = check(outcome, "install.plugin").at("facts").as_object();
        BOOST_TEST(text(facts.at("family")) == entry.family);
        BOOST_TEST(text(facts.at("version")) == entry.version);
        BOOST_TEST(text(facts.at("found_by")) == "working-directory");
        BOOST_TEST(text(outcome.report.at("subject").at("plugin_family")) == entry.family);
    }
}

BOOST_AUTO_TEST_CASE(a_wrong_folder_is_a_finding) {
    const TemporaryFolder folder;
    const Outcome outcome = diagnose(folder, {"--only", "install.plugin", "--comfyui-dir", "/does/not/exist"});
    BOOST_TEST(outcome.exit_code == 1);
    BOOST_TEST(codes(outcome, "install.plugin") == std::vector<std::string>{"install.comfyui-not-found"},
               boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_plugin_that_python_could_not_load_is_the_cause_of_the_missing_route) {
    const TemporaryFolder folder;
    const fs::path root = test::make_comfyui(folder);
    test::copy_plugin("plugin_v2", root / "custom_nodes" / "p");
    test::write_bytes(root / "custom_nodes" / "p" / "task_runner.py", "import a_package_that_nobody_has\n");
    test::BackgroundProcess server(
        {"/usr/bin/python3", std::string(BANANA_SOURCE_DIR) + "/tests/servers/comfyui_with_plugins.py", root.string()});
    std::optional<std::string> line = server.read_line();
    while (line && !line->starts_with("listening ")) {
        line = server.read_line();
    }
    BOOST_REQUIRE(line.has_value());
    const Outcome outcome =
        diagnose(folder, {"--comfyui-dir", root.string(), "--comfyui-url", "http://127.0.0.1:" + line->substr(10),
                          "--only", "startup.log,route.registration"});
    BOOST_TEST(outcome.exit_code == 1);
    BOOST_TEST(codes(outcome, "startup.log") == std::vector<std::string>{"route.load-failed"},
               boost::test_tools::per_element());
    const json::object& primary = outcome.report.at("diagnosis").at("primary").as_object();
    BOOST_TEST(text(primary.at("code")) == "route.load-failed");
    // A package of that name may be anybody's: it is named, and nothing is installed by it.
    BOOST_TEST(text(primary.at("title")).find("a_package_that_nobody_has") != std::string::npos);
    BOOST_TEST(json::serialize(primary.at("fix")).find("pip install") == std::string::npos);
}

}  // namespace
}  // namespace banana
