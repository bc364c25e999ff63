#include "banana/bounds.hpp"
#include "fix_session.hpp"

namespace banana {
namespace {

namespace fs = std::filesystem;
using platform::ChangeOutcome;

}  // namespace

bool FixSession::undo() {
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

bool FixSession::put_back(const Backup& backup, fs::path& file) {
    switch (backup.kind) {
        case Backup::Kind::content: return put_content_back(backup, file);
        case Backup::Kind::absent: return take_away(backup, file);
        case Backup::Kind::mode: return put_mode_back(backup, file);
        case Backup::Kind::moved: return move_back(backup, file);
    }
    return false;
}

bool FixSession::finish(const ChangeOutcome& outcome, const Backup& backup, const fs::path& file) {
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

bool FixSession::put_content_back(const Backup& backup, const fs::path& file) {
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
    if (there) {
        outcome = remove_leftovers_of(file, seen);
    } else {
        platform::remove_leftovers(file.parent_path());
    }
    if (!outcome.done()) {
        return finish(outcome, backup, file);
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

bool FixSession::take_away(const Backup& backup, const fs::path& file) {
    std::error_code ignored;
    if (fs::symlink_status(file, ignored).type() == fs::file_type::not_found) {
        return !line_.dry_run && finish({}, backup, file);  // somebody took it away already
    }
    const fs::path kept = undone_name(file, now_);
    say("fix.undo.absent", {{"file", shown(file)}, {"kept", name_of(kept)}});
    return confirmed() && finish(platform::move_to_free_name(file, kept), backup, file);
}

bool FixSession::put_mode_back(const Backup& backup, const fs::path& file) {
    platform::SeenFile seen;
    ChangeOutcome outcome = platform::see_file(file, bounds::kSmallFileBytes, seen);
    if (!outcome.done()) {
        return finish(outcome, backup, file);
    }
    say("fix.undo.mode", {{"file", shown(file)}});
    if (!confirmed()) {
        return false;
    }
    outcome = remove_leftovers_of(file, seen);
    if (outcome.done()) {
        outcome = platform::set_mode(file, seen, backup.mode);
    }
    return finish(outcome, backup, file);
}

bool FixSession::move_back(const Backup& backup, fs::path& file) {
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

}  // namespace banana
