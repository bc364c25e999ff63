#ifdef _WIN32

#include "platform.hpp"

#include "windows_api.hpp"

#include <openssl/crypto.h>

#include <aclapi.h>
#include <sddl.h>

#include <algorithm>
#include <array>
#include <memory>

namespace banana::platform {
namespace {

namespace fs = std::filesystem;

struct LocalMemory {
    void operator()(void* memory) const { ::LocalFree(memory); }
};

// The groups that every account of a machine is in, or that everyone who sits at it is in.
bool is_everyone(PSID identifier) {
    static constexpr std::array kGroups{WinWorldSid, WinAuthenticatedUserSid, WinBuiltinUsersSid, WinInteractiveSid};
    return std::any_of(kGroups.begin(), kGroups.end(),
                       [&](WELL_KNOWN_SID_TYPE group) { return ::IsWellKnownSid(identifier, group) != 0; });
}

// What an entry of an access list says of reading.
struct Entry {
    bool allows;
    ACCESS_MASK rights;
    PSID account;
};

std::optional<Entry> entry_at(PACL list, DWORD index) {
    void* found = nullptr;
    if (::GetAce(list, index, &found) == 0) {
        return std::nullopt;
    }
    const auto* header = static_cast<const ACE_HEADER*>(found);
    if ((header->AceFlags & INHERIT_ONLY_ACE) != 0) {
        return std::nullopt;
    }
    // The two kinds lie alike in memory.
    if (header->AceType != ACCESS_ALLOWED_ACE_TYPE && header->AceType != ACCESS_DENIED_ACE_TYPE) {
        return std::nullopt;
    }
    auto* entry = static_cast<ACCESS_ALLOWED_ACE*>(found);
    return Entry{header->AceType == ACCESS_ALLOWED_ACE_TYPE, entry->Mask, &entry->SidStart};
}

FileKind kind_of(HANDLE file, const BY_HANDLE_FILE_INFORMATION& information) {
    if ((information.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY) != 0) {
        return FileKind::folder;
    }
    return ::GetFileType(file) == FILE_TYPE_DISK ? FileKind::regular : FileKind::other;
}

}  // namespace

// Windows has no such limit that a program could run into.
bool has_descriptors(std::size_t) {
    return true;
}

void throw_if_short_of_descriptors() {}

std::vector<fs::path> subfolders_of(const fs::path& folder, std::size_t limit) {
    std::vector<fs::path> folders;
    WIN32_FIND_DATAW entry{};
    // One call brings many names with their kinds, where a question for each would cost an access to the disk.
    const HANDLE search = ::FindFirstFileExW(long_form(folder / L"*").c_str(), FindExInfoBasic, &entry,
                                             FindExSearchNameMatch, nullptr, FIND_FIRST_EX_LARGE_FETCH);
    if (search == INVALID_HANDLE_VALUE) {
        throw_if_exhausted(last_windows_error());
        return folders;
    }
    constexpr DWORD kSystems = FILE_ATTRIBUTE_SYSTEM | FILE_ATTRIBUTE_HIDDEN;
    do {
        const std::wstring_view name(entry.cFileName);
        const bool is_folder = (entry.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY) != 0;
        if (is_folder && (entry.dwFileAttributes & kSystems) != kSystems && name != L"." && name != L"..") {
            folders.push_back(folder / name);
        }
    } while (folders.size() < limit && ::FindNextFileW(search, &entry) != 0);
    ::FindClose(search);
    return folders;
}

bool is_in_use(const std::error_code& error) {
    return error.category() == std::system_category() &&
           (error.value() == ERROR_SHARING_VIOLATION || error.value() == ERROR_LOCK_VIOLATION);
}

bool is_same_file(const fs::path& a, const fs::path& b) {
    const auto identity = [](const fs::path& path) -> std::optional<BY_HANDLE_FILE_INFORMATION> {
        constexpr DWORD kShared = FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE;
        const Handle file(::CreateFileW(path.c_str(), FILE_READ_ATTRIBUTES, kShared, nullptr, OPEN_EXISTING,
                                        FILE_FLAG_BACKUP_SEMANTICS, nullptr));
        BY_HANDLE_FILE_INFORMATION information{};
        if (!file.usable() || ::GetFileInformationByHandle(file.get(), &information) == 0) {
            return std::nullopt;
        }
        return information;
    };
    const auto first = identity(a);
    const auto second = first ? identity(b) : std::nullopt;
    return second && first->dwVolumeSerialNumber == second->dwVolumeSerialNumber &&
           first->nFileIndexHigh == second->nFileIndexHigh && first->nFileIndexLow == second->nFileIndexLow;
}

RawRead read_without_waiting(const fs::path& path, std::size_t limit) {
    RawRead result;
    // Whoever else has the file open may write, rename and delete it, as without us. The flag opens folders too.
    const Handle file(::CreateFileW(long_form(path).c_str(), GENERIC_READ,
                                    FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, nullptr, OPEN_EXISTING,
                                    FILE_FLAG_BACKUP_SEMANTICS, nullptr));
    if (!file.usable()) {
        result.error = last_windows_error();
        throw_if_exhausted(result.error);
        return result;
    }
    BY_HANDLE_FILE_INFORMATION information{};
    if (::GetFileInformationByHandle(file.get(), &information) == 0) {
        // Pipes and the console have none.
        result.kind = ::GetFileType(file.get()) == FILE_TYPE_DISK ? FileKind::unknown : FileKind::other;
        result.error = result.kind == FileKind::other ? std::error_code() : last_windows_error();
        return result;
    }
    result.kind = kind_of(file.get(), information);
    if (result.kind != FileKind::regular) {
        return result;
    }
    result.size = std::uintmax_t{information.nFileSizeHigh} << 32 | information.nFileSizeLow;
    std::array<char, 64 * 1024> buffer;
    std::size_t used = 0;
    while (result.bytes.size() < limit) {
        const std::size_t wanted = std::min(buffer.size(), limit - result.bytes.size());
        DWORD count = 0;
        if (::ReadFile(file.get(), buffer.data(), static_cast<DWORD>(wanted), &count, nullptr) == 0) {
            result.error = last_windows_error();
            throw_if_exhausted(result.error);
            break;
        }
        if (count == 0) {
            break;
        }
        result.bytes.append(buffer.data(), count);
        used = std::max(used, std::size_t{count});
    }
    // It may have been a file with a key.
    OPENSSL_cleanse(buffer.data(), used);
    return result;
}

// The folders above do not matter here: everyone may pass through a folder that they cannot list.
std::optional<bool> readable_by_everyone(const fs::path& path) {
    PACL list = nullptr;
    PSECURITY_DESCRIPTOR descriptor = nullptr;
    if (::GetNamedSecurityInfoW(long_form(path).c_str(), SE_FILE_OBJECT, DACL_SECURITY_INFORMATION, nullptr, nullptr,
                                &list, nullptr, &descriptor) != ERROR_SUCCESS) {
        return std::nullopt;
    }
    const std::unique_ptr<void, LocalMemory> owner(descriptor);
    if (list == nullptr) {
        return true;  // no list: a disk without access lists, or a file opened to all
    }
    constexpr ACCESS_MASK kReading = FILE_READ_DATA | GENERIC_READ | GENERIC_ALL;
    for (DWORD index = 0; index < list->AceCount; ++index) {
        const std::optional<Entry> entry = entry_at(list, index);
        // The first entry that speaks of it decides.
        if (entry && (entry->rights & kReading) != 0 && is_everyone(entry->account)) {
            return entry->allows;
        }
    }
    return false;
}

std::error_code set_readers(const fs::path& path, Readers readers) {
    // Protected from the folder's list; full rights for the owner, and where wanted the right to read for everyone.
    const wchar_t* const text =
        readers == Readers::everyone ? L"D:P(A;;FA;;;OW)(A;;FA;;;CO)(A;;FR;;;WD)" : L"D:P(A;;FA;;;OW)(A;;FA;;;CO)";
    PSECURITY_DESCRIPTOR descriptor = nullptr;
    if (::ConvertStringSecurityDescriptorToSecurityDescriptorW(text, SDDL_REVISION_1, &descriptor, nullptr) == 0) {
        return last_windows_error();
    }
    const std::unique_ptr<void, LocalMemory> owner(descriptor);
    if (::SetFileSecurityW(long_form(path).c_str(), DACL_SECURITY_INFORMATION, descriptor) == 0) {
        return last_windows_error();
    }
    return {};
}

bool other_people_have_accounts() {
    HKEY opened = nullptr;
    if (::RegOpenKeyExW(HKEY_LOCAL_MACHINE, L"SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\ProfileList", 0,
                        KEY_READ, &opened) != ERROR_SUCCESS) {
        return true;
    }
    const std::unique_ptr<HKEY__, decltype(&::RegCloseKey)> profiles(opened, ::RegCloseKey);
    int people = 0;
    std::array<wchar_t, 256> name{};
    for (DWORD index = 0;; ++index) {
        auto size = static_cast<DWORD>(name.size());
        const LSTATUS answer =
            ::RegEnumKeyExW(profiles.get(), index, name.data(), &size, nullptr, nullptr, nullptr, nullptr);
        if (answer != ERROR_SUCCESS) {
            break;
        }
        // Accounts of people: of this machine or its domain, or of Microsoft's directory. Services have short ones.
        const std::wstring_view account(name.data(), size);
        people += account.starts_with(L"S-1-5-21-") || account.starts_with(L"S-1-12-1-") ? 1 : 0;
    }
    return people > 1;
}

}  // namespace banana::platform

#endif
