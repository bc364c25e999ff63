#ifdef _WIN32

#include "process_view.hpp"

#include "banana/bounds.hpp"
#include "windows_api.hpp"

#include <winsock2.h>
#include <ws2tcpip.h>

#include <iphlpapi.h>
#include <psapi.h>
#include <shellapi.h>
#include <winternl.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <memory>

namespace banana {
namespace {

namespace fs = std::filesystem;
using platform::Handle;
using platform::utf8_of;

// Offsets of a 64-bit process, which have stood since Windows XP x64: of its parameters in the process's block (PEB),
// and of what we read in those (RTL_USER_PROCESS_PARAMETERS). Microsoft's winternl.h names them in part only.
constexpr std::size_t kParameters = 0x20;
constexpr std::size_t kFolder = 0x38;
constexpr std::size_t kCommandLine = 0x70;
constexpr std::size_t kEnvironment = 0x80;
constexpr std::size_t kEnvironmentSize = 0x3F0;

struct LocalMemory {
    void operator()(void* memory) const { ::LocalFree(memory); }
};

// The account that a process runs under, as the system's identifier.
std::vector<unsigned char> account_of(HANDLE process) {
    HANDLE opened = nullptr;
    if (::OpenProcessToken(process, TOKEN_QUERY, &opened) == 0) {
        return {};
    }
    const Handle token(opened);
    DWORD size = 0;
    ::GetTokenInformation(token.get(), TokenUser, nullptr, 0, &size);
    std::vector<unsigned char> user(size);
    if (size == 0 || ::GetTokenInformation(token.get(), TokenUser, user.data(), size, &size) == 0) {
        return {};
    }
    const PSID identifier = reinterpret_cast<const TOKEN_USER*>(user.data())->User.Sid;
    const auto* bytes = static_cast<const unsigned char*>(identifier);
    return {bytes, bytes + ::GetLengthSid(identifier)};
}

// Reads what a process of this account was started with, out of its own memory.
class ProcessMemory {
public:
    explicit ProcessMemory(int process)
        : process_(::OpenProcess(PROCESS_QUERY_INFORMATION | PROCESS_VM_READ, FALSE, static_cast<DWORD>(process))) {
        BOOL is_32_bit = FALSE;
        if (!process_.usable() || ::IsWow64Process(process_.get(), &is_32_bit) == 0 || is_32_bit != FALSE ||
            account_of(process_.get()) != account_of(::GetCurrentProcess())) {
            return;
        }
        PROCESS_BASIC_INFORMATION basic{};
        if (::NtQueryInformationProcess(process_.get(), ProcessBasicInformation, &basic, sizeof(basic), nullptr) != 0) {
            return;
        }
        parameters_ = word_at(reinterpret_cast<std::uintptr_t>(basic.PebBaseAddress) + kParameters);
    }

    std::optional<std::wstring> command_line() const { return string_at(kCommandLine); }
    std::optional<std::wstring> folder() const { return string_at(kFolder); }

    // Each variable ends with a zero; the last is followed by another.
    std::optional<std::wstring> environment() const {
        if (parameters_ == 0) {
            return std::nullopt;
        }
        const std::uintptr_t size = word_at(parameters_ + kEnvironmentSize);
        return text_at(word_at(parameters_ + kEnvironment),
                       std::min<std::uintptr_t>(size, bounds::kProcessStringsBytes) / sizeof(wchar_t));
    }

private:
    bool read(std::uintptr_t address, void* target, std::size_t size) const {
        SIZE_T count = 0;
        return address != 0 &&
               ::ReadProcessMemory(process_.get(), reinterpret_cast<const void*>(address), target, size, &count) != 0 &&
               count == size;
    }

    std::uintptr_t word_at(std::uintptr_t address) const {
        std::uintptr_t word = 0;
        return read(address, &word, sizeof(word)) ? word : 0;
    }

    std::optional<std::wstring> text_at(std::uintptr_t address, std::size_t characters) const {
        std::wstring text(characters, L'\0');
        if (characters > 0 && !read(address, text.data(), characters * sizeof(wchar_t))) {
            return std::nullopt;
        }
        return text;
    }

    std::optional<std::wstring> string_at(std::size_t offset) const {
        UNICODE_STRING string{};
        if (parameters_ == 0 || !read(parameters_ + offset, &string, sizeof(string))) {
            return std::nullopt;
        }
        return text_at(reinterpret_cast<std::uintptr_t>(string.Buffer), string.Length / sizeof(wchar_t));
    }

    Handle process_;
    std::uintptr_t parameters_ = 0;
};

// The rows of one of the system's tables, whose size changes while one asks for it.
template <typename Table>
std::vector<unsigned char> listener_table(ULONG family) {
    std::vector<unsigned char> table(sizeof(Table));
    for (int attempt = 0; attempt < 5; ++attempt) {
        DWORD size = static_cast<DWORD>(table.size());
        const DWORD answer = ::GetExtendedTcpTable(table.data(), &size, FALSE, family, TCP_TABLE_OWNER_PID_LISTENER, 0);
        if (answer == NO_ERROR) {
            return table;
        }
        if (answer != ERROR_INSUFFICIENT_BUFFER) {
            break;
        }
        table.resize(std::size_t{size} * 2);
    }
    return {};
}

std::string text_of_address(int family, const void* address) {
    std::array<char, INET6_ADDRSTRLEN> text{};
    return ::inet_ntop(family, address, text.data(), text.size()) != nullptr ? text.data() : std::string();
}

// Ports stand in the low half of a word, in the order of the network.
std::uint16_t port_of(DWORD word) {
    return ::ntohs(static_cast<u_short>(word & 0xFFFFU));
}

std::vector<Listener> listening_processes() {
    std::map<std::uint16_t, Listener> ports;
    const auto add = [&](DWORD process, std::uint16_t port, std::vector<std::string> hosts) {
        Listener& listener = ports.try_emplace(port, Listener{static_cast<int>(process), port, {}}).first->second;
        // Another process's socket of the other family is not this listener's.
        if (listener.process == static_cast<int>(process)) {
            listener.hosts.insert(listener.hosts.end(), hosts.begin(), hosts.end());
        }
    };
    // Loopback stands for every address of the machine. A socket for IPv6's takes IPv4 only where it was told to.
    if (const auto table = listener_table<MIB_TCPTABLE_OWNER_PID>(AF_INET); !table.empty()) {
        const auto* rows = reinterpret_cast<const MIB_TCPTABLE_OWNER_PID*>(table.data());
        for (DWORD index = 0; index < rows->dwNumEntries; ++index) {
            const MIB_TCPROW_OWNER_PID& row = rows->table[index];
            add(row.dwOwningPid, port_of(row.dwLocalPort),
                {row.dwLocalAddr == 0 ? "127.0.0.1" : text_of_address(AF_INET, &row.dwLocalAddr)});
        }
    }
    if (const auto table = listener_table<MIB_TCP6TABLE_OWNER_PID>(AF_INET6); !table.empty()) {
        const auto* rows = reinterpret_cast<const MIB_TCP6TABLE_OWNER_PID*>(table.data());
        for (DWORD index = 0; index < rows->dwNumEntries; ++index) {
            const MIB_TCP6ROW_OWNER_PID& row = rows->table[index];
            const std::string host = text_of_address(AF_INET6, &row.ucLocalAddr);
            add(row.dwOwningPid, port_of(row.dwLocalPort), {host == "::" ? "::1" : host});
        }
    }
    std::vector<Listener> listeners;
    for (auto& [port, listener] : ports) {
        listeners.push_back(std::move(listener));
    }
    return listeners;
}

}  // namespace

struct ListenerLook::State {
    std::vector<Listener> listeners = listening_processes();
};

ListenerLook::ListenerLook() : state_(std::make_unique<State>()) {}
ListenerLook::~ListenerLook() = default;
ListenerLook::ListenerLook(ListenerLook&&) noexcept = default;
ListenerLook& ListenerLook::operator=(ListenerLook&&) noexcept = default;

std::optional<int> ListenerLook::process_at(std::uint16_t port) {
    for (const Listener& listener : state_->listeners) {
        if (listener.port == port) {
            return listener.process;
        }
    }
    return std::nullopt;
}

const std::vector<Listener>& ListenerLook::all() {
    return state_->listeners;
}

std::vector<int> all_processes() {
    std::vector<DWORD> ids(1024);
    DWORD size = 0;
    while (::K32EnumProcesses(ids.data(), static_cast<DWORD>(ids.size() * sizeof(DWORD)), &size) != 0 &&
           size == ids.size() * sizeof(DWORD)) {
        ids.resize(ids.size() * 2);
    }
    return {ids.begin(), ids.begin() + static_cast<std::ptrdiff_t>(size / sizeof(DWORD))};
}

std::vector<std::string> command_line(int process) {
    const std::optional<std::wstring> line = ProcessMemory(process).command_line();
    if (!line || line->empty()) {
        return {};
    }
    int count = 0;
    const std::unique_ptr<wchar_t*, LocalMemory> words(::CommandLineToArgvW(line->c_str(), &count));
    std::vector<std::string> arguments;
    for (int index = 0; words != nullptr && index < count; ++index) {
        arguments.push_back(utf8_of(words.get()[index]));
    }
    return arguments;
}

fs::path working_directory(int process) {
    const std::optional<std::wstring> folder = ProcessMemory(process).folder();
    return folder ? fs::path(*folder) : fs::path();
}

// Windows has one root for all.
fs::path root_folder(int /*process*/) {
    return {};
}

fs::path executable(int process) {
    const Handle opened(::OpenProcess(PROCESS_QUERY_LIMITED_INFORMATION, FALSE, static_cast<DWORD>(process)));
    std::wstring path(bounds::kSystemSettingCharacters, L'\0');
    auto size = static_cast<DWORD>(path.size());
    if (!opened.usable() || ::QueryFullProcessImageNameW(opened.get(), 0, path.data(), &size) == 0) {
        return {};
    }
    path.resize(size);
    return path;
}

std::optional<Environment> process_environment(int process) {
    const std::optional<std::wstring> block = ProcessMemory(process).environment();
    if (!block) {
        return std::nullopt;
    }
    std::map<std::string, std::string> values;
    for (std::wstring_view rest(*block); !rest.empty();) {
        const std::wstring_view entry = rest.substr(0, rest.find(L'\0'));
        if (entry.empty()) {
            break;
        }
        // "=C:=C:\folder" is the shell's memory of a drive, and no variable.
        if (const std::size_t equals = entry.find(L'='); equals != std::wstring_view::npos && equals > 0) {
            values.emplace(utf8_of(entry.substr(0, equals)), utf8_of(entry.substr(equals + 1)));
        }
        rest.remove_prefix(std::min(entry.size() + 1, rest.size()));
    }
    return Environment(std::move(values));
}

std::optional<std::chrono::system_clock::time_point> process_start(int process) {
    using Ticks = std::chrono::duration<std::int64_t, std::ratio<1, 10'000'000>>;
    constexpr std::int64_t kFrom1601To1970 = 116'444'736'000'000'000;
    const Handle opened(::OpenProcess(PROCESS_QUERY_LIMITED_INFORMATION, FALSE, static_cast<DWORD>(process)));
    FILETIME start{}, end{}, kernel{}, user{};
    if (!opened.usable() || ::GetProcessTimes(opened.get(), &start, &end, &kernel, &user) == 0) {
        return std::nullopt;
    }
    const std::int64_t ticks = static_cast<std::int64_t>(start.dwHighDateTime) << 32 | start.dwLowDateTime;
    return std::chrono::system_clock::time_point(
        std::chrono::duration_cast<std::chrono::system_clock::duration>(Ticks(ticks - kFrom1601To1970)));
}

}  // namespace banana

#endif
