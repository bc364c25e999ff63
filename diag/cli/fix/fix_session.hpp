// One `fix` from the diagnosis to the diagnosis after it. Each part has a file: the order of things (fix.cpp), the
// changes (fix_change.cpp), the way back (fix_undo.cpp).
#pragma once

#include "config_mending.hpp"
#include "file_change.hpp"
#include "fix_backup.hpp"
#include "fix_key.hpp"
#include "platform_host.hpp"
#include "redaction.hpp"
#include "repairs.hpp"
#include "session.hpp"
#include "text.hpp"

#include <chrono>
#include <filesystem>
#include <iostream>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace banana {

class FixSession {
public:
    explicit FixSession(SessionInput input)
        : input_(std::move(input)),
          line_(input_.line),
          texts_(input_.texts),
          on_standard_error_(standard_output_is_taken(line_)),
          out_(on_standard_error_ ? std::cerr : std::cout),
          style_(terminal_style(line_, input_.terminal, on_standard_error_)),
          may_ask_(platform::is_terminal(platform::Stream::input) && !line_.yes && !line_.dry_run),
          now_(input_.surroundings.now()),
          keys_(input_, redactor_, out_, may_ask_) {
        redactor_.set_home(path_text(input_.surroundings.home));
    }
    int run(SessionResult* finished);

private:
    // ---- what is said ----

    void say(std::string_view id, const Arguments& args = {});
    [[nodiscard]] std::string shown(const std::filesystem::path& path) const {
        return redactor_.scrub(sanitize(path_text(path)));
    }
    [[nodiscard]] static std::string name_of(const std::filesystem::path& path) {
        return sanitize(path_text(path.filename()));
    }
    void diagnose(std::optional<KeyUnderTest> key);
    [[nodiscard]] static bool was_interrupted() { return platform::interrupt_received() != 0; }

    // The cause in a line: what to do is what comes next.
    void show_cause();
    int conclude();

    // ---- repairing ----

    bool repair();

    // A key was given, and the one in the file is refused by the upstream.
    [[nodiscard]] bool replaces_key() const;
    bool confirmed();
    void report_failure(const platform::ChangeOutcome& outcome, const std::filesystem::path& file);

    // Once there was a yes: a leftover may be a second name of the file, which is seen again.
    static platform::ChangeOutcome remove_leftovers_of(const std::filesystem::path& file, platform::SeenFile& seen);

    struct Target {
        std::filesystem::path file;
        bool there = false;
        platform::SeenFile seen;
        std::string source;        // that the new content starts from
        platform::FileStamp like;  // whose mode and owner a new file gets
        std::string copied_from;   // name; empty where the file itself is mended
    };
    std::optional<Target> look_at(const MendConfig& repair);
    void make(const MendConfig& repair);
    void show_change(const Target& target, const MendedConfig& mended);
    void write(const Target& target, const MendedConfig& mended);

    // On Windows a replacement can fail with the old file gone: then the backup is all that is left of it.
    static void remove_where_needless(const Backup& backup, const Target& target);
    void note_made(const std::filesystem::path& file, const std::filesystem::path& backup,
                   std::vector<std::string> changes);
    void make(const CloseToOthers& repair);
    void make(const MovePlugin& repair);

    // ---- the way back ----

    bool undo();

    // `file` follows a folder that moves.
    bool put_back(const Backup& backup, std::filesystem::path& file);
    bool finish(const platform::ChangeOutcome& outcome, const Backup& backup, const std::filesystem::path& file);
    bool put_content_back(const Backup& backup, const std::filesystem::path& file);
    bool take_away(const Backup& backup, const std::filesystem::path& file);
    bool put_mode_back(const Backup& backup, const std::filesystem::path& file);
    bool move_back(const Backup& backup, std::filesystem::path& file);

    SessionInput input_;
    const CommandLine& line_;
    const Catalog& texts_;
    bool on_standard_error_;
    std::ostream& out_;
    TerminalStyle style_;
    bool may_ask_;
    std::chrono::system_clock::time_point now_;
    Redactor redactor_;
    KeySource keys_;
    Diagnosed diagnosed_;
    FolderMove move_;
    std::vector<RepairMade> made_;
    bool changed_ = false;
    bool checked_again_ = false;  // after the change, to the end
};

}  // namespace banana
