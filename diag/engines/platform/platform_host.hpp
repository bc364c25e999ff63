// This process and its machine: environment, folders, terminal, clock, and files written for good.
// Part of the platform layer: one interface, an implementation for POSIX and one for Windows.
#pragma once

#include "banana/context.hpp"

#include <chrono>
#include <ctime>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

namespace banana::platform {

enum class Stream { input, output, error };

Environment process_environment();
std::optional<SystemProxySettings> system_proxy();

// Whether Windows is set up with a proxy script (PAC), which browsers follow. Always false elsewhere.
bool has_proxy_script();
std::filesystem::path home_folder(const Environment& environment);
// Where a person finds a file again: desktop, documents, home; only folders that there are, best first.
std::vector<std::filesystem::path> personal_folders(const Environment& environment);
// Opens the file with the program that the user has for its kind. False where nothing could be started.
bool show_to_user(const std::filesystem::path& file);
// The roots of the drives that are disks of this machine (Windows); elsewhere none.
std::vector<std::filesystem::path> local_drives();
// Empty where it cannot be told.
std::filesystem::path executable_path();
// "Linux 6.1", "Windows 10.0.19045", "macOS 14.5".
std::string operating_system();
// Language tag or locale name that the user has set for messages; empty when none.
std::string user_locale(const Environment& environment);

bool is_terminal(Stream stream);
// Columns; 80 where it cannot be told.
int terminal_width(Stream stream);
// Whether the terminal shows more than ASCII: marks and arrows. What it shows of texts is another matter.
bool prepare_utf8_terminal(const Environment& environment);
// Whether the stream leads to a terminal that colours and erases by escape sequences; switched to it if needed
// (Windows).
bool terminal_takes_escapes(Stream stream);
// A write to a closed pipe becomes an error of that write instead of the end of the process, and a standard stream that
// was closed at start stays so: no file or socket of ours takes its number. What is read and written is bytes, and on
// a console characters, whatever its code page is (Windows).
void prepare_standard_streams();
// Undoes what was switched on the terminal. Called by exit_now().
void restore_terminal() noexcept;

// A write over the limit for files fails instead of ending the process, no core file is left (it would hold the key),
// and as many files may be open as this account is allowed.
void prepare_process();

// Has the system hand out at once the memory that a diagnosis comes to use, instead of page by page as it is touched.
void expect_diagnosis() noexcept;

// From now on Ctrl-C, a request to end and a closed terminal only leave their number, so that reports are written whole
// and folders are taken away. One that was ignored at start stays so.
void hold_interrupts();
// The number of the first such signal; 0: none came.
int interrupt_received() noexcept;

// Command line in UTF-8, without the program's name.
std::vector<std::string> utf8_arguments(int argc, char** argv);

// The calendar day and time of day here, as std::localtime; all zero for a time that has none.
std::tm local_parts(std::time_t time);

// RFC 3339 with the local offset, "2025-11-12T16:49:00+08:00".
std::string local_time(std::chrono::system_clock::time_point time);

// When a file's bytes have to be on the disk: before it takes its place, or whenever the system writes them. The first
// outlives a loss of power, and waits as long as the disk is busy with anything.
enum class Durability { flushed, as_the_system_likes };

// Writes all bytes to a new file beside `path` and renames it to `path` once they are written, so that the file is
// whole or absent. Fails with `file_exists` where `path` is there and `replace` is false. A file that is replaced hands
// on its mode. Open streams ("/dev/stdout"), pipes and devices are written to as they are.
std::error_code write_whole_file(const std::filesystem::path& path, std::string_view bytes, bool replace,
                                 Durability durability = Durability::flushed);

// Ends the process at once: no destructors, nothing waited for. Output must have been flushed.
[[noreturn]] void exit_now(int code);

}  // namespace banana::platform
