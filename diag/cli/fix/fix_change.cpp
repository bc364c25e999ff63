#include "banana/bounds.hpp"
#include "config_difference.hpp"
#include "display_width.hpp"
#include "fix_session.hpp"
#include "key_text.hpp"

namespace banana {
namespace {

namespace fs = std::filesystem;
using platform::ChangeFault;
using platform::ChangeOutcome;

constexpr unsigned kOwnerOnly = 0600;
constexpr unsigned kOthers = 0007;

// Without the group's bits an access list would grant nothing any more: they bound it. Who is in it is so on purpose.
unsigned mode_closed_to_others(const platform::FileStamp& stamp) {
    return stamp.access_list.empty() ? kOwnerOnly : stamp.mode & ~kOthers;
}

// Stands for the key that a dry run does not ask for.
Secret stand_in_key() {
    std::string key(key_text::kKeyPrefix);
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

}  // namespace

bool FixSession::confirmed() {
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

void FixSession::report_failure(const ChangeOutcome& outcome, const fs::path& file) {
    say("fix.fault." + std::string(fault_name(outcome.fault)),
        {{"file", shown(file)}, {"reason", sanitize(outcome.error.message())}});
}

ChangeOutcome FixSession::remove_leftovers_of(const fs::path& file, platform::SeenFile& seen) {
    platform::remove_leftovers(file.parent_path());
    platform::SeenFile now;
    const ChangeOutcome outcome = platform::see_file(file, bounds::kSmallFileBytes, now);
    if (!outcome.done()) {
        return outcome;
    }
    platform::FileStamp expected = seen.stamp;
    expected.links = now.stamp.links;
    expected.changed = now.stamp.changed;
    if (now.stamp != expected || now.bytes != seen.bytes) {
        return {ChangeFault::changed, {}};
    }
    seen = std::move(now);
    return {};
}

std::optional<FixSession::Target> FixSession::look_at(const MendConfig& repair) {
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
    const ChangeOutcome outcome = target.there ? platform::see_file(target.file, bounds::kSmallFileBytes, target.seen)
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

void FixSession::make(const MendConfig& repair) {
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
    if (!confirmed()) {
        return;
    }
    ChangeOutcome seen_again;
    if (target->there) {
        seen_again = remove_leftovers_of(target->file, target->seen);
    } else {
        platform::remove_leftovers(target->file.parent_path());
    }
    if (!seen_again.done()) {
        return report_failure(seen_again, target->file);
    }
    write(*target, mended);
}

void FixSession::show_change(const Target& target, const MendedConfig& mended) {
    if (!target.copied_from.empty()) {
        say("fix.copied", {{"from", target.copied_from}, {"file", name_of(target.file)}});
    }
    for (const Mend mend : mended.mends) {
        say("fix.mend." + std::string(mend_name(mend)));
    }
    const std::string stand_in = stand_in_key().masked();
    for (const ChangedLine& changed : displayable_difference(target.seen.bytes, mended.bytes)) {
        using Kind = ChangedLine::Kind;
        const char mark = changed.kind == Kind::removed ? '-' : changed.kind == Kind::added ? '+' : ' ';
        std::string text = changed.kind == Kind::left_out ? "…" : changed.text;
        if (const std::size_t at = text.find(stand_in); line_.dry_run && at != std::string::npos) {
            text.replace(at, stand_in.size(), "<YOUR-KEY>");
        }
        const std::string_view colour = !style_.colour ? "" : mark == '-' ? "\x1B[31m" : mark == '+' ? "\x1B[32m" : "";
        out_ << "    " << colour << mark << ' ' << fit(text, style_.width - 6, style_.unicode)
             << (colour.empty() ? "" : "\x1B[0m") << '\n';
    }
    out_ << '\n' << std::flush;
}

void FixSession::write(const Target& target, const MendedConfig& mended) {
    ChangeOutcome outcome;
    const auto kind = target.there ? Backup::Kind::content : Backup::Kind::absent;
    const std::optional<Backup> backup = back_up(target.file, target.seen, kind, now_, outcome);
    if (!backup) {
        return report_failure(outcome, target.file);
    }
    // A copy with a key in it is not for others to read.
    outcome = target.there
                  ? platform::replace_file(target.file, target.seen, mended.bytes)
                  : platform::write_new_file(
                        target.file, mended.bytes, target.like,
                        target.copied_from.empty() ? kOwnerOnly : (target.like.mode & 0777U & ~kOthers) | kOwnerOnly);
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

void FixSession::remove_where_needless(const Backup& backup, const Target& target) {
    platform::SeenFile now;
    const bool untouched = !target.there || (platform::see_file(target.file, bounds::kSmallFileBytes, now).done() &&
                                             now.bytes == target.seen.bytes);
    if (untouched) {
        std::error_code ignored;
        fs::remove(backup.path, ignored);
    }
}

void FixSession::note_made(const fs::path& file, const fs::path& backup, std::vector<std::string> changes) {
    changed_ = true;
    RepairMade made;
    made.file = shown(file);
    made.backup = shown(backup);
    made.changes = std::move(changes);
    made_.push_back(std::move(made));
}

void FixSession::make(const CloseToOthers& repair) {
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
    outcome = remove_leftovers_of(*file, seen);
    std::optional<Backup> backup;
    if (outcome.done()) {
        backup = back_up(*file, seen, Backup::Kind::mode, now_, outcome);
    }
    if (outcome.done()) {
        outcome = platform::set_mode(*file, seen, mode_closed_to_others(seen.stamp));
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

void FixSession::make(const MovePlugin& repair) {
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

}  // namespace banana
