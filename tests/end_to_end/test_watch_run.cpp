// `--watch` against the embedded world: what is noticed, what is no change, and how it ends.
#include "watch.hpp"

#include "platform_host.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <pty.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iostream>
#include <mutex>
#include <optional>
#include <sstream>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "support/fix_stage.hpp"

namespace {

using namespace banana;
using namespace banana::test;
using namespace banana::world;
namespace fs = std::filesystem;

// A port of loopback that leads to another one while it is open: a ComfyUI that comes and goes.
class Door {
public:
    explicit Door(std::uint16_t to) : to_(to), holder_(bound_socket()) {
        sockaddr_in address{};
        socklen_t size = sizeof(address);
        ::getsockname(holder_, reinterpret_cast<sockaddr*>(&address), &size);
        port_ = ntohs(address.sin_port);
        open();
    }
    ~Door() {
        close();
        ::close(holder_);
    }
    Door(const Door&) = delete;
    Door& operator=(const Door&) = delete;

    [[nodiscard]] std::uint16_t port() const { return port_; }

    void open() {
        listener_ = bound_socket();
        BOOST_REQUIRE(::listen(listener_, 16) == 0);
        accepting_ = std::thread([this, listener = listener_] {
            for (int client = -1; (client = ::accept(listener, nullptr, nullptr)) >= 0;) {
                serving_.emplace_back([this, client] { serve(client); });
            }
        });
    }

    void close() {
        if (listener_ < 0) {
            return;
        }
        ::shutdown(listener_, SHUT_RDWR);
        accepting_.join();
        ::close(std::exchange(listener_, -1));
        for (std::thread& thread : serving_) {
            thread.join();
        }
        serving_.clear();
    }

private:
    static sockaddr_in loopback(std::uint16_t port) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        return address;
    }

    [[nodiscard]] int bound_socket() const {
        const int made = ::socket(AF_INET, SOCK_STREAM, 0);
        const int on = 1;
        ::setsockopt(made, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
        const sockaddr_in address = loopback(port_);
        BOOST_REQUIRE(::bind(made, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0);
        return made;
    }

    static void pass(int from, int to) {
        std::array<char, 4096> bytes{};
        for (ssize_t count = 0; (count = ::recv(from, bytes.data(), bytes.size(), 0)) > 0;) {
            if (::send(to, bytes.data(), static_cast<std::size_t>(count), MSG_NOSIGNAL) != count) {
                break;
            }
        }
        ::shutdown(to, SHUT_WR);
    }

    void serve(int client) const {
        const int server = ::socket(AF_INET, SOCK_STREAM, 0);
        const sockaddr_in address = loopback(to_);
        if (::connect(server, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0) {
            std::thread back(pass, server, client);
            pass(client, server);
            back.join();
        }
        ::close(server);
        ::close(client);
    }

    std::uint16_t to_;
    std::uint16_t port_ = 0;
    int holder_;  // does not listen; keeps the port from others while the door is closed
    int listener_ = -1;
    std::thread accepting_;
    std::vector<std::thread> serving_;
};

// What `--watch` prints, read while it runs.
class SharedText : public std::stringbuf {
public:
    [[nodiscard]] std::string text() {
        const std::lock_guard<std::recursive_mutex> lock(mutex_);
        return str();
    }

protected:
    std::streamsize xsputn(const char* text, std::streamsize size) override {
        const std::lock_guard<std::recursive_mutex> lock(mutex_);
        return std::stringbuf::xsputn(text, size);
    }
    int_type overflow(int_type c) override {
        const std::lock_guard<std::recursive_mutex> lock(mutex_);
        return std::stringbuf::overflow(c);
    }

private:
    std::recursive_mutex mutex_;  // what writes many characters writes them one by one
};

class Watching {
public:
    Watching(SessionInput session, QueryLimits limits) : before_(std::cout.rdbuf(&shown_)) {
        thread_ = std::thread([this, limits, session = std::move(session)]() mutable {
            code_ = run_watch(std::move(session), nullptr, limits);
            over_ = true;
        });
    }
    ~Watching() {
        if (!over_ && (failed_ || std::uncaught_exceptions() > 0)) {
            std::_Exit(1);  // it would go on for ever
        }
        thread_.join();
        std::cout.rdbuf(before_);
    }
    Watching(const Watching&) = delete;
    Watching& operator=(const Watching&) = delete;

    // Once it says this, behind what was waited for before. Patience only bounds a failure.
    bool says(std::string_view words) {
        for (int slice = 0; slice < 1200; ++slice) {
            const std::string text = shown_.text();
            const std::size_t at = text.find(words, from_);
            if (at != std::string::npos) {
                from_ = at + words.size();
                return true;
            }
            if (over_) {
                break;
            }
            std::this_thread::sleep_for(std::chrono::milliseconds(50));
        }
        failed_ = true;
        BOOST_TEST(false, "it never said " << words << ": " << shown_.text());
        return false;
    }
    [[nodiscard]] bool is_over() const { return over_; }
    [[nodiscard]] int code() const { return code_; }
    [[nodiscard]] std::string text() { return shown_.text(); }

private:
    SharedText shown_;
    std::streambuf* before_;
    std::atomic<bool> over_{false};
    std::atomic<int> code_{-1};
    std::size_t from_ = 0;
    bool failed_ = false;
    std::thread thread_;
};

constexpr QueryLimits kNoLimits{std::chrono::seconds(0), std::chrono::seconds(0), 1};

// Saves the file again and again until the watching is over: whoever saves once may do so before it is noticed.
void save_until_over(Watching& watching, const fs::path& file, const std::string& text) {
    while (!watching.is_over()) {
        std::ofstream(file, std::ios::binary) << filled_in(text);
        for (int slice = 0; slice < 100 && !watching.is_over(); ++slice) {
            std::this_thread::sleep_for(std::chrono::milliseconds(50));
        }
    }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(watch_run)

BOOST_AUTO_TEST_CASE(watching_ends_once_it_works) {
    Stage stage(with_config("[gemini]\napi_key = YOUR_API_KEY_HERE\n"));
    stage.line.command = Command::run;
    stage.line.watch = true;
    Watching watching(stage.session(), kNoLimits);
    if (watching.says("Watching: correct")) {
        save_until_over(watching, stage.config(), "[gemini]\napi_key = {key}\n");
        watching.says("Key in config.ini");
        watching.says("You can click the balance button now");
        // Only what changed is shown again.
        const std::string text = watching.text();
        BOOST_TEST(text.find("ComfyUI server", text.find("Watching: correct")) == std::string::npos, text);
        BOOST_TEST(watching.code() == 0);
    }
}

// The first diagnosis takes seconds; who saves meanwhile need not save again. A file that is renamed keeps its date.
BOOST_AUTO_TEST_CASE(a_change_during_the_first_diagnosis_is_noticed) {
    Stage stage(with_config("[gemini]\napi_key = YOUR_API_KEY_HERE\n"));
    stage.line.command = Command::run;
    stage.line.watch = true;
    const fs::path other = stage.plugin() / "config.other";
    std::ofstream(other, std::ios::binary) << filled_in("[gemini]\napi_key = {key}\n");
    fs::last_write_time(other, fs::file_time_type::clock::now() - std::chrono::hours(48));
    Watching watching(stage.session(), kNoLimits);
    watching.says("Query through the plugin");  // the last check is over, the report not yet written
    fs::rename(other, stage.config());
    watching.says("You can click the balance button now");
}

BOOST_AUTO_TEST_CASE(comfyui_that_goes_and_comes_is_noticed) {
    Stage stage(with_config("[gemini]\napi_key = YOUR_API_KEY_HERE\n"));
    stage.line.command = Command::run;
    stage.line.watch = true;
    Door door(stage.world().comfyui_port());
    SessionInput session = stage.session();
    session.options.comfyui_url = "http://127.0.0.1:" + std::to_string(door.port());
    Watching watching(std::move(session), kNoLimits);
    if (watching.says("Watching: correct")) {
        door.close();
        watching.says("ComfyUI server");
        std::ofstream(stage.config(), std::ios::binary) << filled_in("[gemini]\napi_key = {key}\n");
        watching.says("Key in config.ini");
        door.open();
        watching.says("ComfyUI server");
        watching.says("You can click the balance button now");
    } else {
        save_until_over(watching, stage.config(), "[gemini]\napi_key = {key}\n");
    }
}

// The first diagnosis has made the one query that is allowed. The limit is long enough for a machine that is busy.
BOOST_AUTO_TEST_CASE(a_query_beyond_the_limits_is_held_back_and_then_made) {
    Stage stage(with_config("[gemini]\napi_key = YOUR_API_KEY_HERE\n"));
    stage.line.command = Command::run;
    stage.line.watch = true;
    Watching watching(stage.session(), {std::chrono::seconds(30), std::chrono::seconds(0), 10});
    if (watching.says("Watching: correct")) {
        std::ofstream(stage.config(), std::ios::binary) << filled_in("[gemini]\napi_key = {key}\n");
        watching.says("Key in config.ini");
        watching.says("The API allows few queries; the next one follows in");
        watching.says("You can click the balance button now");
    }
}

namespace {

// A session in a process and at a terminal of its own.
class AtTerminal {
public:
    explicit AtTerminal(const std::function<int()>& session) {
        winsize size{40, 100, 0, 0};
        child_ = ::forkpty(&terminal_, nullptr, nullptr, &size);
        BOOST_REQUIRE(child_ >= 0);
        if (child_ == 0) {
            const int code = session();
            std::cout << std::flush;
            ::_exit(code);
        }
    }
    ~AtTerminal() {
        if (!ended_) {
            ::kill(child_, SIGKILL);
            ::waitpid(child_, nullptr, 0);
        }
        ::close(terminal_);
    }
    AtTerminal(const AtTerminal&) = delete;
    AtTerminal& operator=(const AtTerminal&) = delete;

    // Whether it says this before the time is over.
    bool says(std::string_view words, std::chrono::seconds patience) {
        const auto end = std::chrono::steady_clock::now() + patience;
        while (shown_.find(words) == std::string::npos && std::chrono::steady_clock::now() < end) {
            pollfd wanted{terminal_, POLLIN, 0};
            std::array<char, 4096> bytes{};
            if (::poll(&wanted, 1, 100) > 0) {
                const ssize_t count = ::read(terminal_, bytes.data(), bytes.size());
                if (count <= 0) {
                    is_silent_ = true;  // it is over
                    break;
                }
                shown_.append(bytes.data(), static_cast<std::size_t>(count));
            }
        }
        return shown_.find(words) != std::string::npos;
    }

    void interrupt() const { ::kill(child_, SIGTERM); }

    // Its exit code, with this key pressed again and again; -1 where it does not end.
    int code_after(std::optional<char> key) {
        for (int second = 0; second < 30 && !ended_; ++second) {
            if (key) {
                BOOST_TEST(::write(terminal_, &*key, 1) == 1);
            }
            says("nothing that is ever said", std::chrono::seconds(1));
            ended_ = ::waitpid(child_, &status_, is_silent_ ? 0 : WNOHANG) == child_;
        }
        return ended_ && WIFEXITED(status_) ? WEXITSTATUS(status_) : -1;
    }

    [[nodiscard]] const std::string& text() const { return shown_; }

private:
    int terminal_ = -1;
    pid_t child_ = -1;
    int status_ = 0;
    bool is_silent_ = false;
    bool ended_ = false;
    std::string shown_;
};

constexpr QueryLimits kOneQuery{std::chrono::minutes(10), std::chrono::seconds(0), 10};

}  // namespace

// What the checks were not asked about cannot have changed: a look now and then would be a timer.
BOOST_AUTO_TEST_CASE(a_server_that_is_not_looked_at_is_no_change) {
    for (const bool skipped : {true, false}) {
        AtTerminal watching([skipped] {
            Stage stage(with_config("[gemini]\napi_key = {other-key}\n"));
            stage.line.command = Command::run;
            stage.line.watch = true;
            SessionInput session = stage.session();
            session.options.comfyui_url = "http://127.0.0.1:" + std::to_string(stage.world().comfyui_port());
            (skipped ? session.options.skip : session.options.only) = {skipped ? "local" : "config"};
            platform::hold_interrupts();
            return run_watch(std::move(session), nullptr, kOneQuery);
        });
        BOOST_TEST(watching.says("Watching: correct", std::chrono::seconds(60)), watching.text());
        BOOST_TEST(!watching.says("The API allows few queries", std::chrono::seconds(5)), watching.text());
        watching.interrupt();
        BOOST_TEST(watching.code_after(std::nullopt) == 128 + SIGTERM, watching.text());
    }
}

BOOST_AUTO_TEST_CASE(a_key_ends_it_while_a_query_is_held_back) {
    AtTerminal watching([] {
        Stage stage(with_config("[gemini]\napi_key = {other-key}\n"));
        stage.line.command = Command::run;
        stage.line.watch = true;
        stage.line.in_window = true;
        SessionResult finished;
        return run_watch(stage.session(), &finished, kOneQuery);
    });
    BOOST_TEST(watching.says("The API allows few queries", std::chrono::seconds(60)), watching.text());
    BOOST_TEST(watching.code_after('q') == 0, watching.text());
}

BOOST_AUTO_TEST_SUITE_END()
