#include "requests_agent.hpp"

#include "text.hpp"
#include "tls_trust.hpp"

#include <filesystem>

namespace banana {
namespace {

constexpr std::string_view kUsualVersion = "2.32.3";
constexpr std::size_t kLongestVersion = 20;

// From "requests-2.32.3.dist-info"; empty for any other name.
std::string version_in(std::string_view name) {
    constexpr std::string_view kStart = "requests-";
    constexpr std::string_view kEnd = ".dist-info";
    if (name.size() <= kStart.size() + kEnd.size() || !name.starts_with(kStart) || !name.ends_with(kEnd)) {
        return {};
    }
    const std::string_view version = name.substr(kStart.size(), name.size() - kStart.size() - kEnd.size());
    const bool plain = version.size() <= kLongestVersion &&
                       version.find_first_not_of("0123456789abcdefghijklmnopqrstuvwxyz.") == std::string_view::npos;
    return plain ? std::string(version) : std::string();
}

}  // namespace

std::string requests_agent(const RunContext& context) {
    std::string version(kUsualVersion);
    if (context.found.install && !context.found.install->comfyui_dir.empty()) {
        const std::filesystem::path certifi =
            find_certifi(context.surroundings.environment, context.found.install->comfyui_dir);
        const std::filesystem::path packages = certifi.parent_path().parent_path();
        std::error_code error;
        for (std::filesystem::directory_iterator entry(packages, error), end; !error && entry != end;
             entry.increment(error)) {
            if (std::string found = version_in(path_text(entry->path().filename())); !found.empty()) {
                version = std::move(found);
                break;
            }
        }
    }
    return "python-requests/" + version;
}

bool sends_key_header(const RunContext& context) {
    const Family family = context.found.install ? context.found.install->family : Family::unknown;
    return family == Family::v2 || family == Family::v3;
}

}  // namespace banana
