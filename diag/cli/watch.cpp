#include "watch.hpp"

#include "banana/exit_code.hpp"
#include "banana/lookup.hpp"
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
#include <memory>
#include <optional>
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

bool connects(const boost::asio::ip::tcp::endpoint& endpoint) {
    boost::asio::io_context io;
    boost::asio::ip::tcp::socket socket(io);
    bool connected = false;
    socket.async_connect(endpoint, [&](const boost::system::error_code& failure) { connected = !failure; });
    io.run_for(kConnectTime);
    return connected;
}

// Whether something accepts connections there. None for what is not an address of this machine: nobody else is
// knocked at.
std::optional<bool> accepts(const std::string& base_url) {
    namespace ip = boost::asio::ip;
    const std::optional<WebUrl> url = parse_web_url(base_url);
    if (!url) {
        return std::nullopt;
    }
    if (url->host == "localhost") {
        return connects({ip::address_v4::loopback(), url->port}) || connects({ip::address_v6::loopback(), url->port});
    }
    boost::system::error_code error;
    const ip::address address = ip::make_address(url->host, error);
    return error || !address.is_loopback() ? std::nullopt : std::optional(connects({address, url->port}));
}

// What local.server saw; none where it was not asked.
std::optional<bool> seen_up(const Diagnosed& diagnosed) {
    const CheckResult* check = find_check(diagnosed.report.checks, check_id::local_server);
    const bool asked = check != nullptr && check->status != Status::skip;
    return asked ? std::optional(diagnosed.found.server.has_value() || diagnosed.found.server_listens) : std::nullopt;
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
    Watch(SessionInput input, QueryLimits limits)
        : input_(std::move(input)),
          texts_(input_.texts),
          out_(standard_output_is_taken(input_.line) ? std::cerr : std::cout),
          style_(terminal_style(input_.line, input_.terminal, standard_output_is_taken(input_.line))),
          has_keys_(platform::is_terminal(platform::Stream::input)),
          budget_(limits) {
        redactor_.set_home(path_text(input_.surroundings.home));
        input_.options.asks_once = true;
    }

    int run(SessionResult* finished) {
        const bool goes_on = input_.line.in_window && finished != nullptr;
        int code = goes_on ? go_on_from(std::move(finished->report)) : begin();
        if (is_watching_) {
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

    // Diagnoses and reports as any run does. The folders are watched before: what changes meanwhile counts.
    int begin() {
        watch_folders(look_around());
        run_began_ = fs::file_time_type::clock::now();
        Diagnosed first = run_and_show(input_, input_.options, key(), redactor_, out_);
        const int code = show_and_write(input_, first, out_);
        budget_.spend(Clock::now());
        remember(std::move(first));
        if (code == exit_code::tool_failed || platform::interrupt_received() != 0) {
            return code;
        }
        is_watching_ = !works(last_.report);
        if (!is_watching_) {
            say("watch.works-already");
        }
        return code;
    }

    // What was changed since that report was made is not known: the first look is at once.
    int go_on_from(Report report) {
        budget_.spend(Clock::now());
        run_began_ = fs::file_time_type::clock::now();
        Diagnosed around = look_around();
        watch_folders(around);
        remember_server(around);
        around.report = std::move(report);
        last_ = result_of(std::move(around));
        is_watching_ = true;
        missed_ = true;
        return last_.report.exit_code;
    }

    // Where things are, by the checks that cost no query.
    Diagnosed look_around() {
        RunOptions options = input_.options;
        options.only = {std::string(check_id::install_plugin), std::string(check_id::config_key)};
        options.skip.clear();
        options.deep = false;
        options.wait = std::chrono::milliseconds(0);
        RunInput run = run_input_of(input_, options, redactor_);
        return diagnosed_of(input_, run_checks(run, RunObserver()), redactor_);
    }

    static std::vector<fs::path> folders_of(const Diagnosed& diagnosed) {
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
        return folders;
    }

    // A new watch for each look: on Windows the one before follows a folder that was renamed. It is asked a last time
    // when the new one is there, so that no change falls between them. True where it tells of one, or where other
    // folders are watched than before: what happened in them until now was not seen. The look before the first
    // diagnosis does not ask ComfyUI where its folders are: that others come out then is no change.
    bool watch_folders(const Diagnosed& diagnosed) {
        std::vector<fs::path> folders = folders_of(diagnosed);
        auto fresh = std::make_unique<platform::FolderWatch>(folders);
        const bool changed = folder_watch_ && folder_watch_->changed(std::chrono::milliseconds(0));
        const bool others = is_watching_ && folders != folders_;
        folder_watch_ = std::move(fresh);
        folders_ = std::move(folders);
        return changed || others;
    }

    // `port_before`: what the port said when the look began. Who came or went since then is noticed at the next look at
    // the port, and what the checks see in another way than the port is no change.
    void remember_server(const Diagnosed& diagnosed, std::optional<bool> port_before = std::nullopt) {
        const Discoveries& found = diagnosed.found;
        const std::string url_before = server_url_;
        server_url_ = found.server                          ? found.server->base_url
                      : !input_.options.comfyui_url.empty() ? input_.options.comfyui_url
                      : !server_url_.empty()                ? server_url_
                      : input_.surroundings.usual_ports.empty()
                          ? std::string()
                          : "http://127.0.0.1:" + std::to_string(input_.surroundings.usual_ports.front());
        server_is_up_ = port_before && server_url_ == url_before ? port_before : seen_up(diagnosed);
    }

    void remember(Diagnosed diagnosed, std::optional<bool> port_before = std::nullopt) {
        remember_server(diagnosed, port_before);
        const bool changed = watch_folders(diagnosed);
        std::error_code error;
        const std::optional<ConfigReading>& config = diagnosed.found.config;
        const fs::file_time_type saved = config ? fs::last_write_time(config->file, error) : run_began_;
        const bool was_saved =
            config && !error && was_saved_between(saved, run_began_, fs::file_time_type::clock::now());
        // A plugin that writes a file at each query would be asked again and again.
        missed_ = missed_ || was_saved || (changed && !looked_for_missed_);
        last_ = result_of(std::move(diagnosed));  // the keys are gone with the rest
    }

    int watch() {
        say(!has_keys_ ? "watch.begin" : input_.line.in_window ? "watch.begin-window" : "watch.begin-keys");
        while (wait_for_change()) {
            if (look_again()) {
                say("watch.works");
                return exit_code::done;
            }
        }
        const int interrupt = platform::interrupt_received();
        return interrupt != 0 ? exit_code::signal_base + interrupt : last_.report.exit_code;
    }

    // A file, ComfyUI coming or going, or a key. False: interrupted or left.
    bool wait_for_change() {
        if (is_over()) {
            return false;
        }
        Clock::time_point next_look = Clock::now() + kServerInterval;
        looked_for_missed_ = std::exchange(missed_, false);
        if (looked_for_missed_) {
            return true;
        }
        while (!is_over()) {
            if (changed_in_a_moment()) {
                const Clock::time_point latest = Clock::now() + kSettlingAtMost;
                while (platform::interrupt_received() == 0 && Clock::now() < latest &&
                       folder_watch_->changed(kSettling)) {
                }
                return platform::interrupt_received() == 0;
            }
            if (Clock::now() >= next_look) {
                const std::optional<bool> up = accepts(server_url_);
                const std::optional<bool> before = std::exchange(server_is_up_, up ? up : server_is_up_);
                if (up && before && *up != *before) {
                    return true;
                }
                next_look = Clock::now() + kServerInterval;
            }
        }
        return false;
    }

    [[nodiscard]] bool is_over() const { return platform::interrupt_received() != 0 || is_left_; }

    bool changed_in_a_moment() {
        if (!has_keys_) {
            return folder_watch_->changed(kTick);
        }
        if (folder_watch_->changed(std::chrono::milliseconds(0))) {
            return true;
        }
        const platform::KeyPress press = platform::read_key(kTick);
        const bool ended = press.kind == platform::KeyPress::Kind::end;
        const bool pressed = press.kind == platform::KeyPress::Kind::character;
        if (input_.line.in_window) {
            is_left_ = ended || (pressed && press.character == 'q');
        } else if (ended) {
            has_keys_ = false;  // the input is at its end; files still change
        }
        return pressed && !is_left_;
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
        missed_ = false;  // it is looked at now
        look(options);
        return works(last_.report);
    }

    // True where there is an error.
    bool look(const RunOptions& options) {
        run_began_ = fs::file_time_type::clock::now();
        const std::optional<bool> port_before = accepts(server_url_);
        RunInput run = run_input_of(input_, options, redactor_);
        run.given_key = key();
        Diagnosed diagnosed = diagnosed_of(input_, run_checks(run, RunObserver()), redactor_);
        show_differences(diagnosed.report);
        remember(std::move(diagnosed), port_before);
        return has_error(last_.report);
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
        const std::vector<CheckResult>& checks = last_.report.checks;
        const auto check =
            std::find_if(checks.begin(), checks.end(), [&](const CheckResult& each) { return each.id == id; });
        return check == checks.end() ? std::string() : check_line(*check, texts_, style_);
    }

    // False: interrupted or left. What changes meanwhile is looked at together.
    bool wait_for_budget() {
        const std::chrono::seconds wait = budget_.wait(Clock::now());
        if (wait.count() == 0) {
            return true;
        }
        out_ << texts_.text("watch.held-back", Arguments{{"seconds", wait.count()}}) << std::endl;
        const Clock::time_point end = Clock::now() + wait;
        while (!is_over() && Clock::now() < end) {
            changed_in_a_moment();
        }
        return !is_over();
    }

    SessionInput input_;
    const Catalog& texts_;
    std::ostream& out_;
    TerminalStyle style_;
    bool has_keys_;
    Redactor redactor_;
    QueryBudget budget_;
    SessionResult last_;
    std::map<std::string, std::string> shown_;  // the line of each check, as it was last shown
    std::vector<fs::path> folders_;
    std::unique_ptr<platform::FolderWatch> folder_watch_;
    std::string server_url_;
    std::optional<bool> server_is_up_;
    fs::file_time_type run_began_;
    bool missed_ = false;             // something changed while a look went on
    bool looked_for_missed_ = false;  // the look that goes on is for that
    bool is_watching_ = false;
    bool is_left_ = false;
};

}  // namespace

bool was_saved_between(fs::file_time_type saved, fs::file_time_type began, fs::file_time_type ended) {
    return saved >= began && saved <= ended;
}

int run_watch(SessionInput input, SessionResult* finished, QueryLimits limits) {
    return Watch(std::move(input), limits).run(finished);
}

}  // namespace banana
