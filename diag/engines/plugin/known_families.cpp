#include "known_families.hpp"

#include "banana/ascii.hpp"
#include "text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <system_error>

namespace banana {
namespace {

constexpr std::array kLines{
    ServiceLine{"香港专线", "hk", "https://hk-api.aabao.top"},
    ServiceLine{"直连美区", "us", "https://api.aabao.top"},
    ServiceLine{"CF专线", "cf", "https://cf-api.aabao.top"},
    ServiceLine{"心宝❤新渠道", "", "https://api.xinbao-ai.com"},
};

// The host of the label `hidden`, which no page offers.
constexpr std::string_view kHiddenLine = "https://api666.zeabur.app";

// What workflows saved by earlier releases hold for the new line.
constexpr std::array<std::string_view, 5> kOldNamesOfNewLine{"测试高速渠道(key不通用)", "测试高速渠道（key不通用）",
                                                             "心宝测试新渠道", "心宝❤测试新渠道（Key不通用）",
                                                             "心宝❤测试新渠道(Key不通用)"};

// The newest release that the tables of this file were made from, the last one seen with the old lines, and the first
// one seen with the new line as its default. What lies between was not seen.
constexpr std::array<int, 3> kNewestKnown{0, 3, 4};
constexpr std::array<int, 3> kLastWithOldLines{0, 1, 3};
constexpr std::array<int, 3> kFirstWithNewLine{0, 2, 10};

// "V0.2.10" as numbers, what is missing as 0; none for a text of another form. "V0.09", as the releases of 2025 say
// whatever their pyproject says, is 0.0.9.
std::optional<std::array<int, 3>> numbers_of(std::string_view version) {
    version.remove_prefix(version.starts_with('V') || version.starts_with('v') ? 1 : 0);
    std::array<int, 3> numbers{};
    std::size_t part = 0;
    for (bool more = true; more && part < numbers.size(); ++part) {
        const bool is_padded = part == 1 && version.size() > 1 && version[0] == '0' && is_digit(version[1]);
        part += is_padded ? 1 : 0;
        const auto [end, error] = std::from_chars(version.data(), version.data() + version.size(), numbers[part]);
        if (error != std::errc{}) {
            return std::nullopt;
        }
        version.remove_prefix(static_cast<std::size_t>(end - version.data()));
        more = version.starts_with('.');
        version.remove_prefix(more ? 1 : 0);
    }
    return numbers;
}

const ServiceLine& new_line() {
    return kLines.back();
}

const ServiceLine* line_named(std::string_view name) {
    const auto found = std::find_if(kLines.begin(), kLines.end(), [&](const ServiceLine& line) {
        return equal_ignoring_case(line.name, name) || (!line.alias.empty() && equal_ignoring_case(line.alias, name));
    });
    return found == kLines.end() ? nullptr : &*found;
}

}  // namespace

std::span<const ServiceLine> service_lines() {
    return kLines;
}

LineRules line_rules(std::span<const std::string> offered, std::string_view version) {
    if (!offered.empty()) {
        const bool has_new_line = std::any_of(offered.begin(), offered.end(), [](const std::string& label) {
            return trim_ascii(label) == new_line().name;
        });
        const bool all_old = std::all_of(offered.begin(), offered.end(), [](const std::string& label) {
            const ServiceLine* line = line_named(trim_ascii(label));
            return (line != nullptr && line != &new_line()) || trim_ascii(label) == kOldNamesOfNewLine.front();
        });
        return has_new_line ? LineRules::new_line : all_old ? LineRules::old_lines : LineRules::unknown;
    }
    const auto numbers = numbers_of(version);
    if (!numbers || is_newer_than_known(version)) {
        return LineRules::unknown;
    }
    return *numbers <= kLastWithOldLines   ? LineRules::old_lines
           : *numbers >= kFirstWithNewLine ? LineRules::new_line
                                           : LineRules::unknown;
}

bool is_newer_than_known(std::string_view version) {
    const auto numbers = numbers_of(version);
    return numbers && *numbers > kNewestKnown;
}

std::optional<std::string> base_url_of_line(std::string_view label, LineRules rules) {
    if (rules == LineRules::unknown) {
        return std::nullopt;
    }
    label = trim_ascii(label);
    if (equal_ignoring_case(label, "hidden")) {
        return std::string(kHiddenLine);
    }
    if (rules == LineRules::new_line) {
        if (std::find(kOldNamesOfNewLine.begin(), kOldNamesOfNewLine.end(), label) != kOldNamesOfNewLine.end()) {
            return std::string(new_line().base_url);
        }
        constexpr std::string_view kOldSuffix = "(旧渠道)";
        if (label.ends_with(kOldSuffix)) {
            label = trim_ascii(label.substr(0, label.size() - kOldSuffix.size()));
        }
    }
    const ServiceLine* line = line_named(label);
    const bool known = line != nullptr && (line != &new_line() || rules == LineRules::new_line);
    return std::string(known ? line->base_url : kLines.front().base_url);
}

bool is_known_line(std::string_view label) {
    return line_named(trim_ascii(label)) != nullptr;
}

std::string_view default_line_of(LineRules rules) {
    return rules == LineRules::new_line ? new_line().name : kLines.front().name;
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

std::string_view key_box_of(Family family) {
    switch (family) {
        case Family::v1:
        case Family::v2: return "api_key";
        case Family::v3: return "banana_api_key";
        case Family::fork:
        case Family::unknown: break;
    }
    return {};
}

std::string_view loader_header_of(Family family) {
    switch (family) {
        case Family::v1:
        case Family::v2: return "🍌 Banana Node Loader";
        case Family::v3: return "心宝❤Banana Loader";
        case Family::fork:
        case Family::unknown: break;
    }
    return {};
}

bool is_key_for_drawing_only(Family family, std::string_view key) {
    switch (family) {
        case Family::v3: return key.starts_with("fixsk-");
        case Family::v2: return key.starts_with("fix") || key.starts_with("666");
        case Family::v1:
        case Family::fork:
        case Family::unknown: break;
    }
    return false;
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
