#include "fix.hpp"

#include "banana/ascii.hpp"
#include "banana/bounds.hpp"
#include "banana/exit_code.hpp"
#include "banana/key_source.hpp"
#include "bounded_file.hpp"
#include "config_difference.hpp"
#include "config_mending.hpp"
#include "file_change.hpp"
#include "fix_backup.hpp"
#include "fix_key.hpp"
#include "platform_host.hpp"
#include "repairs.hpp"
#include "runner.hpp"
#include "text.hpp"

#include <algorithm>
#include <iostream>
#include <utility>

namespace banana {
namespace {

namespace fs = std::filesystem;
using platform::ChangeFault;
using platform::ChangeOutcome;

constexpr unsigned kOwnerOnly = 0600;
constexpr unsigned kOthers = 0007;

// Stands for the key that a dry run does not ask for.
Secret stand_in_key() {
    std::string key = "sk-";
    for (char c = 'A'; c <= 'X'; ++c) {
        key.push_back(c);
        key.push_back(to_lower(c));
    }
    return Secret(key);
}

// A path with `from`, a folder that was moved, in it.
fs::path moved_along(const fs::path& path, const FolderMove& move) {
    const fs::path relative = path.lexically_relative(move.from);
    return relative.empty() || *relative.begin() == ".." ? path : move.to / relative;
}

// As in the catalogs: "fix.fault.<name>".
std::string_view fault_name(ChangeFault fault) {
    switch (fault) {
        case ChangeFault::none: break;
        case ChangeFault::changed: return "changed";
        case ChangeFault::not_regular: return "not-regular";
        case ChangeFault::linked: return "linked";
        case ChangeFault::read_only: return "read-only";
        case ChangeFault::owner: return "owner";
        case ChangeFault::taken: return "taken";
        case ChangeFault::failed: return "failed";
    }
    return "failed";
}

// What a `fix` that was killed had not put in place yet: it may hold a key, and be a second name of a file that is to
// be changed. A preview leaves it.
void remove_leftovers(const fs::path& folder) {
    std::error_code error;
    std::vector<fs::path> leftovers;
    for (fs::directory_iterator entries(folder, error); !error && entries != fs::directory_iterator();
         entries.increment(error)) {
        std::error_code ignored;
        if (path_text(entries->path().filename()).starts_with(".banana-diag-") &&
            fs::is_regular_file(entries->symlink_status(ignored))) {
            leftovers.push_back(entries->path());
        }
    }
    for (const fs::path& leftover : leftovers) {
        fs::remove(leftover, error);
    }
}

bool is_repaired(const Report& report) {
    const Verdict verdict = report.diagnosis.verdict;
    return (verdict == Verdict::healthy || verdict == Verdict::attention) && report.diagnosis.narrative.balance_came;
}

class Fix {
public:
    explicit Fix(SessionInput input)
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

    int run(SessionResult* finished) {
        if (!(line_.undo ? undo() : repair())) {
            return exit_code::wrong_usage;
        }
        if (changed_ && !was_interrupted()) {
            say("fix.checking-again");
            out_ << '\n';
            diagnose(std::nullopt);
            checked_again_ = !was_interrupted();
        }
        const int code = conclude();
        if (finished != nullptr) {
            *finished = result_of(std::move(diagnosed_));
        }
        return code;
    }

private:
    // ---- what is said ----

    void say(std::string_view id, const Arguments& args = {}) {
        for (const std::string& text : wrap(texts_.text(id, args), style_.width)) {
            out_ << text << '\n';
        }
        out_ << std::flush;
    }

    [[nodiscard]] std::string shown(const fs::path& path) const { return redactor_.scrub(sanitize(path_text(path))); }
    [[nodiscard]] static std::string name_of(const fs::path& path) { return sanitize(path_text(path.filename())); }

    void diagnose(std::optional<KeyUnderTest> key) {
        diagnosed_ = run_and_show(input_, input_.options, std::move(key), redactor_, out_);
    }

    [[nodiscard]] static bool was_interrupted() { return platform::interrupt_received() != 0; }

    // The cause in a line: what to do is what comes next.
    void show_cause() {
        const Report& report = diagnosed_.report;
        out_ << '\n';
        say(report.diagnosis.narrative.headline.id, report.diagnosis.narrative.headline.args);
        if (report.diagnosis.primary) {
            const Finding& finding = report.diagnosis.primary->finding;
            const std::string id = texts_.cause_text_id(code_of(finding.code), "title", finding.args);
            say("fix.cause", {{"title", texts_.text(id, finding.args)}});
        }
        out_ << '\n';
    }

    int conclude() {
        Report& report = diagnosed_.report;
        report.repairs = made_;
        redactor_.scrub(report);
        int code = report.exit_code;
        if (line_.dry_run) {
            out_ << verdict_text(report, {}, texts_, style_);
        } else {
            code = show_and_write(input_, diagnosed_, out_);
        }
        if (changed_ && !line_.undo) {
            out_ << '\n';
            say(checked_again_ && is_repaired(report) ? "fix.repaired" : "fix.not-repaired");
            say(line_.in_window ? "fix.way-back.window" : "fix.way-back");
        }
        out_ << std::flush;
        return code;
    }

    // ---- repairing ----

    bool repair() {
        std::optional<KeyUnderTest> key;
        if (input_.given_key) {
            key.emplace(input_.given_key->key.clone(), input_.given_key->source);
        }
        diagnose(std::move(key));
        if (was_interrupted()) {
            return true;
        }
        const RepairPlan plan = plan_repairs(diagnosed_.report.checks, diagnosed_.found, input_.options,
                                             input_.surroundings, replaces_key());
        if (plan.repairs.empty()) {
            out_ << '\n';
            const bool broken = diagnosed_.report.diagnosis.verdict == Verdict::broken;
            say(broken ? "fix.by-hand" : "fix.nothing-to-do");
            return true;
        }
        show_cause();
        if (plan.doubt) {
            say("fix.doubt." + std::string(doubt_name(*plan.doubt)));
            say("fix.nothing-changed");
            return true;
        }
        for (const RunRepair& repair : plan.repairs) {
            if (!was_interrupted()) {
                std::visit([this](const auto& each) { make(each); }, repair);
            }
        }
        if (!changed_) {
            say(line_.dry_run ? "fix.dry-run" : "fix.nothing-changed");
        }
        return true;
    }

    // A key was given, and the one in the file is refused by the upstream.
    [[nodiscard]] bool replaces_key() const {
        const auto& checks = diagnosed_.report.checks;
        return input_.given_key && std::any_of(checks.begin(), checks.end(), [](const CheckResult& check) {
                   return std::any_of(check.findings.begin(), check.findings.end(), [](const Finding& finding) {
                       return finding.code == Cause::upstream_key_rejected && is_configured_key(finding.key_source);
                   });
               });
    }

    bool confirmed() {
        if (line_.dry_run) {
            return false;
        }
        if (line_.yes) {
            return true;
        }
        if (!may_ask_) {
            say("fix.no-terminal");
            return false;
        }
        return ask_to_confirm(texts_, out_) && !was_interrupted();
    }

    void report_failure(const ChangeOutcome& outcome, const fs::path& file) {
        say("fix.fault." + std::string(fault_name(outcome.fault)),
            {{"file", shown(file)}, {"reason", sanitize(outcome.error.message())}});
    }

    struct Target {
        fs::path file;
        bool there = false;
        platform::SeenFile seen;
        std::string source;        // that the new content starts from
        platform::FileStamp like;  // whose mode and owner a new file gets
        std::string copied_from;   // name; empty where the file itself is mended
    };

    std::optional<Target> look_at(const MendConfig& repair) {
        Target target;
        const fs::path file = moved_along(repair.file, move_);
        const fs::path content_of = repair.content_of.empty() ? fs::path() : moved_along(repair.content_of, move_);
        const std::optional<fs::path> real = platform::real_path(file);
        const std::optional<fs::path> folder = platform::real_path(file.parent_path());
        if (!folder) {
            return std::nullopt;
        }
        target.there = real.has_value();
        target.file = real.value_or(*folder / file.filename());
        if (!line_.dry_run) {
            remove_leftovers(target.file.parent_path());
        }
        const ChangeOutcome outcome = target.there
                                          ? platform::see_file(target.file, bounds::kSmallFileBytes, target.seen)
                                          : platform::stamp_of_folder(*folder, target.seen.stamp);
        if (!outcome.done()) {
            report_failure(outcome, target.file);
            return std::nullopt;
        }
        target.source = target.seen.bytes;
        target.like = target.seen.stamp;
        if (!content_of.empty() && content_of != file) {
            platform::SeenFile other;
            const auto real_other = platform::real_path(content_of);
            if (real_other && platform::see_file(*real_other, bounds::kSmallFileBytes, other).done() &&
                real_other->parent_path() == *folder) {
                target.source = other.bytes;
                target.like = other.stamp;
                target.copied_from = name_of(content_of);
            }
        }
        return target;
    }

    void make(const MendConfig& repair) {
        std::optional<Target> target = look_at(repair);
        if (!target) {
            return;
        }
        std::optional<Secret> key;
        if (input_.given_key) {
            key = keys_.given(input_.given_key->key, diagnosed_);
            if (!key) {
                return;
            }
        }
        const KeyUse use = replaces_key() ? KeyUse::always : KeyUse::where_none_is;
        auto outcome = mend_config(target->source, key ? &*key : nullptr, use);
        const auto* refusal = std::get_if<MendRefusal>(&outcome);
        if (refusal != nullptr && refusal->obstacle == MendObstacle::key_needed) {
            if (line_.dry_run) {
                key = stand_in_key();
            } else {
                say("fix.key-needed", {{"file", name_of(target->file)}});
                const fs::path& misnamed = diagnosed_.found.config->misnamed;
                key = keys_.find_or_ask(target->file, misnamed.empty() ? misnamed : moved_along(misnamed, move_));
                if (!key) {
                    return say(may_ask_ ? "fix.no-key" : "fix.no-key-unasked");
                }
            }
            outcome = mend_config(target->source, &*key, use);
            refusal = std::get_if<MendRefusal>(&outcome);
        }
        if (refusal != nullptr) {
            return say("fix.obstacle." + std::string(obstacle_name(refusal->obstacle)), {{"line", refusal->line}});
        }
        const auto& mended = std::get<MendedConfig>(outcome);
        if (target->there && mended.bytes == target->seen.bytes) {
            return;
        }
        say("fix.change", {{"file", shown(target->file)}});
        show_change(*target, mended);
        if (confirmed()) {
            write(*target, mended);
        }
    }

    void show_change(const Target& target, const MendedConfig& mended) {
        if (!target.copied_from.empty()) {
            say("fix.copied", {{"from", target.copied_from}, {"file", name_of(target.file)}});
        }
        for (const Mend mend : mended.mends) {
            say("fix.mend." + std::string(mend_name(mend)));
        }
        const std::string stand_in = stand_in_key().masked();
        for (const ChangedLine& changed : shown_difference(target.seen.bytes, mended.bytes)) {
            using Kind = ChangedLine::Kind;
            const char mark = changed.kind == Kind::removed ? '-' : changed.kind == Kind::added ? '+' : ' ';
            std::string text = changed.kind == Kind::left_out ? "…" : changed.text;
            if (const std::size_t at = text.find(stand_in); line_.dry_run && at != std::string::npos) {
                text.replace(at, stand_in.size(), "<YOUR-KEY>");
            }
            const std::string_view colour = !style_.colour ? ""
                                            : mark == '-'  ? "\x1B[31m"
                                            : mark == '+'  ? "\x1B[32m"
                                                           : "";
            out_ << "    " << colour << mark << ' ' << fit(text, style_.width - 6, style_.unicode)
                 << (colour.empty() ? "" : "\x1B[0m") << '\n';
        }
        out_ << '\n' << std::flush;
    }

    void write(const Target& target, const MendedConfig& mended) {
        ChangeOutcome outcome;
        const auto kind = target.there ? Backup::Kind::content : Backup::Kind::absent;
        const std::optional<Backup> backup = back_up(target.file, target.seen, kind, now_, outcome);
        if (!backup) {
            return report_failure(outcome, target.file);
        }
        // A copy with a key in it is not for others to read.
        outcome = target.there ? platform::replace_file(target.file, target.seen, mended.bytes)
                               : platform::write_new_file(target.file, mended.bytes, target.like,
                                                          target.copied_from.empty()
                                                              ? kOwnerOnly
                                                              : (target.like.mode & 0777U & ~kOthers) | kOwnerOnly);
        if (!outcome.done()) {
            remove_where_needless(*backup, target);
            return report_failure(outcome, target.file);
        }
        std::vector<std::string> changes;
        for (const Mend mend : mended.mends) {
            changes.emplace_back(mend_name(mend));
        }
        if (!target.copied_from.empty()) {
            changes.insert(changes.begin(), "copied");
        }
        note_made(target.file, backup->path, std::move(changes));
        say(target.there ? "fix.written" : "fix.created",
            {{"file", name_of(target.file)}, {"backup", shown(backup->path)}});
        out_ << '\n';
    }

    // On Windows a replacement can fail with the old file gone: then the backup is all that is left of it.
    static void remove_where_needless(const Backup& backup, const Target& target) {
        platform::SeenFile now;
        const bool untouched = !target.there || (platform::see_file(target.file, bounds::kSmallFileBytes, now).done() &&
                                                 now.bytes == target.seen.bytes);
        if (untouched) {
            std::error_code ignored;
            fs::remove(backup.path, ignored);
        }
    }

    void note_made(const fs::path& file, const fs::path& backup, std::vector<std::string> changes) {
        changed_ = true;
        RepairMade made;
        made.file = shown(file);
        made.backup = shown(backup);
        made.changes = std::move(changes);
        made_.push_back(std::move(made));
    }

    void make(const CloseToOthers& repair) {
        const std::optional<fs::path> file = platform::real_path(moved_along(repair.file, move_));
        platform::SeenFile seen;
        ChangeOutcome outcome =
            file ? platform::see_file(*file, bounds::kSmallFileBytes, seen) : ChangeOutcome{ChangeFault::changed, {}};
        if (!outcome.done()) {
            return report_failure(outcome, repair.file);
        }
        say("fix.close", {{"file", shown(*file)}});
        if (!confirmed()) {
            return;
        }
        const std::optional<Backup> backup = back_up(*file, seen, Backup::Kind::mode, now_, outcome);
        if (outcome.done()) {
            outcome = platform::set_mode(*file, seen, kOwnerOnly);
        }
        if (!outcome.done()) {
            if (backup) {
                std::error_code ignored;
                fs::remove(backup->path, ignored);
            }
            return report_failure(outcome, *file);
        }
        note_made(*file, backup->path, {"mode"});
        say("fix.closed", {{"file", name_of(*file)}, {"backup", shown(backup->path)}});
        out_ << '\n';
    }

    void make(const MovePlugin& repair) {
        say("fix.move", {{"from", shown(repair.move.from)}, {"to", shown(repair.move.to)}});
        if (!confirmed()) {
            return;
        }
        // The way back is noted first, and moves along.
        ChangeOutcome outcome;
        const std::optional<Backup> note = note_move(repair.move.from, repair.move.to, now_, outcome);
        if (!note) {
            return report_failure(outcome, repair.move.from);
        }
        outcome = platform::move_to_free_name(repair.move.from, repair.move.to);
        if (!outcome.done()) {
            std::error_code ignored;
            fs::remove(note->path, ignored);
            return report_failure(outcome, repair.move.from);
        }
        move_ = repair.move;
        note_made(move_.to, move_.to / note->path.filename(), {"moved"});
        say("fix.moved");
        out_ << '\n';
    }

    // ---- the way back ----

    bool undo() {
        RunOptions options = input_.options;
        options.only = {std::string(check_id::install_plugin)};
        RunInput run = run_input_of(input_, options, redactor_);
        const RunOutcome outcome = run_checks(run, RunObserver());
        if (!options.config && !outcome.found.install) {
            say("fix.undo.no-plugin");
            return false;
        }
        const fs::path named = options.config ? *options.config : outcome.found.install->plugin_dir / "config.ini";
        const fs::path file = platform::real_path(named).value_or(named);
        const std::optional<CopyDoubt> doubt =
            options.config ? std::nullopt : doubt_of_copy(*outcome.found.install, file, outcome.found);
        if (doubt) {
            say("fix.doubt." + std::string(doubt_name(*doubt)));
            say("fix.nothing-changed");
            return false;
        }
        if (!line_.dry_run) {
            remove_leftovers(file.parent_path());
        }
        std::optional<Backup> backup = newest_backup(file);
        if (!backup) {
            say("fix.undo.none", {{"file", shown(file)}});
            return false;
        }
        // All that one `fix` did has one time.
        const std::string stamp = backup->stamp;
        fs::path now_at = file;
        while (backup && backup->stamp == stamp && put_back(*backup, now_at)) {
            backup = newest_backup(now_at);
        }
        if (!changed_) {
            say(line_.dry_run ? "fix.dry-run" : "fix.nothing-changed");
        }
        if (!changed_ || was_interrupted()) {
            diagnose(std::nullopt);
        }
        return true;
    }

    // `file` follows a folder that moves.
    bool put_back(const Backup& backup, fs::path& file) {
        switch (backup.kind) {
            case Backup::Kind::content: return put_content_back(backup, file);
            case Backup::Kind::absent: return take_away(backup, file);
            case Backup::Kind::mode: return put_mode_back(backup, file);
            case Backup::Kind::moved: return move_back(backup, file);
        }
        return false;
    }

    bool finish(const ChangeOutcome& outcome, const Backup& backup, const fs::path& file) {
        if (!outcome.done()) {
            report_failure(outcome, file);
            return false;
        }
        changed_ = true;
        say("fix.undo.done", {{"file", name_of(file)}});
        // One that stays would be put back again and again.
        std::error_code failed;
        return fs::remove(backup.path, failed) && !failed;
    }

    bool put_content_back(const Backup& backup, const fs::path& file) {
        platform::SeenFile old;
        platform::SeenFile seen;
        ChangeOutcome outcome = platform::see_file(backup.path, bounds::kSmallFileBytes, old);
        std::error_code error;
        const bool there = fs::exists(fs::symlink_status(file, error));
        if (outcome.done() && there) {
            outcome = platform::see_file(file, bounds::kSmallFileBytes, seen);
        }
        if (!outcome.done()) {
            report_failure(outcome, file);
            return false;
        }
        Target target;
        target.file = file;
        target.seen = seen;
        MendedConfig before;
        before.bytes = old.bytes;
        say("fix.undo.content", {{"file", shown(file)}, {"backup", name_of(backup.path)}});
        show_change(target, before);
        if (!confirmed()) {
            return false;
        }
        if (!there) {
            return finish(platform::write_new_file(file, old.bytes, old.stamp, old.stamp.mode), backup, file);
        }
        const fs::path kept = undone_name(file, now_);
        outcome = platform::write_new_file(kept, seen.bytes, seen.stamp, seen.stamp.mode);
        if (outcome.done()) {
            outcome = platform::replace_file(file, seen, old.bytes);
            if (!outcome.done()) {
                std::error_code ignored;
                fs::remove(kept, ignored);
            }
        }
        if (!outcome.done()) {
            return finish(outcome, backup, file);
        }
        changed_ = true;
        say("fix.undo.kept", {{"kept", name_of(kept)}});
        if (old.stamp.mode != seen.stamp.mode) {
            platform::SeenFile now;
            outcome = platform::see_file(file, bounds::kSmallFileBytes, now);
            outcome = outcome.done() ? platform::set_mode(file, now, old.stamp.mode) : outcome;
        }
        return finish(outcome, backup, file);
    }

    bool take_away(const Backup& backup, const fs::path& file) {
        const fs::path kept = undone_name(file, now_);
        say("fix.undo.absent", {{"file", shown(file)}, {"kept", name_of(kept)}});
        return confirmed() && finish(platform::move_to_free_name(file, kept), backup, file);
    }

    bool put_mode_back(const Backup& backup, const fs::path& file) {
        platform::SeenFile seen;
        ChangeOutcome outcome = platform::see_file(file, bounds::kSmallFileBytes, seen);
        say("fix.undo.mode", {{"file", shown(file)}});
        if (!confirmed()) {
            return false;
        }
        if (outcome.done()) {
            outcome = platform::set_mode(file, seen, backup.mode);
        }
        return finish(outcome, backup, file);
    }

    bool move_back(const Backup& backup, fs::path& file) {
        const fs::path folder = backup.path.parent_path();
        const std::optional<fs::path> place = old_place(backup, folder);
        if (!place) {
            say("fix.undo.no-place", {{"backup", shown(backup.path)}});
            return false;
        }
        say("fix.move", {{"from", shown(folder)}, {"to", shown(*place)}});
        if (!confirmed()) {
            return false;
        }
        std::error_code ignored;
        fs::create_directory(place->parent_path(), ignored);  // ".disabled" may be gone
        const ChangeOutcome outcome = platform::move_to_free_name(folder, *place);
        file = *place / file.filename();
        Backup note = backup;
        note.path = *place / backup.path.filename();
        return finish(outcome, note, *place);
    }

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

}  // namespace

int run_fix(SessionInput input, SessionResult* finished) {
    return Fix(std::move(input)).run(finished);
}

}  // namespace banana
