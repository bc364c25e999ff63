#ifdef _WIN32

#include "platform_host.hpp"

#include "file_change.hpp"

#include "banana/bounds.hpp"
#include "console.hpp"
#include "text.hpp"
#include "windows_api.hpp"

#include <knownfolders.h>
#include <objbase.h>
#include <shellapi.h>
#include <shlobj.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <map>
#include <memory>
#include <optional>
#include <vector>

namespace banana::platform {
namespace {

constexpr const wchar_t* kInternetSettings = L"Software\\Microsoft\\Windows\\CurrentVersion\\Internet Settings";

std::optional<std::string> internet_setting(const wchar_t* name) {
    std::vector<wchar_t> value(bounds::kSystemSettingCharacters);
    DWORD size = static_cast<DWORD>(value.size() * sizeof(wchar_t));
    if (::RegGetValueW(HKEY_CURRENT_USER, kInternetSettings, name, RRF_RT_REG_SZ, nullptr, value.data(), &size) !=
        ERROR_SUCCESS) {
        return std::nullopt;
    }
    return utf8_of(value.data());
}

struct LocalMemory {
    void operator()(void* memory) const { ::LocalFree(memory); }
};

// One of the user's own folders, wherever it was moved to (another drive, OneDrive). Empty where there is none.
std::filesystem::path known_folder(const KNOWNFOLDERID& id) {
    wchar_t* path = nullptr;
    const HRESULT found = ::SHGetKnownFolderPath(id, 0, nullptr, &path);
    std::filesystem::path folder = found == S_OK ? std::filesystem::path(path) : std::filesystem::path();
    ::CoTaskMemFree(path);
    return folder;
}

std::error_code put_in_place(const std::filesystem::path& temporary, const std::filesystem::path& path, bool replace) {
    // The access list and the attributes of a file that is there stay.
    if (replace && ::ReplaceFileW(path.c_str(), temporary.c_str(), nullptr, REPLACEFILE_IGNORE_MERGE_ERRORS, nullptr,
                                  nullptr) != 0) {
        return {};
    }
    if (::MoveFileExW(temporary.c_str(), path.c_str(), replace ? MOVEFILE_REPLACE_EXISTING : 0) != 0) {
        return {};
    }
    return ::GetLastError() == ERROR_ALREADY_EXISTS ? std::make_error_code(std::errc::file_exists)
                                                    : last_windows_error();
}

}  // namespace

Environment process_environment() {
    std::map<std::string, std::string> values;
    wchar_t* block = ::GetEnvironmentStringsW();
    for (const wchar_t* entry = block; entry != nullptr && *entry != L'\0';) {
        const std::wstring_view text(entry);
        const std::size_t equals = text.find(L'=', 1);  // "=C:=…" entries begin with the sign
        if (equals != std::wstring_view::npos && text.front() != L'=') {
            values.emplace(utf8_of(text.substr(0, equals)), utf8_of(text.substr(equals + 1)));
        }
        entry += text.size() + 1;
    }
    ::FreeEnvironmentStringsW(block);
    return Environment(std::move(values), Environment::Names::case_blind);
}

std::optional<SystemProxySettings> system_proxy() {
    DWORD enabled = 0;
    DWORD size = sizeof(enabled);
    const LSTATUS read = ::RegGetValueW(HKEY_CURRENT_USER, kInternetSettings, L"ProxyEnable", RRF_RT_REG_DWORD, nullptr,
                                        &enabled, &size);
    const std::optional<std::string> server = internet_setting(L"ProxyServer");
    if (read != ERROR_SUCCESS || enabled == 0 || !server) {
        return std::nullopt;
    }
    return SystemProxySettings{*server, internet_setting(L"ProxyOverride").value_or(std::string())};
}

bool has_proxy_script() {
    return !internet_setting(L"AutoConfigURL").value_or(std::string()).empty();
}

std::filesystem::path home_folder(const Environment& environment) {
    return path_from_utf8(environment.get("USERPROFILE").value_or(""));
}

std::filesystem::path executable_path() {
    std::array<wchar_t, 32768> buffer{};
    const DWORD size = ::GetModuleFileNameW(nullptr, buffer.data(), static_cast<DWORD>(buffer.size()));
    return std::filesystem::path(std::wstring(buffer.data(), size));
}

std::vector<std::filesystem::path> personal_folders(const Environment& environment) {
    std::vector<std::filesystem::path> folders;
    for (const KNOWNFOLDERID& id : {FOLDERID_Desktop, FOLDERID_Documents}) {
        if (std::filesystem::path folder = known_folder(id); !folder.empty()) {
            folders.push_back(std::move(folder));
        }
    }
    folders.push_back(home_folder(environment));
    return folders;
}

bool show_to_user(const std::filesystem::path& file) {
    const HRESULT ready = ::CoInitializeEx(nullptr, COINIT_APARTMENTTHREADED | COINIT_DISABLE_OLE1DDE);
    const auto answer = reinterpret_cast<std::intptr_t>(
        ::ShellExecuteW(nullptr, L"open", file.c_str(), nullptr, nullptr, SW_SHOWNORMAL));
    if (SUCCEEDED(ready)) {
        ::CoUninitialize();
    }
    constexpr std::intptr_t kLastError = 32;
    return answer > kLastError;
}

std::vector<std::filesystem::path> local_drives() {
    std::vector<std::filesystem::path> drives;
    for (wchar_t letter = L'A'; letter <= L'Z'; ++letter) {
        const std::wstring root{letter, L':', L'\\'};
        const UINT kind = ::GetDriveTypeW(root.c_str());  // DRIVE_NO_ROOT_DIR where there is none
        if (kind == DRIVE_FIXED || kind == DRIVE_REMOVABLE || kind == DRIVE_RAMDISK) {
            drives.emplace_back(root);
        }
    }
    return drives;
}

std::string operating_system() {
    // GetVersionEx lies to programs without a manifest entry for the running version.
    using GetVersion = LONG(WINAPI*)(OSVERSIONINFOW*);
    const HMODULE library = ::GetModuleHandleW(L"ntdll.dll");
    const auto get_version = reinterpret_cast<GetVersion>(
        reinterpret_cast<void*>(library != nullptr ? ::GetProcAddress(library, "RtlGetVersion") : nullptr));
    OSVERSIONINFOW version{};
    version.dwOSVersionInfoSize = sizeof(version);
    if (get_version == nullptr || get_version(&version) != 0) {
        return "Windows";
    }
    return "Windows " + std::to_string(version.dwMajorVersion) + "." + std::to_string(version.dwMinorVersion) + "." +
           std::to_string(version.dwBuildNumber);
}

std::string user_locale(const Environment& environment) {
    if (const auto value = environment.get("LANG"); value && !value->empty()) {
        return *value;
    }
    std::array<wchar_t, LOCALE_NAME_MAX_LENGTH> name{};
    const int size = ::GetUserDefaultLocaleName(name.data(), static_cast<int>(name.size()));
    return size > 0 ? utf8_of(std::wstring_view(name.data(), static_cast<std::size_t>(size - 1))) : std::string();
}

void expect_diagnosis() noexcept {}

void prepare_process() {
    // A disk that is not in its drive is an error, not a window that waits for somebody.
    ::SetErrorMode(SEM_FAILCRITICALERRORS | SEM_NOGPFAULTERRORBOX);
}

std::vector<std::string> utf8_arguments(int, char**) {
    int count = 0;
    const std::unique_ptr<wchar_t*, LocalMemory> list(::CommandLineToArgvW(::GetCommandLineW(), &count));
    std::vector<std::string> arguments;
    for (int index = 1; list != nullptr && index < count; ++index) {
        arguments.push_back(utf8_of(list.get()[index]));
    }
    return arguments;
}

std::tm local_parts(std::time_t time) {
    std::tm parts{};
    return ::localtime_s(&parts, &time) == 0 ? parts : std::tm{};
}

std::string local_time(std::chrono::system_clock::time_point time) {
    const std::time_t seconds = std::chrono::system_clock::to_time_t(time);
    std::tm local{};
    std::tm utc{};
    if (::localtime_s(&local, &seconds) != 0 || ::gmtime_s(&utc, &seconds) != 0) {
        return {};
    }
    utc.tm_isdst = local.tm_isdst;
    const long offset = static_cast<long>(seconds - std::mktime(&utc)) / 60;
    std::array<char, 40> buffer{};
    const std::size_t size = std::strftime(buffer.data(), buffer.size(), "%Y-%m-%dT%H:%M:%S", &local);
    std::array<char, 8> zone{};
    const long distance = offset < 0 ? -offset : offset;
    std::snprintf(zone.data(), zone.size(), "%c%02ld:%02ld", offset < 0 ? '-' : '+', distance / 60 % 24, distance % 60);
    return std::string(buffer.data(), size) + zone.data();
}

std::error_code write_whole_file(const std::filesystem::path& wanted, std::string_view bytes, bool replace,
                                 Durability durability) {
    const std::filesystem::path path = long_form(wanted);
    const std::filesystem::path temporary = path.parent_path() / temporary_name();
    const HANDLE file =
        ::CreateFileW(temporary.c_str(), GENERIC_WRITE, 0, nullptr, CREATE_NEW, FILE_ATTRIBUTE_NORMAL, nullptr);
    if (file == INVALID_HANDLE_VALUE) {
        return last_windows_error();
    }
    std::error_code error;
    while (!bytes.empty() && !error) {
        constexpr std::size_t kChunk = 1U << 20U;
        DWORD written = 0;
        if (::WriteFile(file, bytes.data(), static_cast<DWORD>(bytes.size() < kChunk ? bytes.size() : kChunk), &written,
                        nullptr) == 0) {
            error = last_windows_error();
        }
        bytes.remove_prefix(written);
    }
    if (!error && durability == Durability::flushed && ::FlushFileBuffers(file) == 0) {
        error = last_windows_error();
    }
    ::CloseHandle(file);
    if (!error) {
        error = put_in_place(temporary, path, replace);
    }
    if (error) {
        ::DeleteFileW(temporary.c_str());
    }
    return error;
}

void exit_now(int code) {
    restore_terminal();
    std::fflush(nullptr);
    ::_exit(code);
}

}  // namespace banana::platform

#endif
