#include "base_path.hpp"

#include "banana/cause.hpp"
#include "banana/lookup.hpp"
#include "base64.hpp"
#include "bounded_file.hpp"
#include "config_options.hpp"
#include "ini_reader.hpp"
#include "redaction.hpp"
#include "text.hpp"

#include <algorithm>
#include <array>
#include <optional>

namespace banana {
namespace {

constexpr std::string_view kEncodedOption = "api_base_url_enc";

// The form in which config.ini holds an address: base64 of its bytes, each XOR 7.
std::string encoded_for_config(std::string bytes) {
    for (char& byte : bytes) {
        byte = static_cast<char>(static_cast<unsigned char>(byte) ^ 7U);
    }
    return base64_encode(bytes);
}

// Where the option stands in the file that it was read from.
std::optional<int> line_of_address(const ConfigReading& config, std::string_view name) {
    const BoundedFile file = read_bounded(config.file);
    const IniFile reading = IniFile::parse(file.bytes);
    for (const IniSection& section : reading.sections()) {
        const IniOption* option = section.find(name);
        const bool meant = section.name == kPluginSection || section.name == "gemini_test";
        if (meant && option != nullptr) {
            return option->line;
        }
    }
    return std::nullopt;
}

bool can_come_from_a_path(const Finding& finding) {
    return finding.code == Cause::upstream_not_found || finding.code == Cause::upstream_not_json;
}

}  // namespace

std::string without_page_path(std::string_view base_url) {
    static constexpr std::array<std::string_view, 9> kPages{"/v1",    "/v1beta", "/api",   "/console", "/panel",
                                                            "/login", "/token",  "/topup", "/pricing"};
    const std::size_t scheme = base_url.find("://");
    const std::size_t path = scheme == std::string_view::npos ? scheme : base_url.find('/', scheme + 3);
    if (path == std::string_view::npos) {
        return {};
    }
    for (std::size_t at = path; at != std::string_view::npos; at = base_url.find('/', at + 1)) {
        const std::size_t end = std::min(base_url.find_first_of("/?#", at + 1), base_url.size());
        const std::string_view part = base_url.substr(at, end - at);
        const bool is_page = std::any_of(kPages.begin(), kPages.end(),
                                         [&](std::string_view page) { return equal_ignoring_case(part, page); });
        if (is_page) {
            return std::string(base_url.substr(0, at));
        }
    }
    return {};
}

void blame_the_base_path(const RunContext& context, const UpstreamTarget& target, Finding& finding) {
    const std::string_view base_url = target.base_url;
    const std::string right = can_come_from_a_path(finding) ? without_page_path(base_url) : std::string();
    if (right.empty()) {
        return;
    }
    const Redactor& redactor = context.redactor;
    const std::optional<ConfigReading>& config = context.found.config;
    // A fork's option holds the address as it is.
    const std::string plain = context.found.install ? context.found.install->plain_url_option : std::string();
    const std::string option = plain.empty() ? std::string(kEncodedOption) : plain;
    const bool from_config = target.place == AddressPlace::config && config;
    const std::optional<int> line = from_config ? line_of_address(*config, option) : std::nullopt;
    finding.args["variant"] = !line ? "base-path-given" : plain.empty() ? "base-path" : "base-path-plain";
    finding.args["tail"] = redactor.scrub(base_url.substr(right.size()));
    finding.args["right"] = redactor.scrub(right);
    if (!line) {
        if (target.place != AddressPlace::option && !from_config) {
            finding.args["fix_variant"] = target.place == AddressPlace::node_box ? "base-path-box" : "base-path-plugin";
        }
        finding.evidence.emplace_back("base-url", redactor.scrub(base_url));
        return;
    }
    finding.args["file"] = sanitize(path_text(config->file));
    finding.args["option"] = option;
    finding.args["line"] = *line;
    if (plain.empty()) {
        finding.args["encoded"] = encoded_for_config(right);
    }
    finding.evidence.emplace_back("base-url", redactor.scrub(base_url), sanitize(path_text(config->file)), line);
}

}  // namespace banana
