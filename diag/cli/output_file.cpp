#include "output_file.hpp"

#include "comfyui_places.hpp"
#include "platform_host.hpp"
#include "text.hpp"

#include <algorithm>
#include <array>
#include <fstream>

namespace banana {
namespace {

namespace fs = std::filesystem;

constexpr int kMostNames = 1000;

// The first or last bytes of a file.
std::string edge_of(const fs::path& path, std::ios::seekdir from) {
    constexpr std::streamoff kEdge = 1024;
    std::ifstream file(path, std::ios::binary | std::ios::ate);
    const std::streamoff size = file.tellg();
    const std::streamoff length = std::min(size, kEdge);
    if (!file || length <= 0) {
        return {};
    }
    file.seekg(from == std::ios::beg ? 0 : size - length);
    std::string bytes(static_cast<std::size_t>(length), '\0');
    file.read(bytes.data(), length);
    return bytes;
}

// Whether the file is a report as this program writes it, by the marks that each format carries.
bool written_by_us(const fs::path& path) {
    std::error_code error;
    if (!fs::is_regular_file(path, error)) {
        return false;  // opening a pipe would wait for its writer
    }
    std::string head = edge_of(path, std::ios::beg);
    if (head.starts_with("# HELP banana_diag_info ")) {
        return true;
    }
    if (head.starts_with("<!DOCTYPE html>") &&
        head.find("<meta name=\"generator\" content=\"banana-diag\">") != std::string::npos) {
        return true;
    }
    if (edge_of(path, std::ios::end).ends_with("\n<!-- banana-diag report -->\n")) {
        return true;
    }
    head.erase(std::remove_if(head.begin(), head.end(),
                              [](char c) { return std::string_view(" \t\r\n").find(c) != std::string_view::npos; }),
               head.end());
    return head.starts_with("{\"schema\":1,\"tool\":{\"name\":\"banana-diag\"");
}

fs::path numbered(const fs::path& path, int number) {
    fs::path name = path.stem();
    name += "-" + std::to_string(number);
    name += path.extension();
    return path.parent_path() / name;
}

bool is_inside(const fs::path& folder, const fs::path& root) {
    if (root.empty()) {
        return false;
    }
    std::error_code error;
    const fs::path inner = fs::weakly_canonical(folder, error);
    const fs::path outer = fs::weakly_canonical(root, error);
    const auto [end, ignored] = std::mismatch(outer.begin(), outer.end(), inner.begin(), inner.end());
    return end == outer.end();
}

std::string utc_stamp(std::chrono::system_clock::time_point time) {
    const auto day = std::chrono::floor<std::chrono::days>(time);
    const std::chrono::year_month_day date(day);
    const std::chrono::hh_mm_ss clock(std::chrono::floor<std::chrono::seconds>(time - day));
    std::array<char, 48> buffer{};
    std::snprintf(buffer.data(), buffer.size(), "%04d%02u%02uT%02d%02d%02dZ", static_cast<int>(date.year()),
                  static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                  static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                  static_cast<int>(clock.seconds().count()));
    return buffer.data();
}

}  // namespace

WrittenFile write_report_file(const fs::path& wanted, std::string_view content) {
    WrittenFile written;
    written.path = wanted;
    for (int number = 1; number <= kMostNames; ++number) {
        written.path = number == 1 ? wanted : numbered(wanted, number);
        // A report that a loss of power takes along is written anew by the next run.
        written.error = platform::write_whole_file(written.path, content, written_by_us(written.path),
                                                   platform::Durability::as_the_system_likes);
        if (written.error != std::errc::file_exists) {
            return written;
        }
    }
    return written;
}

fs::path default_report_path(const Surroundings& surroundings, fs::path comfyui_dir) {
    fs::path folder = surroundings.working_directory;
    if (comfyui_dir.empty()) {
        comfyui_dir = comfyui_root_above(folder).value_or(fs::path());
    }
    if (is_inside(folder, comfyui_dir)) {
        std::error_code error;
        const fs::path temporary = fs::temp_directory_path(error);
        folder = surroundings.home.empty() || is_inside(surroundings.home, comfyui_dir) ? temporary : surroundings.home;
    }
    return folder / ("banana-diag-report-" + utc_stamp(surroundings.now()) + ".md");
}

std::string format_of(const fs::path& path, std::string_view fallback) {
    const std::string extension = to_lower_ascii(path_text(path.extension()));
    if (extension == ".md") {
        return "markdown";
    }
    if (extension == ".json") {
        return "json";
    }
    if (extension == ".html" || extension == ".htm") {
        return "html";
    }
    if (extension == ".prom") {
        return "metrics";
    }
    return std::string(fallback);
}

}  // namespace banana
