#include "known_families.hpp"

#include "text.hpp"

#include <algorithm>
#include <array>

namespace banana {
namespace {

constexpr std::array kLines{
    ServiceLine{"香港专线", "hk", "https://hk-api.aabao.top"},
    ServiceLine{"直连美区", "us", "https://api.aabao.top"},
    ServiceLine{"CF专线", "cf", "https://cf-api.aabao.top"},
    ServiceLine{"心宝❤新渠道", "", "https://api.xinbao-ai.com"},
};

}  // namespace

std::span<const ServiceLine> service_lines() {
    return kLines;
}

const ServiceLine* find_service_line(std::string_view name) {
    constexpr std::string_view kOldSuffix = "(旧渠道)";
    name = trim_ascii(name);
    if (name.ends_with(kOldSuffix)) {
        name = trim_ascii(name.substr(0, name.size() - kOldSuffix.size()));
    }
    if (name.empty()) {
        return nullptr;
    }
    const auto found = std::find_if(kLines.begin(), kLines.end(), [&](const ServiceLine& line) {
        return equal_ignoring_case(line.name, name) || equal_ignoring_case(line.alias, name);
    });
    return found == kLines.end() ? nullptr : &*found;
}

std::string_view family_name(Family family) {
    switch (family) {
        case Family::v1: return "V1";
        case Family::v2: return "V2";
        case Family::v3: return "V3";
        case Family::fork: return "fork";
        case Family::unknown: break;
    }
    return "unknown";
}

bool plugin_knows_sample(Family family, std::optional<bool> knows_spellings, std::string_view value) {
    const std::string lower = to_lower_ascii(value);
    if (lower == "your-api-key-here" && value == lower) {
        return true;
    }
    const bool spellings = knows_spellings.value_or(family == Family::v2 || family == Family::v3);
    if (!spellings) {
        return false;
    }
    std::string bare;
    std::copy_if(lower.begin(), lower.end(), std::back_inserter(bare),
                 [](char c) { return std::string_view(" \t\r\n\v\f_-").find(c) == std::string_view::npos; });
    return lower == "your-api-key-here" || lower == "your_api_key_here" || bare == "yourapikeyhere";
}

std::vector<std::string> route_parameters_of(const Install* install) {
    if (install != nullptr && install->route_parameters) {
        return *install->route_parameters;
    }
    switch (install != nullptr ? install->family : Family::unknown) {
        case Family::v1: return {"base_url"};
        case Family::v2: return {"api_key", "bypass_proxy", "disable_ssl_verify"};
        case Family::v3: return {"api_key", "banana_api_key", "bypass_proxy", "disable_ssl_verify", "route"};
        case Family::fork:
        case Family::unknown: break;
    }
    return {};
}

std::string_view key_parameter_of(const Install* install) {
    const std::vector<std::string> names = route_parameters_of(install);
    for (const std::string_view candidate : {std::string_view("banana_api_key"), std::string_view("api_key")}) {
        if (std::find(names.begin(), names.end(), candidate) != names.end()) {
            return candidate;
        }
    }
    return {};
}

}  // namespace banana
