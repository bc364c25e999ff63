#include "window_mode.hpp"

#include "banana/exit_code.hpp"
#include "console.hpp"
#include "given_key.hpp"
#include "options.hpp"
#include "output_file.hpp"
#include "platform_host.hpp"
#include "session.hpp"
#include "text.hpp"

#include <algorithm>
#include <chrono>
#include <iostream>
#include <optional>
#include <utility>

namespace banana {
namespace {

namespace fs = std::filesystem;

// A terminal of another system that merely looks like a double click has nobody to press a key.
constexpr std::chrono::hours kPatience{1};

// The report's files without their extension: on the desktop or what comes next, and no name twice.
fs::path report_stem(const Surroundings& surroundings) {
    Surroundings at_desktop = surroundings;
    const std::vector<fs::path> folders = platform::personal_folders(surroundings.environment);
    if (!folders.empty()) {
        at_desktop.working_directory = folders.front();
    }
    const std::vector<fs::path> places = default_report_paths(at_desktop, {});
    const fs::path wanted = places.empty() ? fs::path() : fs::path(places.front()).replace_extension();
    const auto is_taken = [](const fs::path& stem) {
        std::error_code ignored;
        return fs::exists(fs::path(stem) += ".md", ignored) || fs::exists(fs::path(stem) += ".html", ignored);
    };
    fs::path stem = wanted;
    for (int number = 2; is_taken(stem) && number < 1000; ++number) {
        stem = fs::path(wanted) += "-" + std::to_string(number);
    }
    return stem;
}

class Window {
public:
    Window(const Surroundings& surroundings, const Catalog& texts, const std::vector<WindowKey>& more)
        : surroundings_(surroundings), texts_(texts), keys_(more) {
        keys_.insert(keys_.begin(), {'c', "program.key-copy", [this](SessionResult& last) {
                                         copy_head(last.report, surroundings_.environment, false, texts_, std::cout);
                                         return AfterKey::ask_again;
                                     }});
        keys_.push_back({'r', "program.key-again", [](SessionResult&) { return AfterKey::diagnose; }});
        keys_.push_back({'q', "program.key-quit", [](SessionResult&) { return AfterKey::leave; }});
    }

    int run() {
        std::cout << texts_.text("program.window-intro") << "\n\n" << std::flush;
        do {
            diagnose();
        } while (platform::interrupt_received() == 0 && next() == AfterKey::diagnose);
        return code_;
    }

private:
    void diagnose() {
        CommandLine line;
        line.in_window = true;
        line.outputs = window_outputs(surroundings_);
        const fs::path page = path_from_utf8(line.outputs.back());
        SessionInput session(line, surroundings_, texts_);
        auto key = read_given_key(line, surroundings_.environment);
        if (auto* given = std::get_if<std::optional<KeyUnderTest>>(&key)) {
            session.given_key = std::move(*given);
        }
        code_ = run_session(std::move(session), &last_);
        std::error_code error;
        if (platform::interrupt_received() == 0 && fs::exists(page, error)) {
            platform::show_to_user(page);
        }
    }

    // Asks for keys until one of them leads on.
    AfterKey next() {
        platform::forget_typed_keys();
        AfterKey after = AfterKey::ask_again;
        while (after == AfterKey::ask_again) {
            std::cout << '\n';
            for (const WindowKey& key : keys_) {
                if (key.suits(last_)) {
                    std::cout << "  " << texts_.text(key.text_id) << '\n';
                }
            }
            std::cout << std::flush;
            after = act_on_key();
        }
        std::cout << '\n';
        return after;
    }

    AfterKey act_on_key() {
        for (;;) {
            const platform::KeyPress press = platform::read_key(kPatience);
            if (press.kind != platform::KeyPress::Kind::character) {
                return AfterKey::leave;
            }
            const auto key = std::find_if(keys_.begin(), keys_.end(), [&](const WindowKey& other) {
                return other.key == press.character && other.suits(last_);
            });
            if (key != keys_.end()) {
                const AfterKey after = key->act(last_);
                code_ = last_.report.exit_code;
                return after;
            }
        }
    }

    const Surroundings& surroundings_;
    const Catalog& texts_;
    std::vector<WindowKey> keys_;
    SessionResult last_;
    int code_ = exit_code::tool_failed;
};

}  // namespace

std::vector<std::string> window_outputs(const Surroundings& surroundings) {
    const fs::path stem = report_stem(surroundings);
    return {path_text(fs::path(stem) += ".md"), path_text(fs::path(stem) += ".html")};
}

int run_in_window(const Surroundings& surroundings, const Catalog& texts, const std::vector<WindowKey>& more) {
    platform::hold_interrupts();
    return Window(surroundings, texts, more).run();
}

}  // namespace banana
