// No output of any scenario, in any format and language, and of no failure, holds eight characters in a row of a key.
#include "catalog.hpp"
#include "html.hpp"
#include "json.hpp"
#include "markdown.hpp"
#include "metrics.hpp"
#include "scenario.hpp"
#include "self_test.hpp"
#include "support/hostile_server.hpp"
#include "support/leak_search.hpp"
#include "support/live_comfyui.hpp"
#include "support/process.hpp"
#include "support/temporary_folder.hpp"
#include "terminal.hpp"
#include "world.hpp"

#include <boost/algorithm/string/replace.hpp>
#include <boost/test/unit_test.hpp>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <filesystem>
#include <iterator>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace banana;
using namespace banana::test;
namespace fs = std::filesystem;

// More at once than there are processors: scenarios mostly wait.
constexpr unsigned kAtOnce = 4;

std::vector<LeakSearch> searches_for_demo_keys() {
    std::vector<LeakSearch> searches;
    for (const unsigned number : {0U, 1U}) {
        searches.emplace_back(world::demo_key(number).reveal());
    }
    return searches;
}

// Collects what was examined and what leaked; used from several threads.
class Examination {
public:
    explicit Examination(std::vector<LeakSearch> searches) : searches_(std::move(searches)) {}

    void look_at(const std::string& what, std::string_view text) {
        for (const LeakSearch& search : searches_) {
            const std::optional<std::string> form = search.first_in(text);
            const std::lock_guard lock(mutex_);
            ++cases_;
            if (form) {
                leaks_.push_back(what + ": " + *form);
            }
        }
    }

    void look_at(const std::string& what, const ProcessResult& result) {
        look_at(what + ", standard output", result.out);
        look_at(what + ", standard error", result.err);
    }

    // Every file below, and its name.
    void look_into(const std::string& what, const fs::path& folder) {
        for (const auto& entry : fs::recursive_directory_iterator(folder)) {
            look_at(what + ", a file's name", entry.path().filename().string());
            if (entry.is_regular_file()) {
                look_at(what + ", " + entry.path().filename().string(), read_file(entry.path()));
            }
        }
    }

    // Boost.Test is asked from one thread only.
    void conclude(std::size_t least) const {
        for (const std::string& leak : leaks_) {
            BOOST_ERROR(leak);
        }
        BOOST_TEST_MESSAGE(cases_ << " texts searched");
        BOOST_TEST(cases_ >= least);
    }

private:
    std::vector<LeakSearch> searches_;
    std::mutex mutex_;
    std::size_t cases_ = 0;
    std::vector<std::string> leaks_;
};

struct Place {
    Place() {
        fs::create_directory(work);
        fs::create_directory(temporary);
        options.working_directory = work.string();
        options.environment = {{"HOME", work.string()}, {"TMPDIR", temporary.string()}};
    }
    TemporaryFolder folder;
    fs::path work = folder.path() / "work";
    fs::path temporary = folder.path() / "tmp";
    ProcessOptions options;
};

void examine_rendered(Examination& all, const std::string& what, const fs::path& json, std::string_view lang) {
    auto read = read_json(read_file(json));
    if (!std::holds_alternative<Report>(read)) {
        all.look_at(what, std::string_view());
        return;
    }
    Report report = std::get<Report>(std::move(read));
    report.lang = std::string(lang);
    all.look_at(what + ", markdown", write_markdown(report));
    all.look_at(what + ", json", write_json(report));
    all.look_at(what + ", html", write_html(report));
    all.look_at(what + ", metrics", write_metrics(report));
    TerminalStyle style;
    style.detail = TerminalStyle::Detail::verbose;
    std::string terminal;
    for (const CheckResult& check : report.checks) {
        terminal += check_line(check, catalog(lang), style);
    }
    all.look_at(what + ", terminal", terminal + verdict_text(report, {}, catalog(lang), style));
}

std::size_t entries_of(const fs::path& folder) {
    const fs::directory_iterator all(folder);
    return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

void examine_scenario(Examination& all, const std::string& name) {
    const Place place;
    const ProcessResult result = run_banana({"demo", name, "-v", "--lang", "zh-CN", "--output", "r.md", "--output",
                                             "r.json", "--output", "r.html", "--output", "r.prom"},
                                            place.options);
    all.look_at(name, result);
    all.look_into(name, place.folder.path());
    for (const char* file : {"r.md", "r.json", "r.html", "r.prom"}) {
        if (!fs::exists(place.work / file)) {
            throw std::runtime_error(name + " wrote no " + file);
        }
    }
    examine_rendered(all, name + " in English", place.work / "r.json", "en");
    if (entries_of(place.work) != 4) {
        throw std::runtime_error(name + " wrote more than its reports");
    }
    if (!fs::is_empty(place.temporary)) {
        throw std::runtime_error(name + " left a temporary file");
    }
}

}  // namespace

// The search must find every form, or the rest proves nothing.
BOOST_AUTO_TEST_CASE(the_search_finds_every_form) {
    const std::string key = made_up_key(51);
    const LeakSearch search(key);
    for (const std::string& form : echoed_forms(key)) {
        BOOST_TEST(search.found_in("before " + form + " behind"));
    }
    for (std::size_t at = 3; at + 8 <= key.size(); ++at) {
        BOOST_TEST(search.found_in("x" + key.substr(at, 8) + "y"));
    }
    BOOST_TEST(!search.found_in(key.substr(0, 6) + "…" + key.substr(key.size() - 4)));
    for (const std::string& form : echoed_forms(made_up_key(52))) {
        BOOST_TEST(!search.found_in(form));
    }
}

BOOST_AUTO_TEST_CASE(no_scenario_in_any_format_and_language) {
    Examination all(searches_for_demo_keys());
    const std::vector<world::Scenario>& scenarios = world::all_scenarios();
    std::atomic<std::size_t> next{0};
    std::mutex mutex;
    std::vector<std::string> failures;
    std::vector<std::thread> workers;
    for (unsigned worker = 0; worker < kAtOnce; ++worker) {
        workers.emplace_back([&] {
            for (std::size_t index = next++; index < scenarios.size(); index = next++) {
                try {
                    examine_scenario(all, std::string(scenarios[index].name));
                } catch (const std::exception& failure) {
                    const std::lock_guard lock(mutex);
                    failures.emplace_back(failure.what());
                }
            }
        });
    }
    for (std::thread& worker : workers) {
        worker.join();
    }
    for (const std::string& failure : failures) {
        BOOST_ERROR(failure);
    }
    all.conclude(scenarios.size() * 2 * 15);
}

// Nothing marks these keys: neither "sk-" nor, where they stand, always a name. What reports make of every world with
// them, in both languages and all formats, and the JSON read back.
BOOST_AUTO_TEST_CASE(no_scenario_whose_keys_have_no_mark) {
    Examination all(searches_for_demo_keys());
    const std::vector<world::Scenario>& scenarios = world::all_scenarios();
    std::atomic<std::size_t> next{0};
    std::vector<std::thread> workers;
    for (unsigned worker = 0; worker < kAtOnce; ++worker) {
        workers.emplace_back([&] {
            for (std::size_t index = next++; index < scenarios.size(); index = next++) {
                world::WorldFaults faults = world::faults_of(scenarios[index]);
                faults.bare_keys = true;
                const world::World world(faults);
                Report report = diagnose_world(world, "zh-CN");
                for (const char* lang : {"zh-CN", "en"}) {
                    report.lang = lang;
                    const std::string name = std::string(scenarios[index].name) + " in " + lang;
                    all.look_at(name, write_markdown(report));
                    all.look_at(name, write_html(report));
                    all.look_at(name, write_json(report));
                    all.look_at(name, write_metrics(report));
                    all.look_at(name, verdict_text(report, {}, catalog(lang), TerminalStyle()));
                }
            }
        });
    }
    for (std::thread& worker : workers) {
        worker.join();
    }
    all.conclude(scenarios.size() * 2 * 10);
}

std::string filled(std::string text, const std::string& form) {
    for (std::size_t at = text.find('^'); at != std::string::npos; at = text.find('^', at + form.size())) {
        text.replace(at, 1, form);
    }
    return text;
}

// A form may hold line ends, which no JSON text and no header can.
std::string in_json(std::string form) {
    boost::algorithm::replace_all(form, "\r", "\\r");
    boost::algorithm::replace_all(form, "\n", "\\n");
    return form;
}

std::string in_one_line(std::string form) {
    std::replace_if(
        form.begin(), form.end(), [](char c) { return c == '\r' || c == '\n'; }, ' ');
    return form;
}

// Both sides repeat the key in everything they say, in each of its forms.
void examine_echoes(const std::string& key, unsigned share) {
    Examination all({LeakSearch(key)});
    std::vector<std::string> forms{"@KEY@", "@AUTH@", "@PERCENT@", "@BASE64@"};
    std::vector<std::string> echoed = echoed_forms(key);
    std::move(echoed.begin(), echoed.end(), std::back_inserter(forms));
    struct Echo {
        const char* what;
        int status;
        const char* type;
        const char* body;
        const char* headers;
    };
    const std::vector<Echo> upstream{
        {"api error", 401, "application/json", R"({"success":false,"message":"bad key ^ for you"})", ""},
        {"gateway error", 401, "application/json", R"({"error":{"message":"无效的令牌 ^","type":"^"}})", ""},
        {"page", 403, "text/html", "<html><head><title>denied ^</title></head><body>^</body></html>", ""},
        {"redirect", 302, "text/html", "^", "Location: https://127.0.0.2/login?key=^&next=/^\r\n"},
        {"redirect within", 301, "text/html", "", "Location: /api/usage/token/^\r\n"},
        {"headers", 500, "text/plain", "^",
         "Server: nginx ^\r\nX-Oneapi-Request-Id: ^\r\nVia: ^\r\nSet-Cookie: a=^\r\n"},
        {"figures", 200, "application/json",
         R"({"code":true,"data":{"expires_at":"^","name":"^","total_available":"^","total_granted":"^"},"message":"^"})",
         ""},
        {"not json", 200, "text/plain", "^", ""},
        {"odd member", 200, "application/json", R"({"^":{"^":"^"}})", ""}};
    const std::vector<Echo> plugin{
        {"message", 400, "application/json", R"({"success":false,"message":"Invalid leading whitespace: 'Bearer ^'"})",
         ""},
        {"summary", 200, "application/json",
         R"({"success":true,"data":{"total_available":1,"total_granted":2,"total_used":1,"unlimited_quota":false},"raw":"^","summary":"🔑 ^\n^\n^"})",
         ""},
        {"error page", 500, "text/html", "<title>500 ^</title><pre>Traceback ^</pre>", "Server: ^\r\n"},
        {"redirect", 302, "text/html", "", "Location: /login?k=^\r\n"}};
    const auto octets = [](const Echo& echo, const std::string& form) {
        const bool json = std::string_view(echo.type) == "application/json";
        return http_answer(echo.status, echo.type, filled(echo.body, json ? in_json(form) : form),
                           filled(echo.headers, in_one_line(form)));
    };
    HostileServer server;
    server.start();
    const Place place;
    install_plugin(place.folder, "ComfyUI", "comfyui-banana-gemini", key);
    std::size_t count = 0;
    // Each key meets a half of the forms.
    for (std::size_t turn = share; turn < forms.size(); turn += 2) {
        const std::string& form = forms[turn];
        const std::string fields = R"({"system":{"os":"posix","comfyui_version":"0.3 ^","python_version":"^",)"
                                   R"("argv":["main.py","--key","^"]},"devices":[]})";
        server.answer("system_stats", octets({"", 200, "application/json", fields.c_str(), "Server: ^\r\n"}, form));
        const std::string log = filled(
            R"({"entries":[{"t":"2025-11-12T16:49:00","m":"读取配置文件失败: Source contains parsing errors: 'api_key：^'\n"},)"
            R"({"t":"2025-11-12T16:49:01","m":"[ERROR] 余额查询失败，错误摘要: ^\n"}]})",
            in_json(form));
        server.answer("internal_logs_raw", json_answer(log));
        // A third of the answers for each form, so that each form meets others than its neighbours do.
        for (std::size_t index = turn % 3; index < upstream.size(); index += 3) {
            server.answer("usage_token", octets(upstream[index], form));
            server.answer("banana_token_usage", octets(plugin[index % plugin.size()], form));
            const std::string number = std::to_string(++count);
            const ProcessResult result = run_banana({"run",           "-v",
                                                     "--comfyui-dir", (place.folder.path() / "ComfyUI").string(),
                                                     "--comfyui-url", server.url(),
                                                     "--base-url",    server.url(),
                                                     "--lang",        index % 2 == 0 ? "zh-CN" : "en",
                                                     "--timeout",     "3",
                                                     "--output",      number + ".md",
                                                     "--output",      number + ".json",
                                                     "--output",      number + ".html",
                                                     "--output",      number + ".prom"},
                                                    place.options);
            BOOST_TEST((result.exit_code == 0 || result.exit_code == 1 || result.exit_code == 3));
            const std::string what = std::string(upstream[index].what) + " with " + form.substr(0, 9);
            all.look_at(what, result);
        }
    }
    all.look_into("echoes", place.work);
    BOOST_TEST(fs::is_empty(place.temporary));
    BOOST_TEST(entries_of(place.work) == count * 4);  // the reports and nothing else
    all.conclude(count * 2);
}

BOOST_AUTO_TEST_CASE(no_echo_of_the_upstream_or_the_plugin) {
    examine_echoes(made_up_key(53), 0);
    // Nothing about this one gives it away but that it is in config.ini.
    examine_echoes(made_up_key(56).substr(3, 44), 1);
}

void examine_failures(const std::string& key) {
    std::vector<LeakSearch> searches = searches_for_demo_keys();
    searches.emplace_back(key);
    Examination all(std::move(searches));
    const Place place;
    const auto run = [&](const std::string& what, std::vector<std::string> arguments, int expected) {
        const ProcessResult result = run_banana(std::move(arguments), place.options);
        BOOST_TEST_CONTEXT(what << result.err) {
            BOOST_TEST(result.exit_code == expected);
        }
        all.look_at(what, result);
    };
    run("unwritable output", {"demo", "--output", "no/such/folder.json"}, 1);
    run("full disk", {"demo", "--format", "json", "--output", "/dev/full"}, 1);
    run("key as an output folder", {"demo", "--only", "config", "--output", key + "/r.md"}, 1);
    for (const std::string& option :
         {"--" + key, key, "--output=" + key + "=", "--timeout=" + key, "--lang=" + key, "--only=" + key, "-k" + key,
          "--api-key=" + key, "--color=" + key, "--format=" + key}) {
        ProcessResult result = run_banana({option, "--deadline", "x"}, place.options);
        BOOST_TEST(result.exit_code == 2);
        all.look_at("option " + option.substr(0, 5), result);
    }
    for (const std::vector<std::string>& arguments :
         std::vector<std::vector<std::string>>{{"demo", key},
                                               {"explain", key},
                                               {"self-test", key},
                                               {"render", key},
                                               {"redact", key},
                                               {"run", "--api-key-file", key}}) {
        run("argument of " + arguments[0], arguments, 2);
    }
    // A key file that is a folder, too long, or holds two lines.
    const fs::path bad = place.folder.write("bad.txt", key + "\n" + key + "\n");
    const fs::path long_one = place.folder.write("long.txt", key + std::string(70'000, 'x'));
    for (const std::string& file : {place.work.string(), bad.string(), long_one.string()}) {
        all.look_at("key file", run_banana({"run", "--api-key-file", file, "--only", "config"}, place.options));
    }
    // A report that somebody edited.
    place.folder.write("edited.json", "{\"schema\": 1, \"tool\": {\"name\": \"" + key + "\"}, \"" + key + "\": 1}");
    run("edited report", {"render", (place.folder.path() / "edited.json").string()}, 2);
    for (const char* file : {"bad.txt", "long.txt", "edited.json"}) {
        fs::remove(place.folder.path() / file);
    }
    all.look_into("failures", place.folder.path());
    all.conclude(100);
}

BOOST_AUTO_TEST_CASE(no_failure_path) {
    examine_failures(made_up_key(54));
    examine_failures(made_up_key(57).substr(3, 44));
}

// A report that somebody edited is accepted with a key in any of its members.
BOOST_AUTO_TEST_CASE(no_rendered_report) {
    const std::string key = made_up_key(58);
    const std::string bare = made_up_key(59).substr(3, 44);
    Examination all({LeakSearch(key), LeakSearch(bare)});
    Place place;
    place.options.environment["BANANA_API_KEY"] = bare;
    run_banana({"demo", "config.key-malformed", "--output", "r.json"}, place.options);
    const std::string text = read_file(place.work / "r.json");
    BOOST_REQUIRE(!text.empty());
    std::size_t rendered = 0;
    std::size_t place_number = 0;
    // Behind the opening quote of each text that is a value.
    for (std::size_t at = text.find(": \""); at != std::string::npos; at = text.find(": \"", at + 1)) {
        // All members of the subject, and a part of those that repeat themselves in the checks.
        constexpr std::size_t kAll = 20;
        if (++place_number > kAll && place_number % 5 != 0) {
            continue;
        }
        std::string edited = text;
        edited.insert(at + 3, "x " + (place_number % 2 == 0 ? key : bare) + " ");
        place.folder.write("work/in.json", edited);
        const ProcessResult result = run_banana(
            {"render", "in.json", "--output", "o.md", "--output", "o.html", "--output", "o.json", "--output", "o.prom"},
            place.options);
        all.look_at("render", result);
        if (result.exit_code == 2) {
            continue;  // a member that holds one of a few words only
        }
        ++rendered;
        for (const char* file : {"o.md", "o.html", "o.json", "o.prom"}) {
            all.look_at(std::string("rendered ") + file, read_file(place.work / file));
        }
    }
    BOOST_TEST(rendered > 20U);
    all.conclude(rendered * 12);
}

// The password of a proxy that repeats it, and of one that no URL can hold.
BOOST_AUTO_TEST_CASE(no_proxy_password) {
    const std::string password = made_up_key(60).substr(3, 20);
    Examination all({LeakSearch(password)});
    HostileServer server;
    server.answer("usage_token", http_answer(407, "text/plain", password));
    server.start();
    const Place place;
    install_plugin(place.folder, "ComfyUI", "comfyui-banana-gemini", made_up_key(61));
    const std::string host = server.url().substr(7);
    std::size_t count = 0;
    for (const std::string& proxy : {"http://bob:" + password + "@" + host, "http://bob:a/" + password + "@" + host,
                                     "http://bob:a#" + password + "@" + host, "http://" + password + "@" + host,
                                     "http://" + password + ":@" + host, "http\uFF1A//bob:" + password + "@" + host,
                                     "gopher://bob:" + password + "@" + host}) {
        const std::string number = std::to_string(++count);
        all.look_at("proxy",
                    run_banana({"run", "-v", "--comfyui-dir", (place.folder.path() / "ComfyUI").string(),
                                "--comfyui-url", server.url(), "--base-url", "http://127.0.0.1:9", "--proxy", proxy,
                                "--timeout", "3", "--output", number + ".md", "--output", number + ".json"},
                               place.options));
    }
    all.look_into("proxy", place.work);
    all.conclude(count * 4);
}

// Accepts connections and never answers.
class SilentListener {
public:
    SilentListener() : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        auto* any = reinterpret_cast<sockaddr*>(&address);
        if (::bind(socket_, any, size) != 0 || ::listen(socket_, 16) != 0 || ::getsockname(socket_, any, &size) != 0) {
            throw std::runtime_error("no port to listen at");
        }
        port_ = ntohs(address.sin_port);
    }
    ~SilentListener() { ::close(socket_); }
    SilentListener(const SilentListener&) = delete;
    SilentListener& operator=(const SilentListener&) = delete;
    [[nodiscard]] std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
    [[nodiscard]] bool wait_for_client() const {
        constexpr int kLimit = 120'000;  // ms
        pollfd file{socket_, POLLIN, 0};
        return ::poll(&file, 1, kLimit) == 1;
    }

private:
    int socket_;
    int port_ = 0;
};

// A token without any mark of one, which the server repeats in its refusal, in three kinds of header.
BOOST_AUTO_TEST_CASE(no_header_that_is_given_for_comfyui) {
    const std::string token = made_up_key(57).substr(3, 40);
    const std::string word = "kestrel-" + made_up_key(58).substr(3, 12);
    Examination all({LeakSearch(token), LeakSearch(word)});
    for (const std::string& line : {"X-Comfy-Token: " + token, "X-Comfy-Token: a=1; sid=" + token + "; mode=" + word,
                                    "x-comfy-token: Bearer " + word}) {
        Place place;
        install_plugin(place.folder, "ComfyUI", "comfyui-banana-gemini", made_up_key(59));
        place.folder.write("headers", line + "\nCookie: sid=" + token + "\n");
        const PythonServer server("comfyui.py", {(place.folder.path() / "ComfyUI").string(), "--guard", "another"});
        all.look_at("guarded", run_banana({"run", "-v", "--comfyui-dir", (place.folder.path() / "ComfyUI").string(),
                                           "--comfyui-url", server.url(), "--base-url", server.url(),
                                           "--comfyui-header-file", (place.folder.path() / "headers").string(),
                                           "--output", "r.md", "--output", "r.json", "--output", "r.html"},
                                          place.options));
        BOOST_TEST(read_file(place.work / "r.json").find("headers-refused") != std::string::npos);
        all.look_into("guarded", place.work);
    }
    all.conclude(20);
}

BOOST_AUTO_TEST_CASE(no_interrupted_run_and_no_command_line_of_a_running_one) {
    const std::string key = made_up_key(55);
    const std::string configured = made_up_key(62).substr(3, 44);
    Examination all({LeakSearch(key), LeakSearch(configured)});
    for (const int number : {SIGINT, SIGTERM}) {
        Place place;
        const fs::path key_file = place.folder.write("key.txt", key);
        install_plugin(place.folder, "ComfyUI", "comfyui-banana-gemini", configured);
        const SilentListener silent;
        BackgroundProcess process(
            {BANANA_BINARY, "run", "-v", "--comfyui-dir", (place.folder.path() / "ComfyUI").string(), "--comfyui-url",
             silent.url(), "--base-url", silent.url(), "--api-key-file", key_file.string(), "--output", "r.md",
             "--output", "r.json"},
            place.options);
        BOOST_REQUIRE(silent.wait_for_client());
        const fs::path about = fs::path("/proc") / std::to_string(process.pid());
        for (const char* name : {"cmdline", "environ", "comm"}) {
            all.look_at(name, read_file(about / name));
        }
        for (const auto& thread : fs::directory_iterator(about / "task")) {
            BOOST_TEST(read_file(thread.path() / "children").empty());  // none, whose argv could show it
        }
        process.signal(number);
        std::string shown;
        while (const auto line = process.read_line()) {
            shown += *line + "\n";
        }
        all.look_at("interrupted", shown);
        BOOST_TEST(process.wait() == 128 + number);
        BOOST_TEST(fs::exists(place.work / "r.json"));
        all.look_into("interrupted", place.work);
        BOOST_TEST(fs::is_empty(place.temporary));
    }
    all.conclude(20);
}
