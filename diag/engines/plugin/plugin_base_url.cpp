#include "plugin_base_url.hpp"

#include "banana/ascii.hpp"
#include "banana/bounds.hpp"
#include "text.hpp"

#include <algorithm>
#include <cstdlib>
#include <optional>
#include <string_view>
#include <utility>

namespace banana {
namespace {

// A URL spelled as code points: [104, 116, 116, 112, …] or chr(104) + chr(0x74) + …
std::string url_from_code_points(std::string_view bare) {
    std::string text;
    for (std::size_t at = 0; at < bare.size();) {
        if (!is_digit(bare[at]) || (at > 0 && (bare[at - 1] == '_' || bare[at - 1] == '.'))) {
            ++at;
            continue;
        }
        const bool hex = bare[at] == '0' && at + 1 < bare.size() && (bare[at + 1] | 0x20) == 'x';
        const std::size_t start = hex ? at + 2 : at;
        const std::size_t end =
            std::min(bare.find_first_not_of(hex ? "0123456789abcdefABCDEF" : "0123456789", start), bare.size());
        const std::string digits(bare.substr(start, std::min<std::size_t>(end - start, 4)));
        const long value = std::strtol(digits.c_str(), nullptr, hex ? 16 : 10);
        text.push_back(value > 0x20 && value < 0x7F ? static_cast<char>(value) : ' ');
        at = std::max(end, at + 1);
    }
    const std::size_t start = text.find("http");
    if (start == std::string::npos) {
        return {};
    }
    text = text.substr(start, text.find(' ', start) - start);
    return text.starts_with("https://") || text.starts_with("http://") ? text : std::string();
}

std::string joined_literals(const PythonStatement& statement) {
    std::string joined;
    for (const std::string& literal : string_literals(statement.code)) {
        joined += literal;
    }
    return joined;
}

// A constant `…BASE_URL = "text"`. None where more than string literals stand behind the sign.
std::optional<std::string> base_url_constant(const std::vector<PythonStatement>& statements,
                                             const PythonStatement& statement, std::size_t equals) {
    std::string_view name = std::string_view(statement.bare).substr(0, equals);
    name = trim_ascii(name.substr(0, name.find(':')));
    const bool is_constant = name.ends_with("BASE_URL") && name.find_first_of(" .[(,") == std::string_view::npos;
    const bool in_function =
        statement.parent >= 0 && statements[static_cast<std::size_t>(statement.parent)].kind == PythonKind::function;
    const std::string_view value = std::string_view(statement.bare).substr(equals + 1);
    if (!is_constant || in_function || value.find_first_not_of("\"'+()uUrR \t\n\\") != std::string_view::npos) {
        return std::nullopt;
    }
    std::string joined = joined_literals(statement);
    // requests strips what stands in front of a URL, and not what stands behind it.
    joined.erase(0, std::min(joined.find_first_not_of(" \t\r\n"), joined.size()));
    const bool could_be_address = name == "DEFAULT_API_BASE_URL" || joined.find_first_of(".:") != std::string::npos;
    if (joined.empty() || joined.front() == '/' || !could_be_address || joined.size() > bounds::kSourceUrlBytes) {
        return std::nullopt;
    }
    return joined;
}

}  // namespace

std::string base_url_set_by(const std::vector<PythonStatement>& statements, const PythonStatement& statement) {
    const std::size_t equals = statement.bare.find('=');
    if (statement.kind == PythonKind::function || equals == std::string::npos) {
        return {};
    }
    if (auto constant = base_url_constant(statements, statement, equals)) {
        return std::move(*constant);
    }
    const std::string_view target = std::string_view(statement.bare).substr(0, equals);
    if (contains_ignoring_case(target, "base_url") || contains_ignoring_case(target, "default")) {
        const std::string joined = joined_literals(statement);
        const bool is_url = joined.starts_with("https://") || joined.starts_with("http://");
        if (is_url && joined.size() <= bounds::kSourceUrlBytes && joined.find_first_of(" {}\n") == std::string::npos) {
            return sanitize(joined);
        }
    }
    return url_from_code_points(statement.bare);
}

}  // namespace banana
