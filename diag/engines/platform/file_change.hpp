// A small file of somebody else's changed as a whole or not at all, and only while it still is what was read. Part of
// the platform layer: one interface, an implementation for POSIX and one for Windows.
//
// Paths are real ones (real_path): a link in the last place is refused, never followed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

namespace banana::platform {

// Absolute, all links resolved. None where the path leads nowhere.
std::optional<std::filesystem::path> real_path(const std::filesystem::path& path);

// Which file it is and when it was last changed.
struct FileStamp {
    std::uint64_t device = 0, number = 0, size = 0;
    std::int64_t written = 0, changed = 0;  // of the content, and of anything else; the system's own unit
    unsigned mode = 0;                      // permission bits; 0 on Windows, where the access list says it all
    unsigned owner = 0, group = 0;
    std::uint64_t links = 1;
    std::string access_list;  // who else may do what, in the system's own form; empty where there is no such list
    bool operator==(const FileStamp&) const = default;
};

struct SeenFile {
    std::string bytes;
    FileStamp stamp;
};

enum class ChangeFault {
    none,
    changed,      // it is not the file that was read any more, or has another content
    not_regular,  // a link, a folder, a device; or larger than the limit
    linked,       // it has several names, of which only one would change
    read_only,    // somebody made it so on purpose
    owner,        // it belongs to another account, and the new file would not
    taken,        // something has the new name already
    failed,       // any other error of the operating system
};

struct ChangeOutcome {
    ChangeFault fault = ChangeFault::none;
    std::error_code error;  // what the system said; may be unset
    [[nodiscard]] bool done() const noexcept { return fault == ChangeFault::none; }
};

// At most `limit` bytes. `seen` is set where the outcome is done.
ChangeOutcome see_file(const std::filesystem::path& file, std::size_t limit, SeenFile& seen);

// Whose a folder is, for files that are made in it.
ChangeOutcome stamp_of_folder(const std::filesystem::path& folder, FileStamp& stamp);

// Puts `bytes` in the file's place: written to a new file beside it, flushed, given the same mode, owner and access
// list, and renamed over it once the file was looked at again. Whenever this process ends, the old file or the new one
// is there, whole.
ChangeOutcome replace_file(const std::filesystem::path& file, const SeenFile& seen, std::string_view bytes);

// A new file, whole or absent, with the access list and the owner of `like`, and with this mode (POSIX), which bounds
// what the list grants. Never replaces anything.
ChangeOutcome write_new_file(const std::filesystem::path& file, std::string_view bytes, const FileStamp& like,
                             unsigned mode);

// Sets the permission bits of the file that was seen (POSIX; on Windows: failed).
ChangeOutcome set_mode(const std::filesystem::path& file, const SeenFile& seen, unsigned mode);

// What names of new files begin with until they are put in place. Without the dot: names of backups.
inline constexpr std::string_view kTemporaryPrefix = ".banana-diag-";

// A name of this process, each time another: the prefix, the process, a number.
std::string temporary_name();

// Removes what a process that was killed had not put in place yet: it may hold a key, and be a second name of a file
// that is to be changed. What belongs to another process that runs stays, and so do links and folders.
void remove_leftovers(const std::filesystem::path& folder);

// Renames a file or folder within one file system. Never replaces anything.
ChangeOutcome move_to_free_name(const std::filesystem::path& from, const std::filesystem::path& to);

}  // namespace banana::platform
