#ifdef _WIN32

#include "banana/bounds.hpp"
#include "platform_host.hpp"
#include "text.hpp"

#include <windows.h>

#include <io.h>
#include <shellapi.h>

#include <array>
#include <atomic>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <map>
#include <optional>
#include <vector>

namespace banana::platform {
namespace {

constexpr int kUsualWidth = 80;

std::string utf8(std::wstring_view wide) {
    if (wide.empty()) {
        return {};
    }
    const int length = static_cast<int>(wide.size());
    const int size = ::WideCharToMultiByte(CP_UTF8, 0, wide.data(), length, nullptr, 0, nullptr, nullptr);
    std::string out(static_cast<std::size_t>(size), '\0');
    ::WideCharToMultiByte(CP_UTF8, 0, wide.data(), length, out.data(), size, nullptr, nullptr);
    return out;
}

constexpr const wchar_t* kInternetSettings = L"Software\\Microsoft\\Windows\\CurrentVersion\\Internet Settings";

std::optional<std::string> internet_setting(const wchar_t* name) {
    std::vector<wchar_t> value(bounds::kSystemSettingCharacters);
    DWORD size = static_cast<DWORD>(value.size() * sizeof(wchar_t));
    if (::RegGetValueW(HKEY_CURRENT_USER, kInternetSettings, name, RRF_RT_REG_SZ, nullptr, value.data(), &size) !=
        ERROR_SUCCESS) {
        return std::nullopt;
    }
    return utf8(value.data());
}

HANDLE handle_of(Stream stream) {
    switch (stream) {
        case Stream::input: return ::GetStdHandle(STD_INPUT_HANDLE);
        case Stream::output: return ::GetStdHandle(STD_OUTPUT_HANDLE);
        case Stream::error: break;
    }
    return ::GetStdHandle(STD_ERROR_HANDLE);
}

std::error_code last_error() {
    return {static_cast<int>(::GetLastError()), std::system_category()};
}

std::atomic<int> interrupt{0};

void note_interrupt(int number) {
    int none = 0;
    interrupt.compare_exchange_strong(none, number);
    std::signal(number, note_interrupt);  // the C library takes it away at each signal
}

}  // namespace

Environment process_environment() {
    std::map<std::string, std::string> values;
    wchar_t* block = ::GetEnvironmentStringsW();
    for (const wchar_t* entry = block; entry != nullptr && *entry != L'\0';) {
        const std::wstring_view text(entry);
        const std::size_t equals = text.find(L'=', 1);  // "=C:=…" entries begin with the sign
        if (equals != std::wstring_view::npos && text.front() != L'=') {
            values.emplace(utf8(text.substr(0, equals)), utf8(text.substr(equals + 1)));
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

std::filesystem::path home_folder(const Environment& environment) {
    return path_from_utf8(environment.get("USERPROFILE").value_or(""));
}

std::filesystem::path executable_path() {
    std::array<wchar_t, 32768> buffer{};
    const DWORD size = ::GetModuleFileNameW(nullptr, buffer.data(), static_cast<DWORD>(buffer.size()));
    return std::filesystem::path(std::wstring(buffer.data(), size));
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
    return size > 0 ? utf8(std::wstring_view(name.data(), static_cast<std::size_t>(size - 1))) : std::string();
}

bool is_terminal(Stream stream) {
    DWORD mode = 0;
    return ::GetConsoleMode(handle_of(stream), &mode) != 0;
}

int terminal_width(Stream stream) {
    CONSOLE_SCREEN_BUFFER_INFO information{};
    if (::GetConsoleScreenBufferInfo(handle_of(stream), &information) == 0) {
        return kUsualWidth;
    }
    return information.srWindow.Right - information.srWindow.Left + 1;
}

bool prepare_utf8_terminal(const Environment&) {
    for (const Stream stream : {Stream::output, Stream::error}) {
        DWORD mode = 0;
        if (::GetConsoleMode(handle_of(stream), &mode) != 0) {
            ::SetConsoleMode(handle_of(stream), mode | ENABLE_VIRTUAL_TERMINAL_PROCESSING);
        }
    }
    return ::SetConsoleOutputCP(CP_UTF8) != 0;
}

void prepare_standard_streams() {}

void prepare_process() {}

void hold_interrupts() {
    std::signal(SIGINT, note_interrupt);
    std::signal(SIGTERM, note_interrupt);
}

int interrupt_received() noexcept {
    return interrupt.load();
}

std::vector<std::string> utf8_arguments(int, char**) {
    int count = 0;
    wchar_t** list = ::CommandLineToArgvW(::GetCommandLineW(), &count);
    std::vector<std::string> arguments;
    for (int index = 1; index < count; ++index) {
        arguments.push_back(utf8(list[index]));
    }
    ::LocalFree(list);
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

std::error_code write_whole_file(const std::filesystem::path& path, std::string_view bytes, bool replace,
                                 Durability durability) {
    static std::atomic<unsigned> counter{0};
    const std::filesystem::path temporary =
        path.parent_path() /
        (".banana-diag-" + std::to_string(::GetCurrentProcessId()) + "-" + std::to_string(++counter));
    const HANDLE file =
        ::CreateFileW(temporary.c_str(), GENERIC_WRITE, 0, nullptr, CREATE_NEW, FILE_ATTRIBUTE_NORMAL, nullptr);
    if (file == INVALID_HANDLE_VALUE) {
        return last_error();
    }
    std::error_code error;
    while (!bytes.empty() && !error) {
        constexpr std::size_t kChunk = 1U << 20U;
        DWORD written = 0;
        if (::WriteFile(file, bytes.data(), static_cast<DWORD>(bytes.size() < kChunk ? bytes.size() : kChunk), &written,
                        nullptr) == 0) {
            error = last_error();
        }
        bytes.remove_prefix(written);
    }
    if (!error && durability == Durability::flushed && ::FlushFileBuffers(file) == 0) {
        error = last_error();
    }
    ::CloseHandle(file);
    if (!error && ::MoveFileExW(temporary.c_str(), path.c_str(), replace ? MOVEFILE_REPLACE_EXISTING : 0) == 0) {
        error = ::GetLastError() == ERROR_ALREADY_EXISTS ? std::make_error_code(std::errc::file_exists) : last_error();
    }
    if (error) {
        ::DeleteFileW(temporary.c_str());
    }
    return error;
}

void exit_now(int code) {
    std::fflush(nullptr);
    ::_exit(code);
}

}  // namespace banana::platform

#endif
