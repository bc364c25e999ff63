// `fix` and `--watch` in the embedded world: what they are given, and what they leave and say.
#pragma once

#include "banana/key_source.hpp"
#include "fix.hpp"
#include "scenario.hpp"
#include "world.hpp"

#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <functional>
#include <iostream>
#include <map>
#include <optional>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "support/temporary_folder.hpp"

namespace banana::test {

// Texts with the key that the upstream knows, and one that it does not know.
inline std::string filled_in(std::string text) {
    const std::string key(world::demo_key(0).reveal());
    const std::map<std::string, std::string> words{{"{key}", key},
                                                   {"{other-key}", std::string(world::demo_key(1).reveal())},
                                                   {"{head}", key.substr(0, 20)},
                                                   {"{tail}", key.substr(20)}};
    for (const auto& [name, value] : words) {
        for (std::size_t at = text.find(name); at != std::string::npos; at = text.find(name)) {
            text.replace(at, name.size(), value);
        }
    }
    return text;
}

// What a program prints on standard output while this lives.
class Capture {
public:
    Capture() : before_(std::cout.rdbuf(text_.rdbuf())) {}
    ~Capture() { std::cout.rdbuf(before_); }
    Capture(const Capture&) = delete;
    Capture& operator=(const Capture&) = delete;
    [[nodiscard]] std::string text() const { return text_.str(); }

private:
    std::ostringstream text_;
    std::streambuf* before_;
};

struct Outcome {
    int code = -1;
    std::string text;
    Report report;
    bool can_undo = false;
};

class Stage {
public:
    explicit Stage(const std::function<void(world::WorldFaults&)>& inject) : world_(faults(inject)) {
        line.command = Command::fix;
        line.lang = "en";
        line.color = ColorMode::never;
        line.yes = true;
        line.outputs = {(reports_.path() / "report.json").string()};
    }

    [[nodiscard]] SessionInput session() const {
        SessionInput input(line, surroundings_, catalog(line.lang));
        input.report_folder = reports_.path();
        input.options = world_.options();
        input.name_overrides = world_.overrides();
        if (key_) {
            input.given_key.emplace(world::demo_key(*key_), std::string(key_source::key_file));
        }
        return input;
    }

    Outcome run() {
        Outcome outcome;
        const Capture capture;
        SessionResult finished;
        outcome.code = run_fix(session(), &finished);
        outcome.report = std::move(finished.report);
        outcome.can_undo = finished.can_undo;
        outcome.text = capture.text();
        const std::string key(world::demo_key(0).reveal());
        const std::string other(world::demo_key(1).reveal());
        BOOST_TEST(outcome.text.find(key.substr(10, 20)) == std::string::npos, "the key shows in " << outcome.text);
        BOOST_TEST(outcome.text.find(other.substr(10, 20)) == std::string::npos, "a key shows in " << outcome.text);
        return outcome;
    }

    Outcome undo() {
        line.undo = true;
        Outcome outcome = run();
        line.undo = false;
        return outcome;
    }

    void give_key(unsigned number) { key_ = number; }
    [[nodiscard]] std::filesystem::path nodes() const { return world_.folder() / "disk" / "ComfyUI" / "custom_nodes"; }
    [[nodiscard]] std::filesystem::path plugin() const { return nodes() / "comfyui-banana-gemini"; }
    [[nodiscard]] std::filesystem::path config() const { return plugin() / "config.ini"; }
    [[nodiscard]] const world::World& world() const { return world_; }

    // Everything in the plugin's folder, links not followed.
    [[nodiscard]] std::map<std::string, std::string> contents() const {
        std::map<std::string, std::string> all;
        for (const auto& entry : std::filesystem::recursive_directory_iterator(plugin())) {
            const bool plain = std::filesystem::is_regular_file(entry.symlink_status());
            all[entry.path().lexically_relative(plugin()).string()] = plain ? test::read_file(entry.path()) : "";
        }
        return all;
    }

    // The backups beside config.ini.
    [[nodiscard]] std::vector<std::filesystem::path> backups() const {
        std::vector<std::filesystem::path> found;
        for (const auto& entry : std::filesystem::directory_iterator(plugin())) {
            if (entry.path().filename().string().find(".banana-diag-") != std::string::npos &&
                entry.path().extension() == ".bak") {
                found.push_back(entry.path());
            }
        }
        return found;
    }

    CommandLine line;

private:
    static world::WorldFaults faults(const std::function<void(world::WorldFaults&)>& inject) {
        world::WorldFaults faults;
        inject(faults);
        return faults;
    }

    test::TemporaryFolder reports_;
    world::World world_;
    Surroundings surroundings_ = world_.surroundings();
    std::optional<unsigned> key_;
};

inline std::function<void(world::WorldFaults&)> with_config(const std::string& text) {
    return [text](world::WorldFaults& world) { world.plugin.config = filled_in(text); };
}

}  // namespace banana::test
