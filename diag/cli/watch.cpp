#include "watch.hpp"

#include "banana/exit_code.hpp"
#include "console.hpp"
#include "folder_watch.hpp"
#include "platform_host.hpp"
#include "query_budget.hpp"
#include "redaction.hpp"
#include "text.hpp"
#include "web_url.hpp"

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <algorithm>
#include <iostream>
#include <map>
#include <utility>

namespace banana {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kTick{250};
constexpr std::chrono::milliseconds kSettling{400};  // an editor saves in several steps
constexpr std::chrono::seconds kSettlingAtMost{5};   // for a file that is written all the time
constexpr std::chrono::seconds kServerInterval{2};   // between two looks whether ComfyUI is there
constexpr std::chrono::milliseconds kConnectTime{300};

// Whether something accepts connections there. Of this machine only: nobody else is knocked at.
bool accepts(const std::string& base_url) {
    namespace asio = boost::asio;
    const std::optional<WebUrl> url = parse_web_url(base_url);
    boost::system::error_code error;
    const std::string host = url && url->host == "localhost" ? "127.0.0.1" : url ? url->host : "";
    const asio::ip::address address = asio::ip::make_address(host, error);
    if (error || !address.is_loopback()) {
        return false;
    }
    asio::io_context io;
    asio::ip::tcp::socket socket(io);
    bool connected = false;
    socket.async_connect({address, url->port}, [&](const boost::system::error_code& failure) { connected = !failure; });
    io.run_for(kConnectTime);
    return connected;
}

bool works(const Report& report) {
    return report.exit_code == exit_code::done && report.diagnosis.narrative.balance_came;
}

bool has_error(const Report& report) {
    return std::any_of(report.checks.begin(), report.checks.end(),
                       [](const CheckResult& check) { return check.status == Status::fail; });
}

class Watch {
public:
    explicit Watch(SessionInput input)
        : input_(std::move(input)),
          texts_(input_.texts),
          out_(standard_output_is_taken(input_.line) ? std::cerr : std::cout),
          style_(terminal_style(input_.line, input_.terminal, standard_output_is_taken(input_.line))),
          has_keys_(platform::is_terminal(platform::Stream::input)) {
        redactor_.set_home(path_text(input_.surroundings.home));
        input_.options.asks_once = true;
    }

    int run(Report* finished) {
        run_began_ = fs::file_time_type::clock::now();
        Diagnosed first = run_and_show(input_, input_.options, key(), redactor_, out_);
        int code = show_and_write(input_, first, out_);
        if (code == exit_code::tool_failed || platform::interrupt_received() != 0) {
            return code;
        }
        budget_.spend(Clock::now());
        remember(first);
        if (works(last_)) {
            say("watch.works-already");
        } else {
            code = watch();
        }
        if (finished != nullptr) {
            *finished = std::move(last_);
        }
        return code;
    }

private:
    void say(std::string_view id, const Arguments& args = {}) { out_ << '\n' << texts_.text(id, args) << std::endl; }

    [[nodiscard]] std::optional<KeyUnderTest> key() const {
        std::optional<KeyUnderTest> copy;
        if (input_.given_key) {
            copy.emplace(input_.given_key->key.clone(), input_.given_key->source);
        }
        return copy;
    }

    void remember(Diagnosed& diagnosed) {
        const Discoveries& found = diagnosed.found;
        std::vector<fs::path> folders;
        if (found.install) {
            folders.push_back(found.install->plugin_dir);
        }
        if (found.config) {
            folders.push_back(found.config->file.parent_path());
        }
        if (!diagnosed.comfyui_dir.empty()) {
            folders.push_back(diagnosed.comfyui_dir / "custom_nodes");  // a plugin that comes, goes or is renamed
        }
        std::error_code error;
        std::erase_if(folders, [&](const fs::path& folder) { return !fs::is_directory(folder, error); });
        std::sort(folders.begin(), folders.end());
        folders.erase(std::unique(folders.begin(), folders.end()), folders.end());
        if (!folder_watch_ || folders != folders_) {
            folders_ = folders;
            folder_watch_.emplace(folders_);
        }
        server_url_ = found.server                          ? found.server->base_url
                      : !input_.options.comfyui_url.empty() ? input_.options.comfyui_url
                      : !server_url_.empty()                ? server_url_
                      : input_.surroundings.usual_ports.empty()
                          ? std::string()
                          : "http://127.0.0.1:" + std::to_string(input_.surroundings.usual_ports.front());
        // As the checks saw it: who came or went since then is noticed at the next look at the port.
        server_is_up_ = found.server.has_value() || found.server_listens;
        const fs::file_time_type saved = found.config ? fs::last_write_time(found.config->file, error) : run_began_;
        missed_ = found.config && !error && was_saved_between(saved, run_began_, fs::file_time_type::clock::now());
        last_ = std::move(diagnosed.report);
    }

    int watch() {
        say(has_keys_ ? "watch.begin-keys" : "watch.begin");
        while (wait_for_change()) {
            if (look_again()) {
                say("watch.works");
                return exit_code::done;
            }
        }
        return exit_code::signal_base + platform::interrupt_received();
    }

    // A file, ComfyUI coming or going, or a key. False: interrupted.
    bool wait_for_change() {
        Clock::time_point next_look = Clock::now() + kServerInterval;
        if (std::exchange(missed_, false)) {
            return true;
        }
        while (platform::interrupt_received() == 0) {
            if (changed_in_a_moment()) {
                const Clock::time_point latest = Clock::now() + kSettlingAtMost;
                while (platform::interrupt_received() == 0 && Clock::now() < latest &&
                       folder_watch_->changed(kSettling)) {
                }
                return platform::interrupt_received() == 0;
            }
            if (Clock::now() >= next_look) {
                if (const bool up = accepts(server_url_); up != server_is_up_) {
                    server_is_up_ = up;
                    return true;
                }
                next_look = Clock::now() + kServerInterval;
            }
        }
        return false;
    }

    bool changed_in_a_moment() {
        if (!has_keys_) {
            return folder_watch_->changed(kTick);
        }
        if (folder_watch_->changed(std::chrono::milliseconds(0))) {
            return true;
        }
        const platform::KeyPress press = platform::read_key(kTick);
        if (press.kind == platform::KeyPress::Kind::end) {
            has_keys_ = false;  // the input is at its end; files still change
        }
        return press.kind == platform::KeyPress::Kind::character;
    }

    // First what costs no query; the query itself, through the plugin, once nothing else is in its way. True: it works.
    bool look_again() {
        RunOptions options = input_.options;
        options.deep = false;
        options.wait = std::chrono::milliseconds(0);
        options.skip.insert(options.skip.end(), {"upstream.api", "proxy.round-trip"});
        if (look(options)) {
            return false;
        }
        if (!wait_for_budget()) {
            return false;
        }
        options = input_.options;
        options.deep = false;
        options.wait = std::chrono::milliseconds(0);
        options.skip.emplace_back("upstream.api");
        budget_.spend(Clock::now());
        look(options);
        return works(last_);
    }

    // True where there is an error.
    bool look(const RunOptions& options) {
        run_began_ = fs::file_time_type::clock::now();
        RunInput run = run_input_of(input_, options, redactor_);
        run.given_key = key();
        Diagnosed diagnosed = diagnosed_of(input_, run_checks(run, RunObserver()), redactor_);
        show_differences(diagnosed.report);
        remember(diagnosed);
        return has_error(last_);
    }

    void show_differences(const Report& now) {
        for (const CheckResult& check : now.checks) {
            const std::string line =
                check.skip_reason == skip_reason::not_selected ? std::string() : check_line(check, texts_, style_);
            std::string& before = shown_[check.id];
            if (before.empty()) {
                before = line_before(check.id);
            }
            if (!line.empty() && line != before) {
                out_ << line;
                before = line;
            }
        }
        out_ << std::flush;
    }

    std::string line_before(const std::string& id) const {
        const auto check = std::find_if(last_.checks.begin(), last_.checks.end(),
                                        [&](const CheckResult& each) { return each.id == id; });
        return check == last_.checks.end() ? std::string() : check_line(*check, texts_, style_);
    }

    // False: interrupted. What changes meanwhile is looked at together.
    bool wait_for_budget() {
        const std::chrono::seconds wait = budget_.wait(Clock::now());
        if (wait.count() == 0) {
            return true;
        }
        out_ << texts_.text("watch.held-back", Arguments{{"seconds", wait.count()}}) << std::endl;
        const Clock::time_point end = Clock::now() + wait;
        while (platform::interrupt_received() == 0 && Clock::now() < end) {
            folder_watch_->changed(kTick);
        }
        return platform::interrupt_received() == 0;
    }

    SessionInput input_;
    const Catalog& texts_;
    std::ostream& out_;
    TerminalStyle style_;
    bool has_keys_;
    Redactor redactor_;
    QueryBudget budget_;
    Report last_;
    std::map<std::string, std::string> shown_;  // the line of each check, as it was last shown
    std::vector<fs::path> folders_;
    std::optional<platform::FolderWatch> folder_watch_;
    std::string server_url_;
    bool server_is_up_ = false;
    fs::file_time_type run_began_;
    bool missed_ = false;
};

}  // namespace

bool was_saved_between(fs::file_time_type saved, fs::file_time_type began, fs::file_time_type ended) {
    return saved >= began && saved <= ended;
}

int run_watch(SessionInput input, Report* finished) {
    return Watch(std::move(input)).run(finished);
}

}  // namespace banana
