#include "file_exposure.hpp"

#include "banana/bounds.hpp"
#include "bounded_file.hpp"
#include "platform.hpp"
#include "text.hpp"

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

namespace banana {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kHeaderSize = 12;
constexpr std::size_t kEntrySize = 62;  // ten 32-bit numbers, a SHA-1, the flags
constexpr unsigned kExtendedFlag = 0x4000;

std::uint32_t big_endian_32(std::string_view bytes, std::size_t at) {
    std::uint32_t value = 0;
    for (std::size_t index = 0; index < 4; ++index) {
        value = value << 8 | static_cast<unsigned char>(bytes[at + index]);
    }
    return value;
}

unsigned big_endian_16(std::string_view bytes, std::size_t at) {
    return static_cast<unsigned>(static_cast<unsigned char>(bytes[at]) << 8 |
                                 static_cast<unsigned char>(bytes[at + 1]));
}

// The variable-width number of version 4: how much of the previous name to drop. Moves `at` behind it.
std::size_t read_offset(std::string_view bytes, std::size_t& at) {
    std::size_t value = 0;
    bool more = true;
    for (int count = 0; more && at < bytes.size() && count < 8; ++count) {
        const auto byte = static_cast<unsigned char>(bytes[at++]);
        value = (count == 0 ? 0 : (value + 1) << 7) | (byte & 0x7FU);
        more = (byte & 0x80U) != 0;
    }
    return value;
}

bool index_lists(std::string_view index, std::string_view wanted) {
    if (index.size() < kHeaderSize || !index.starts_with("DIRC")) {
        return false;
    }
    const std::uint32_t version = big_endian_32(index, 4);
    std::string name;
    std::size_t at = kHeaderSize;
    for (std::uint32_t count = big_endian_32(index, 8); count > 0 && at + kEntrySize <= index.size(); --count) {
        const std::size_t start = at;
        const bool extended = version >= 3 && (big_endian_16(index, at + kEntrySize - 2) & kExtendedFlag) != 0;
        at += kEntrySize + (extended ? 2 : 0);
        if (version == 4) {
            const std::size_t dropped = read_offset(index, at);
            name.resize(name.size() - std::min(name.size(), dropped));
        } else {
            name.clear();
        }
        const std::size_t end = index.find('\0', at);
        if (end == std::string_view::npos) {
            return false;
        }
        name.append(index.substr(at, end - at));
        if (name == wanted) {
            return true;
        }
        // Before version 4 an entry is padded with 1 to 8 NULs to a multiple of eight bytes.
        at = version == 4 ? end + 1 : start + (end - start + 8) / 8 * 8;
    }
    return false;
}

// `.git` is a folder, or in worktrees and submodules a file that names it.
std::optional<fs::path> git_folder(const fs::path& root) {
    std::error_code error;
    const fs::path entry = root / ".git";
    if (fs::is_directory(entry, error)) {
        return entry;
    }
    constexpr std::string_view kPointer = "gitdir:";
    const BoundedFile pointer = read_bounded(entry, bounds::kGitPointerBytes);
    if (pointer.problem || !pointer.bytes.starts_with(kPointer)) {
        return std::nullopt;
    }
    const std::string_view target = trim_ascii(std::string_view(pointer.bytes).substr(kPointer.size()));
    return root / path_from_utf8(target);
}

}  // namespace

bool readable_by_others(const fs::path& file) {
    return platform::readable_by_everyone(file).value_or(false);
}

std::optional<fs::path> tracking_repository(const fs::path& file) {
    std::error_code error;
    const fs::path folder = fs::weakly_canonical(file.parent_path(), error);
    if (error) {
        return std::nullopt;
    }
    for (fs::path root = folder;; root = root.parent_path()) {
        if (const auto git = git_folder(root)) {
            const BoundedFile index = read_bounded(*git / "index", bounds::kGitIndexBytes);
            const std::u8string name = (folder / file.filename()).lexically_relative(root).generic_u8string();
            const bool tracked = !index.problem && index_lists(index.bytes, std::string(name.begin(), name.end()));
            return tracked ? std::optional(root) : std::nullopt;
        }
        if (root == root.parent_path()) {
            return std::nullopt;
        }
    }
}

}  // namespace banana
