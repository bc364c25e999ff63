#include "address_elsewhere.hpp"

#include "route_handler.hpp"
#include "text.hpp"
#include "web_url.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

namespace banana {
namespace {

// An address of another host than that one: whole, or put together with one. A mere scheme, or a scheme before a value
// alone, is what an address without one is given.
bool is_url_elsewhere(std::string_view literal, std::string_view default_host) {
    const std::size_t scheme = literal.find("://");
    const std::string_view rest = scheme == std::string_view::npos ? std::string_view() : literal.substr(scheme + 3);
    if (rest.empty() || !starts_with_ignoring_case(literal, "http")) {
        return false;
    }
    if (rest.front() == '{') {
        const std::string_view behind = rest.substr(std::min(rest.find('}'), rest.size() - 1) + 1);
        return !behind.empty() && behind.front() != '/';
    }
    const std::optional<WebUrl> url = parse_web_url(literal);
    return !url || url->host != default_host;
}

// A host without a scheme, as a text that is replaced by another one has it; a file's name is none.
bool is_host_elsewhere(std::string_view literal, std::string_view default_host) {
    const std::size_t last = literal.rfind('.');
    if (last == std::string_view::npos || last == 0 || literal.size() - last < 3 || literal.ends_with(".ini") ||
        literal.ends_with(".json") || literal.ends_with(".py")) {
        return false;
    }
    const std::optional<WebUrl> url = parse_web_url("https://" + std::string(literal));
    return url && url->target == "/" && url->host != default_host;
}

bool speaks_of_address(std::string_view text) {
    return contains_ignoring_case(text, "base_url") || contains_ignoring_case(text, "baseurl") ||
           contains_ignoring_case(text, "api_base");
}

// Of another service than that of the balance, by its name.
bool is_of_other_service(std::string_view target) {
    return contains_ignoring_case(target, "model") || contains_ignoring_case(target, "image") ||
           contains_ignoring_case(target, "kv_") || contains_ignoring_case(target, "proxy");
}

// The address is looked up under a name of which nobody knows what it holds: a variable of the environment, a member of
// a JSON file, an option of another section. The options that are known are read; what the request holds, the page
// says.
bool looks_address_up(const PythonStatement& statement) {
    const bool in_environment = mentions(statement.bare, "environ") || mentions(statement.bare, "getenv");
    const bool in_json = mentions(statement.bare, "json");
    const bool in_options = calls(statement.bare, "get") && (contains_ignoring_case(statement.bare, "parser") ||
                                                             contains_ignoring_case(statement.bare, "config"));
    if (contains_ignoring_case(statement.bare, "request") || contains_ignoring_case(statement.bare, "query") ||
        !(in_environment || in_json || in_options)) {
        return false;
    }
    const std::vector<std::string> literals = string_literals(statement.code);
    return !literals.empty() && (in_environment || std::none_of(literals.begin(), literals.end(), speaks_of_address));
}

// The question is put together from what is no address of the settings: literals, another module's constant. `bare` and
// `code` of f-strings hold the names that are put in.
bool asks_without_address(const PythonStatement& statement) {
    const std::vector<std::string> literals = string_literals(statement.code);
    const bool is_question = std::any_of(literals.begin(), literals.end(), [](std::string_view literal) {
        return literal.ends_with("usage/token") || literal.ends_with("usage/token/");
    });
    const bool is_said = mentions(statement.bare, "raise") || mentions(statement.bare, "print") ||
                         contains_ignoring_case(statement.bare, "log");
    const bool is_made = statement.bare.find('=') != std::string::npos || mentions(statement.bare, "return");
    const auto names = [&](std::string_view part) {
        return contains_ignoring_case(statement.bare, part) ||
               std::any_of(literals.begin(), literals.end(), [&](std::string_view literal) {
                   return literal.find('{') != std::string_view::npos && contains_ignoring_case(literal, part);
               });
    };
    return is_question && is_made && !is_said && !names("base") && !names("url") && !names("root");
}

// `base_url = MIRRORS[0]`, `for base_url in HOSTS`: out of a table that is not called after the address.
bool is_taken_from_table(const PythonStatement& statement, std::string_view target) {
    std::string_view value;
    if (const std::size_t in = statement.bare.find(" in "); statement.bare.starts_with("for ")) {
        value = in == std::string::npos ? value : std::string_view(statement.bare).substr(in + 4);
        target = std::string_view(statement.bare).substr(0, std::min(in, statement.bare.size()));
    } else if (!target.empty()) {
        value = std::string_view(statement.bare).substr(target.size() + 1);
    }
    value = trim_ascii(value);
    const std::size_t end = std::min(value.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_"), value.size());
    return speaks_of_address(target) && end > 2 && !speaks_of_address(value.substr(0, end)) &&
           !value.starts_with("DEFAULT");
}

class Reading {
public:
    Reading(const PythonFile& file, std::string_view default_base_url) : statements_(file.statements) {
        if (const std::optional<WebUrl> url = parse_web_url(default_base_url)) {
            default_host_ = url->host;
        }
        find_way();
    }

    [[nodiscard]] bool leads_elsewhere() const {
        return std::any_of(statements_.begin(), statements_.end(), [this](const PythonStatement& statement) {
            return statement.kind == PythonKind::plain && leads_elsewhere(statement);
        });
    }

private:
    // Functions that ask the upstream, answer the route, or give the address.
    void find_way() {
        for (std::size_t index = 0; index < statements_.size(); ++index) {
            const PythonStatement& statement = statements_[index];
            if (statement.kind == PythonKind::function && speaks_of_address(statement.name)) {
                givers_.push_back(static_cast<int>(index));
            }
            const bool in_function =
                statement.parent >= 0 &&
                statements_[static_cast<std::size_t>(statement.parent)].kind == PythonKind::function;
            if (in_function && names_usage_path(statement)) {
                way_.push_back(statement.parent);
            }
        }
        if (const RouteHandler route = find_route_handler(statements_); route.function >= 0) {
            way_.push_back(route.function);
        }
    }

    [[nodiscard]] static bool names_usage_path(const PythonStatement& statement) {
        return statement.code.find("usage/token") != std::string::npos;
    }

    [[nodiscard]] bool is_in(const PythonStatement& statement, const std::vector<int>& functions) const {
        return std::any_of(functions.begin(), functions.end(),
                           [&](int function) { return is_within(statements_, statement, function); });
    }

    // `bare_too`: also without a scheme.
    [[nodiscard]] bool names_other_host(const std::vector<std::string>& literals, bool bare_too) const {
        return std::any_of(literals.begin(), literals.end(), [&](const std::string& literal) {
            return is_url_elsewhere(literal, default_host_) || (bare_too && is_host_elsewhere(literal, default_host_));
        });
    }

    [[nodiscard]] bool leads_elsewhere(const PythonStatement& statement) const {
        const std::size_t equals = statement.bare.find('=');
        const std::string_view target =
            equals == std::string::npos ? std::string_view() : std::string_view(statement.bare).substr(0, equals);
        // Wherever it stands: the module that reads the settings gives the query its address.
        if (speaks_of_address(target) && !is_of_other_service(target) && looks_address_up(statement)) {
            return true;
        }
        const bool gives = is_in(statement, givers_);
        const bool names_path = names_usage_path(statement);  // also a constant of the module
        if (!gives && !names_path && !is_in(statement, way_)) {
            return false;
        }
        const bool in_function = statement.parent >= 0;
        if ((names_path && in_function && asks_without_address(statement)) || is_taken_from_table(statement, target)) {
            return true;
        }
        const bool about_address = gives || names_path || speaks_of_address(target);
        if (!about_address) {
            return false;
        }
        const std::vector<std::string> literals = string_literals(statement.code);
        if (names_other_host(literals, calls(statement.bare, "replace"))) {
            return true;
        }
        const bool asks_environment = mentions(statement.bare, "environ") || mentions(statement.bare, "getenv");
        const bool for_proxy = contains_ignoring_case(statement.code, "proxy");
        const bool puts_together = statement.bare.find(".join([\"") != std::string::npos ||
                                   statement.bare.find(".join(['") != std::string::npos;
        return (asks_environment && !for_proxy) || (gives && (puts_together || mentions(statement.bare, "json")));
    }

    const std::vector<PythonStatement>& statements_;
    std::string default_host_;
    std::vector<int> givers_;  // named after the address
    std::vector<int> way_;     // that the query passes through
};

}  // namespace

bool takes_address_from_elsewhere(const PythonFile& file, std::string_view default_base_url) {
    return Reading(file, default_base_url).leads_elsewhere();
}

}  // namespace banana
