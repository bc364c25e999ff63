// The reports in reports/examples are generated ones; each is made again here and compared whole.
// BANANA_REGENERATE=1 in the environment writes them anew instead.
#include "support/normalise.hpp"
#include "support/process.hpp"
#include "support/temporary_folder.hpp"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <ostream>
#include <string>

using namespace banana::test;
namespace fs = std::filesystem;

namespace {

struct Example {
    const char* file;
    const char* scenario;
    const char* lang;
    int exit_code;
};

std::ostream& operator<<(std::ostream& out, const Example& example) {
    return out << example.file;
}

constexpr std::array kExamples{
    Example{"source-scenario.zh-CN.md", "config.key-placeholder", "zh-CN", 1},
    Example{"source-scenario.en.md", "config.key-placeholder", "en", 1},
    Example{"source-scenario.json", "config.key-placeholder", "zh-CN", 1},
    Example{"healthy.zh-CN.md", "healthy.v1", "zh-CN", 0},
    Example{"healthy.en.md", "healthy.v1", "en", 0},
};

std::string generate(const Example& example) {
    const TemporaryFolder folder;
    const fs::path report = folder.path() / example.file;
    ProcessOptions options;
    options.environment["TZ"] = "Asia/Shanghai";
    const ProcessResult result = run_banana(
        {"demo", example.scenario, "--lang", example.lang, "--output", report.string(), "--deadline", "120"}, options);
    BOOST_TEST(result.exit_code == example.exit_code);
    return normalise(read_file(report));
}

}  // namespace

BOOST_DATA_TEST_CASE(an_example_is_what_the_program_writes, boost::unit_test::data::make(kExamples), example) {
    const fs::path stored = fs::path(BANANA_SOURCE_DIR) / "reports" / "examples" / example.file;
    const std::string made = generate(example);
    BOOST_TEST(!made.empty());
    if (std::getenv("BANANA_REGENERATE") != nullptr) {
        fs::create_directories(stored.parent_path());
        std::ofstream(stored, std::ios::binary) << made;
        return;
    }
    BOOST_TEST(made == read_file(stored));
}
