#include "config_options.hpp"

#include "python_text.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace banana {
namespace {

constexpr double kSmallestFactor = 0.0001, kLargestFactor = 100.0;
constexpr double kEarlyDefaultFactor = 1.0, kLaterDefaultFactor = 0.6;
constexpr char kUrlMask = 7;

Family family_of(const Install* install) {
    return install != nullptr ? install->family : Family::unknown;
}

// Late V1 files mix in traits of V2: the set of sample spellings shows it.
bool has_later_traits(const Install* install) {
    const Family family = family_of(install);
    return family == Family::v2 || family == Family::v3 ||
           (install != nullptr && install->knows_sample_spellings.value_or(false));
}

double default_factor(const Install* install) {
    return has_later_traits(install) ? kLaterDefaultFactor : kEarlyDefaultFactor;
}

std::string displayable_number(double value) {
    std::string text = std::to_string(value);
    text.erase(text.find_last_not_of('0') + 1);
    return text.ends_with('.') ? text + '0' : text;
}

std::optional<std::string> decode_url(std::string_view encoded) {
    auto bytes = python_base64(encoded);
    if (!bytes) {
        return std::nullopt;
    }
    std::transform(bytes->begin(), bytes->end(), bytes->begin(),
                   [](char c) { return static_cast<char>(c ^ kUrlMask); });
    return find_invalid_utf8(*bytes) ? std::nullopt : bytes;
}

using Check = std::optional<OptionProblem> (*)(const std::string& value, const Install* install);

OptionProblem unusable(std::string_view kind, std::string used = {}) {
    OptionProblem found;
    found.kind = kind;
    found.used = std::move(used);
    return found;
}

std::optional<OptionProblem> check_factor(const std::string& value, const Install* install) {
    const auto number = python_float(value);
    if (!number || std::isnan(*number)) {
        return unusable("number", displayable_number(default_factor(install)));
    }
    const double clamped = std::clamp(*number, kSmallestFactor, kLargestFactor);
    return clamped == *number ? std::nullopt : std::optional(unusable("range", displayable_number(clamped)));
}

std::optional<OptionProblem> check_count(const std::string& value, const Install*) {
    const auto number = python_int(value);
    if (!number) {
        return unusable("whole-number");
    }
    return *number > 0 ? std::nullopt : std::optional(unusable("not-positive"));
}

// ConfigParser.BOOLEAN_STATES
std::optional<OptionProblem> check_switch(const std::string& value, const Install*) {
    static constexpr std::array<std::string_view, 8> kStates{"1", "yes", "true", "on", "0", "no", "false", "off"};
    const std::string lower = python_lower(value);
    const bool known = std::find(kStates.begin(), kStates.end(), lower) != kStates.end();
    return known ? std::nullopt : std::optional(unusable("switch"));
}

std::optional<OptionProblem> check_url(const std::string& value, const Install*) {
    if (python_strip(value).empty() || decode_url(python_strip(value))) {
        return std::nullopt;
    }
    return unusable("encoded-url");
}

bool always(const Install*) {
    return true;
}
bool shows_yuan(const Install* install) {
    return family_of(install) != Family::v3;
}
bool is_later(const Install* install) {
    return family_of(install) != Family::v1 || has_later_traits(install);
}
bool reads_url(const Install* install) {
    return family_of(install) != Family::v3 &&
           (is_later(install) || (install != nullptr && install->reads_encoded_url));
}

struct KnownOption {
    std::string_view name;
    bool (*applies)(const Install*);
    Check check;
};

constexpr std::array kOptions{
    KnownOption{"balance_cost_factor", shows_yuan, check_factor}, KnownOption{"max_workers", always, check_count},
    KnownOption{"network_workers_cap", is_later, check_count},    KnownOption{"bypass_proxy", is_later, check_switch},
    KnownOption{"api_base_url_enc", reads_url, check_url},
};

}  // namespace

std::vector<std::string_view> known_options() {
    std::vector<std::string_view> names;
    for (const KnownOption& option : kOptions) {
        names.push_back(option.name);
    }
    return names;
}

std::vector<OptionProblem> find_option_problems(const IniFile& file, const Install* install) {
    std::vector<OptionProblem> problems;
    if (family_of(install) == Family::fork) {
        return problems;
    }
    for (const KnownOption& option : kOptions) {
        const IniValue read = option.applies(install) ? file.get(kPluginSection, option.name) : IniValue{};
        std::optional<OptionProblem> found;
        if (read.error) {
            found = unusable("interpolation",
                             option.name == "balance_cost_factor" ? displayable_number(default_factor(install)) : "");
        } else if (read.value) {
            found = option.check(*read.value, install);
        }
        if (!found) {
            continue;
        }
        found->option = option.name;
        found->value = read.value.value_or("");
        found->line = read.option->line;
        problems.push_back(std::move(*found));
    }
    return problems;
}

std::optional<std::string> base_url_of(const IniFile& file, std::string_view section, const Install* install) {
    if (install != nullptr && !install->plain_url_option.empty()) {
        const IniValue plain = file.get(section, install->plain_url_option);
        const std::string_view address = plain.value ? python_strip(*plain.value) : std::string_view();
        return address.empty() ? std::nullopt : std::optional<std::string>(address);
    }
    const IniValue read = reads_url(install) ? file.get(section, "api_base_url_enc") : IniValue{};
    if (!read.value || python_strip(*read.value).empty()) {
        return std::nullopt;
    }
    auto url = decode_url(python_strip(*read.value));
    if (!url) {
        return std::nullopt;
    }
    const std::string_view stripped = python_strip(*url);
    return stripped.empty() ? std::nullopt : std::optional<std::string>(stripped);
}

}  // namespace banana
