#include "output_file.hpp"

#include "comfyui_places.hpp"
#include "platform_host.hpp"
#include "report_data.hpp"
#include "text.hpp"

#include <algorithm>
#include <array>
#include <ctime>
#include <fstream>

namespace banana {
namespace {

namespace fs = std::filesystem;

constexpr int kMostNames = 1000;

// The first or last bytes of a file.
std::string edge_of(const fs::path& path, std::ios::seekdir from) {
    constexpr std::streamoff kEdge = static_cast<std::streamoff>(kReportDataBytes) + 1024;
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
    if (ends_as_a_report(edge_of(path, std::ios::end))) {
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

// Where people look for files, by the names that systems give these folders; only those that are there.
std::vector<fs::path> folders_of_the_user(const Surroundings& surroundings) {
    std::vector<fs::path> roots;
    if (const auto synchronised = surroundings.environment.get("OneDrive")) {
        roots.push_back(path_from_utf8(*synchronised));
    }
    if (!surroundings.home.empty()) {
        roots.push_back(surroundings.home);
    }
    std::vector<fs::path> folders;
    for (const std::string_view name : {"Desktop", "桌面", "Documents", "文档"}) {
        for (const fs::path& root : roots) {
            std::error_code error;
            fs::path folder = root / path_from_utf8(name);
            if (fs::is_directory(folder, error)) {
                folders.push_back(std::move(folder));
            }
        }
    }
    if (!surroundings.home.empty()) {
        folders.push_back(surroundings.home);
    }
    return folders;
}

}  // namespace

WrittenFile write_report_file(const fs::path& wanted, std::string_view content, Earlier earlier) {
    WrittenFile written;
    written.path = wanted;
    for (int number = 1; number <= kMostNames; ++number) {
        written.path = number == 1 ? wanted : numbered(wanted, number);
        const bool replace = earlier == Earlier::replaced && written_by_us(written.path);
        // A report that a loss of power takes along is written anew by the next run.
        written.error =
            platform::write_whole_file(written.path, content, replace, platform::Durability::as_the_system_likes);
        if (written.error != std::errc::file_exists) {
            return written;
        }
    }
    return written;
}

std::vector<fs::path> default_report_paths(const Surroundings& surroundings, fs::path comfyui_dir,
                                           std::string_view extension) {
    if (comfyui_dir.empty()) {
        comfyui_dir = comfyui_root_above(surroundings.working_directory).value_or(fs::path());
    }
    std::vector<fs::path> folders{surroundings.working_directory};
    for (fs::path& folder : folders_of_the_user(surroundings)) {
        folders.push_back(std::move(folder));
    }
    std::erase_if(folders, [&](const fs::path& folder) { return is_inside(folder, comfyui_dir); });
    std::error_code error;
    const fs::path temporary = fs::temp_directory_path(error);
    if (folders.empty() && !error) {
        folders.push_back(temporary);
    }
    const std::string name = "banana-diag-report-" + local_stamp(surroundings.now()) + std::string(extension);
    for (fs::path& folder : folders) {
        folder /= name;
    }
    return folders;
}

std::string local_stamp(std::chrono::system_clock::time_point time) {
    const std::tm parts = platform::local_parts(std::chrono::system_clock::to_time_t(time));
    std::array<char, 32> buffer{};
    const std::size_t length = std::strftime(buffer.data(), buffer.size(), "%Y%m%d-%H%M%S", &parts);
    return {buffer.data(), length};
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
