#include "fix_backup.hpp"

#include "banana/ascii.hpp"
#include "banana/bounds.hpp"
#include "output_file.hpp"
#include "text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <tuple>

namespace banana {
namespace {

namespace fs = std::filesystem;
using platform::ChangeFault;
using platform::ChangeOutcome;

constexpr std::string_view kMark = platform::kTemporaryPrefix.substr(1);
constexpr std::string_view kEnd = ".bak";
constexpr std::string_view kAbsent = ".absent";
constexpr std::string_view kMoved = ".moved";
constexpr std::string_view kMode = ".mode-";
constexpr std::size_t kStampLength = 15;
constexpr int kMostInOneSecond = 100;
constexpr unsigned kBackupMode = 0600;

std::string octal(unsigned mode) {
    std::array<char, 12> text{};
    const auto written = std::to_chars(text.data(), text.data() + text.size(), mode, 8);
    return {text.data(), written.ptr};
}

std::string suffix_of(Backup::Kind kind, unsigned mode) {
    switch (kind) {
        case Backup::Kind::absent: return std::string(kAbsent);
        case Backup::Kind::mode: return std::string(kMode) + octal(mode & 0777U);
        case Backup::Kind::moved: return std::string(kMoved);
        case Backup::Kind::content: break;
    }
    return {};
}

std::string numbered_stamp(const std::string& stamp, int number) {
    return number == 1 ? stamp : stamp + "-" + std::to_string(number);
}

bool take_number(std::string_view& text, int base, unsigned& number) {
    const auto read = std::from_chars(text.data(), text.data() + text.size(), number, base);
    if (read.ec != std::errc()) {
        return false;
    }
    text.remove_prefix(static_cast<std::size_t>(read.ptr - text.data()));
    return true;
}

// What the name says; none for a name that is not ours. `rest` is what follows "banana-diag-".
std::optional<Backup> parsed(std::string_view rest) {
    if (rest.size() < kStampLength || !rest.ends_with(kEnd)) {
        return std::nullopt;
    }
    Backup backup;
    backup.stamp = rest.substr(0, kStampLength);
    const bool digits =
        std::all_of(backup.stamp.begin(), backup.stamp.end(), [](char c) { return is_digit(c) || c == '-'; });
    rest.remove_prefix(kStampLength);
    rest.remove_suffix(kEnd.size());
    if (unsigned number = 1; rest.starts_with('-')) {
        rest.remove_prefix(1);
        if (!take_number(rest, 10, number)) {
            return std::nullopt;
        }
        backup.number = static_cast<int>(std::min(number, 1'000'000U));
    }
    if (rest == kAbsent) {
        backup.kind = Backup::Kind::absent;
    } else if (rest == kMoved) {
        backup.kind = Backup::Kind::moved;
    } else if (rest.starts_with(kMode)) {
        backup.kind = Backup::Kind::mode;
        rest.remove_prefix(kMode.size());
        if (!take_number(rest, 8, backup.mode) || !rest.empty() || backup.mode > 0777U) {
            return std::nullopt;
        }
    } else if (!rest.empty()) {
        return std::nullopt;
    }
    return digits ? std::optional(backup) : std::nullopt;
}

// Of one time, what `fix` did last is the first to be put back: it moves the folder, closes the file, changes it.
std::tuple<std::string_view, int, int> order_of(const Backup& backup) {
    const int step = backup.kind == Backup::Kind::moved ? 0 : backup.kind == Backup::Kind::mode ? 1 : 2;
    return {backup.stamp, step, backup.number};
}

std::optional<Backup> write_backup(const fs::path& folder, const std::string& prefix, std::string_view bytes,
                                   const platform::FileStamp& like, Backup backup, unsigned mode,
                                   ChangeOutcome& outcome) {
    for (backup.number = 1; backup.number <= kMostInOneSecond; ++backup.number) {
        const std::string name = prefix + std::string(kMark) + numbered_stamp(backup.stamp, backup.number) +
                                 suffix_of(backup.kind, backup.mode) + std::string(kEnd);
        backup.path = folder / path_from_utf8(name);
        outcome = platform::write_new_file(backup.path, bytes, like, mode);
        if (outcome.fault != ChangeFault::taken) {
            break;
        }
    }
    return outcome.done() ? std::optional(backup) : std::nullopt;
}

}  // namespace

std::optional<Backup> back_up(const fs::path& file, const platform::SeenFile& seen, Backup::Kind kind,
                              std::chrono::system_clock::time_point now, ChangeOutcome& outcome) {
    Backup backup;
    backup.kind = kind;
    backup.mode = seen.stamp.mode;
    backup.stamp = local_stamp(now);
    // A copy that others can read would leave the key where the repair takes it from.
    const unsigned mode = kind == Backup::Kind::content ? seen.stamp.mode : kBackupMode;
    const std::string_view bytes = kind == Backup::Kind::absent ? std::string_view() : std::string_view(seen.bytes);
    return write_backup(file.parent_path(), path_text(file.filename()) + ".", bytes, seen.stamp, std::move(backup),
                        mode, outcome);
}

std::optional<Backup> note_move(const fs::path& from, const fs::path& to, std::chrono::system_clock::time_point now,
                                ChangeOutcome& outcome) {
    Backup backup;
    backup.kind = Backup::Kind::moved;
    backup.stamp = local_stamp(now);
    platform::FileStamp like;
    outcome = platform::stamp_of_folder(from, like);
    if (!outcome.done()) {
        return std::nullopt;
    }
    const std::string place = path_text(from.lexically_relative(to.parent_path()));
    return write_backup(from, "", place, like, std::move(backup), kBackupMode, outcome);
}

std::optional<Backup> newest_backup(const fs::path& file) {
    const std::string prefix = path_text(file.filename()) + "." + std::string(kMark);
    std::optional<Backup> newest;
    std::error_code error;
    fs::directory_iterator entries(file.parent_path(), error);
    for (std::size_t count = 0; !error && entries != fs::directory_iterator() && count < bounds::kPluginFolderEntries;
         ++count, entries.increment(error)) {
        const std::string name = path_text(entries->path().filename());
        const bool of_file = name.starts_with(prefix);
        const bool of_move = name.starts_with(kMark) && name.find(kMoved) != std::string::npos;
        std::optional<Backup> backup = of_file   ? parsed(std::string_view(name).substr(prefix.size()))
                                       : of_move ? parsed(std::string_view(name).substr(kMark.size()))
                                                 : std::nullopt;
        std::error_code ignored;
        if (!backup || !fs::is_regular_file(entries->symlink_status(ignored))) {
            continue;
        }
        backup->path = entries->path();
        if (!newest || order_of(*newest) < order_of(*backup)) {
            newest = std::move(backup);
        }
    }
    return newest;
}

std::optional<fs::path> old_place(const Backup& note, const fs::path& folder) {
    platform::SeenFile seen;
    if (!platform::see_file(note.path, bounds::kFileNameBytes * 2, seen).done()) {
        return std::nullopt;
    }
    const fs::path place = path_from_utf8(seen.bytes).lexically_normal();
    const auto steps = std::distance(place.begin(), place.end());
    const bool inside = place.is_relative() && !place.empty() && *place.begin() != ".." && *place.begin() != ".";
    if (!inside || steps > 2 || (steps == 1 && place.extension() != ".disabled")) {
        return std::nullopt;
    }
    return folder.parent_path() / place;
}

fs::path undone_name(const fs::path& file, std::chrono::system_clock::time_point now) {
    const std::string prefix = path_text(file.filename()) + "." + std::string(kMark);
    std::error_code error;
    for (int number = 1;; ++number) {
        fs::path path =
            file.parent_path() / path_from_utf8(prefix + numbered_stamp(local_stamp(now), number) + ".undone");
        if (number == kMostInOneSecond || !fs::exists(fs::symlink_status(path, error))) {
            return path;
        }
    }
}

}  // namespace banana
