// When the checks are over, no part of the key is left in the program's memory, neither in what is in use nor in what
// was given back.
#include "support/hostile_server.hpp"
#include "support/process.hpp"
#include "support/sanitized.hpp"
#include "support/temporary_folder.hpp"

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <csignal>
#include <cstdint>
#include <fstream>
#include <limits>
#include <memory>
#include <sstream>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace {

using namespace banana::test;

boost::test_tools::assertion_result frees_as_it_is_shipped(boost::unit_test::test_unit_id) {
    boost::test_tools::assertion_result answer(!kSanitized);
    answer.message() << "sanitizers keep what is given back, and clang 14 does not say its size";
#ifdef __clang__
    answer = false;
#endif
    return answer;
}

// The names of the mappings in which twelve characters in a row of the secret stand. Each run of fifteen holds one of
// the parts that are looked for.
std::vector<std::string> places_of(std::string_view secret, int pid) {
    constexpr std::size_t kPart = 12;
    constexpr std::size_t kStep = 4;
    const std::string process = "/proc/" + std::to_string(pid);
    std::ifstream maps(process + "/maps");
    std::ifstream memory(process + "/mem", std::ios::binary);
    BOOST_REQUIRE(memory.is_open());
    std::vector<std::string> places;
    std::size_t read = 0;
    for (std::string line; std::getline(maps, line);) {
        std::uint64_t begin = 0;
        std::uint64_t end = 0;
        char dash = 0;
        std::string rights;
        std::istringstream(line) >> std::hex >> begin >> dash >> end >> rights;
        if (!rights.starts_with("rw")) {
            continue;  // nothing was written there
        }
        std::string content(end - begin, '\0');
        memory.clear();
        memory.seekg(static_cast<std::streamoff>(begin));
        memory.read(content.data(), static_cast<std::streamsize>(content.size()));
        read += static_cast<std::size_t>(memory.gcount());
        for (std::size_t at = 0; at + kPart <= secret.size(); at += kStep) {
            if (content.find(secret.substr(at, kPart)) != std::string::npos) {
                places.push_back(line);
                break;
            }
        }
    }
    BOOST_TEST(read > 100'000U);
    return places;
}

// Waits until the process waits for something, here for the pipe to be read: its state (proc(5)) is S.
bool sleeps(int pid) {
    constexpr int kAttempts = 3'000;
    for (int attempt = 0; attempt < kAttempts; ++attempt) {
        std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
        std::string state;
        file.ignore(std::numeric_limits<std::streamsize>::max(), ')') >> state;
        if (state == "S") {
            return true;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return false;
}

struct Machine {
    Machine() {
        plugin = install_plugin(folder, "ComfyUI", "comfyui-banana-gemini", key);
        server.start();
    }

    // So many reports (some 9 kB each) that neither the pipe nor what was read of it takes them, 64 kB each: the
    // program stands still once the checks are over.
    [[nodiscard]] std::unique_ptr<BackgroundProcess> start(std::vector<std::string> more = {},
                                                           const std::string& input = {}) const {
        std::vector<std::string> command{
            BANANA_BINARY,   "run",        "-q",         "--comfyui-dir", (folder.path() / "ComfyUI").string(),
            "--comfyui-url", server.url(), "--base-url", server.url(),    "--format",
            "html"};
        command.insert(command.end(), more.begin(), more.end());
        constexpr int kReports = 40;
        for (int count = 0; count < kReports; ++count) {
            command.insert(command.end(), {"--output", "-"});
        }
        ProcessOptions options;
        options.input = input;
        return std::make_unique<BackgroundProcess>(command, options);
    }

    void expect_nothing_left(const std::string& what, std::vector<std::string> more = {},
                             const std::string& input = {}) const {
        const std::vector<std::string> places = places_after_run(std::move(more), input);
        BOOST_TEST(places.empty(), what << (places.empty() ? std::string() : ": " + places.front()));
    }

    [[nodiscard]] std::vector<std::string> places_after_run(std::vector<std::string> more = {},
                                                            const std::string& input = {}) const {
        const auto process = start(std::move(more), input);
        BOOST_REQUIRE(process->read_line().has_value());
        BOOST_REQUIRE(sleeps(process->pid()));
        std::vector<std::string> places = places_of(secret(), process->pid());
        process->signal(SIGKILL);  // it would go on with its reports first
        process->wait();
        return places;
    }

    void configure(const std::string& text) const { folder.write(plugin / "config.ini", text); }
    [[nodiscard]] std::string_view secret() const { return std::string_view(key).substr(3); }

    std::string key = made_up_key(91);
    TemporaryFolder folder;
    HostileServer server;
    std::filesystem::path plugin;
};

std::string repeated(std::string_view text, int times) {
    std::string all;
    for (int count = 0; count < times; ++count) {
        all += text;
    }
    return all;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(memory, *boost::unit_test::precondition(frees_as_it_is_shipped))

// Or the rest would prove nothing.
BOOST_FIXTURE_TEST_CASE(while_the_key_is_in_use_it_is_found, Machine) {
    server.answer("usage_token", "#! hang\n");
    const auto process = start();
    BOOST_REQUIRE(server.wait_until_asked());
    BOOST_TEST(!places_of(secret(), process->pid()).empty());
    process->signal(SIGKILL);
    process->wait();
}

BOOST_FIXTURE_TEST_CASE(a_configured_key, Machine) {
    expect_nothing_left("as shipped");
    configure(repeated("; c\n", 100) + "[gemini]\napi_key = " + key + "\n");
    expect_nothing_left("short comments");
    configure(repeated("; some comment line\n", 5'000) + "[gemini]\napi_key = " + key + "\n");
    expect_nothing_left("a large file");
    configure("[gemini]\napi_key = \"" + key + "\"\n");
    expect_nothing_left("quoted");
    configure("[gemini]\r\nbalance_cost_factor = 0.6\r\napi_key：" + key + "\r\n");
    expect_nothing_left("a syntax error in the line");
    configure("[gemini]\napi_key = Bearer " + key + "  # mine\n");
    expect_nothing_left("malformed");
}

BOOST_FIXTURE_TEST_CASE(a_given_key, Machine) {
    configure("[gemini]\napi_key = your-api-key-here\n");
    const std::string file = folder.write("key.txt", key + "\n").string();
    expect_nothing_left("from a file", {"--api-key-file", file});
    expect_nothing_left("from standard input", {"--api-key-file", "-"}, key + "\n");
}

// The key comes back in the answers and the log, as some gateways and a parser's messages have it. Boost.JSON parses
// with a buffer on the stack, which is out of reach.
BOOST_FIXTURE_TEST_CASE(an_echoed_key, Machine) {
    server.answer("usage_token", json_answer(R"({"success":false,"message":"bad key )" + key + R"("})", 401));
    server.answer("banana_token_usage", json_answer(R"({"success":false,"message":"'Bearer )" + key + R"('"})", 400));
    server.answer("internal_logs_raw",
                  json_answer(R"({"entries":[{"t":"","m":"读取配置文件失败: ')" + key + R"('\n"}]})"));
    std::vector<std::string> places = places_after_run();
    std::erase_if(places, [](const std::string& place) { return place.ends_with("[stack]"); });
    BOOST_TEST(places.empty(), (places.empty() ? std::string() : places.front()));
}

BOOST_AUTO_TEST_SUITE_END()
