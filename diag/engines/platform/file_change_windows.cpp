#ifdef _WIN32

#include "file_change.hpp"

#include "windows_api.hpp"

#include <openssl/crypto.h>

#include <array>

namespace banana::platform {
namespace {

namespace fs = std::filesystem;

ChangeOutcome change_failed(ChangeFault fault = ChangeFault::failed) {
    return {fault, last_windows_error()};
}

std::int64_t ticks(const FILETIME& time) {
    return static_cast<std::int64_t>(std::uint64_t{time.dwHighDateTime} << 32 | time.dwLowDateTime);
}

ChangeOutcome require_unchanged(const fs::path& file, const SeenFile& seen) {
    SeenFile now;
    const ChangeOutcome outcome = see_file(file, seen.bytes.size() + 1, now);
    if (!outcome.done()) {
        const bool gone =
            outcome.fault == ChangeFault::not_regular || outcome.error == windows_error(ERROR_FILE_NOT_FOUND);
        return gone ? ChangeOutcome{ChangeFault::changed, outcome.error} : outcome;
    }
    return now.stamp == seen.stamp && now.bytes == seen.bytes ? ChangeOutcome{}
                                                              : ChangeOutcome{ChangeFault::changed, {}};
}

fs::path temporary_beside(const fs::path& file) {
    return file.parent_path() / temporary_name();
}

// Who may do what with the file; empty where the file system keeps no such lists.
std::string access_list_of(HANDLE file) {
    DWORD size = 0;
    ::GetKernelObjectSecurity(file, DACL_SECURITY_INFORMATION, nullptr, 0, &size);
    std::string list(size, '\0');
    return size != 0 && ::GetKernelObjectSecurity(file, DACL_SECURITY_INFORMATION, list.data(), size, &size) != 0
               ? list
               : std::string();
}

// `access_list`: from the first moment on; empty: what new files of the folder get.
ChangeOutcome write_temporary(const fs::path& path, std::string_view bytes, std::string access_list) {
    SECURITY_ATTRIBUTES security{sizeof(SECURITY_ATTRIBUTES), access_list.data(), FALSE};
    const Handle file(::CreateFileW(path.c_str(), GENERIC_WRITE, 0, access_list.empty() ? nullptr : &security,
                                    CREATE_NEW, FILE_ATTRIBUTE_NORMAL, nullptr));
    if (!file.usable()) {
        return change_failed();
    }
    while (!bytes.empty()) {
        constexpr std::size_t kChunk = 1U << 20U;
        DWORD written = 0;
        const auto wanted = static_cast<DWORD>(bytes.size() < kChunk ? bytes.size() : kChunk);
        if (::WriteFile(file.get(), bytes.data(), wanted, &written, nullptr) == 0) {
            return change_failed();
        }
        bytes.remove_prefix(written);
    }
    return ::FlushFileBuffers(file.get()) != 0 ? ChangeOutcome{} : change_failed();
}

bool is_there(const fs::path& path) {
    return ::GetFileAttributesW(path.c_str()) != INVALID_FILE_ATTRIBUTES;
}

}  // namespace

std::optional<fs::path> real_path(const fs::path& path) {
    const Handle file(::CreateFileW(long_form(path).c_str(), 0, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE,
                                    nullptr, OPEN_EXISTING, FILE_FLAG_BACKUP_SEMANTICS, nullptr));
    std::array<wchar_t, 32768> buffer{};
    const DWORD size = file.usable()
                           ? ::GetFinalPathNameByHandleW(file.get(), buffer.data(), static_cast<DWORD>(buffer.size()),
                                                         FILE_NAME_NORMALIZED | VOLUME_NAME_DOS)
                           : 0;
    if (size == 0 || size >= buffer.size()) {
        return std::nullopt;
    }
    std::wstring text(buffer.data(), size);
    constexpr std::wstring_view kShare = L"\\\\?\\UNC\\";
    constexpr std::wstring_view kLong = L"\\\\?\\";
    if (text.starts_with(kShare)) {
        text.replace(0, kShare.size(), L"\\\\");
    } else if (text.starts_with(kLong)) {
        text.erase(0, kLong.size());
    }
    return fs::path(text);
}

ChangeOutcome see_file(const fs::path& file, std::size_t limit, SeenFile& seen) {
    const Handle opened(::CreateFileW(long_form(file).c_str(), GENERIC_READ,
                                      FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, nullptr, OPEN_EXISTING,
                                      FILE_FLAG_OPEN_REPARSE_POINT, nullptr));
    BY_HANDLE_FILE_INFORMATION information{};
    if (!opened.usable() || ::GetFileInformationByHandle(opened.get(), &information) == 0) {
        return change_failed();
    }
    const std::uint64_t size = std::uint64_t{information.nFileSizeHigh} << 32 | information.nFileSizeLow;
    constexpr DWORD kOther = FILE_ATTRIBUTE_DIRECTORY | FILE_ATTRIBUTE_REPARSE_POINT | FILE_ATTRIBUTE_DEVICE;
    if ((information.dwFileAttributes & kOther) != 0 || size > limit) {
        return {ChangeFault::not_regular, {}};
    }
    seen.bytes.clear();
    std::array<char, 16 * 1024> buffer;
    for (;;) {
        DWORD count = 0;
        if (::ReadFile(opened.get(), buffer.data(), static_cast<DWORD>(buffer.size()), &count, nullptr) == 0) {
            return change_failed();
        }
        if (count == 0) {
            break;
        }
        seen.bytes.append(buffer.data(), count);
        if (seen.bytes.size() > limit) {
            return {ChangeFault::not_regular, {}};
        }
    }
    OPENSSL_cleanse(buffer.data(), buffer.size());  // there may be a key in it
    seen.stamp = {};
    seen.stamp.device = information.dwVolumeSerialNumber;
    seen.stamp.number = std::uint64_t{information.nFileIndexHigh} << 32 | information.nFileIndexLow;
    seen.stamp.size = size;
    seen.stamp.written = ticks(information.ftLastWriteTime);
    seen.stamp.changed = information.dwFileAttributes;
    seen.stamp.links = information.nNumberOfLinks;
    seen.stamp.access_list = access_list_of(opened.get());
    return {};
}

ChangeOutcome stamp_of_folder(const fs::path& folder, FileStamp& stamp) {
    stamp = {};
    return is_there(long_form(folder)) ? ChangeOutcome{} : change_failed();
}

ChangeOutcome replace_file(const fs::path& wanted, const SeenFile& seen, std::string_view bytes) {
    if (seen.stamp.links > 1) {
        return {ChangeFault::linked, {}};
    }
    if ((seen.stamp.changed & FILE_ATTRIBUTE_READONLY) != 0) {
        return {ChangeFault::read_only, {}};
    }
    const fs::path file = long_form(wanted);
    if (ChangeOutcome outcome = require_unchanged(file, seen); !outcome.done()) {
        return outcome;
    }
    const fs::path temporary = temporary_beside(file);
    ChangeOutcome outcome = write_temporary(temporary, bytes, seen.stamp.access_list);
    if (outcome.done()) {
        outcome = require_unchanged(file, seen);
    }
    // The access list, the attributes and the time of creation stay.
    if (outcome.done() && ::ReplaceFileW(file.c_str(), temporary.c_str(), nullptr, REPLACEFILE_IGNORE_MERGE_ERRORS,
                                         nullptr, nullptr) == 0) {
        outcome = change_failed();
        // It may have got as far as taking the old file away.
        if (!is_there(file) && ::MoveFileExW(temporary.c_str(), file.c_str(), MOVEFILE_WRITE_THROUGH) != 0) {
            outcome = {};
        }
    }
    if (!outcome.done() && is_there(file)) {
        ::DeleteFileW(temporary.c_str());
    }
    return outcome;
}

ChangeOutcome write_new_file(const fs::path& wanted, std::string_view bytes, const FileStamp& like, unsigned) {
    const fs::path file = long_form(wanted);
    const fs::path temporary = temporary_beside(file);
    ChangeOutcome outcome = write_temporary(temporary, bytes, like.access_list);
    if (outcome.done()) {
        outcome = move_to_free_name(temporary, file);
    }
    if (!outcome.done()) {
        ::DeleteFileW(temporary.c_str());
    }
    return outcome;
}

// Access lists have other ways.
ChangeOutcome set_mode(const fs::path&, const SeenFile&, unsigned) {
    return {ChangeFault::failed, std::make_error_code(std::errc::function_not_supported)};
}

ChangeOutcome move_to_free_name(const fs::path& from, const fs::path& to) {
    if (::MoveFileExW(long_form(from).c_str(), long_form(to).c_str(), MOVEFILE_WRITE_THROUGH) != 0) {
        return {};
    }
    const DWORD error = ::GetLastError();
    const bool taken = error == ERROR_ALREADY_EXISTS || error == ERROR_FILE_EXISTS;
    return {taken ? ChangeFault::taken : ChangeFault::failed, windows_error(error)};
}

}  // namespace banana::platform

#endif
