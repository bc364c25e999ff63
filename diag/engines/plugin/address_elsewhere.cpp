#include "address_elsewhere.hpp"

#include "banana/ascii.hpp"
#include "plugin_source.hpp"
#include "text.hpp"

#include <algorithm>
#include <string>
#include <vector>

namespace banana {
namespace {

constexpr std::string_view kUsagePath = "usage/token";

// "api.example.net" of "https://api.example.net:8443/v1" and of "api.example.net"; empty where it is neither.
std::string_view host_in(std::string_view literal) {
    const std::size_t scheme = literal.find("://");
    const bool is_url = literal.starts_with("http") && scheme != std::string_view::npos;
    std::string_view host = is_url ? literal.substr(scheme + 3) : literal;
    host = host.substr(0, host.find_first_of("/:?#"));
    const bool plain = !host.empty() && std::all_of(host.begin(), host.end(),
                                                    [](char c) { return is_alphanumeric(c) || c == '-' || c == '.'; });
    return plain && (is_url || host.size() == literal.size()) ? host : std::string_view();
}

// A bare host, as a text that is replaced by another one has it; a file's name is none.
bool is_bare_host(std::string_view literal) {
    const std::size_t last = literal.rfind('.');
    return last != std::string_view::npos && last > 0 && literal.size() - last > 2 && !literal.ends_with(".ini") &&
           !literal.ends_with(".json") && !literal.ends_with(".py") && !host_in(literal).empty();
}

bool speaks_of_address(std::string_view text) {
    return contains_ignoring_case(text, "base_url") || contains_ignoring_case(text, "baseurl") ||
           contains_ignoring_case(text, "api_base");
}

class Reading {
public:
    Reading(const PythonFile& file, std::string_view default_base_url)
        : statements_(file.statements), default_host_(host_in(default_base_url)) {
        for (std::size_t index = 0; index < statements_.size(); ++index) {
            if (statements_[index].kind == PythonKind::function) {
                functions_.push_back(static_cast<int>(index));
            }
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
        for (const int function : functions_) {
            const PythonStatement& head = statements_[static_cast<std::size_t>(function)];
            if (speaks_of_address(head.name)) {
                givers_.push_back(function);
            }
        }
        for (std::size_t index = 0; index < statements_.size(); ++index) {
            const PythonStatement& statement = statements_[index];
            if (statement.code.find(kUsagePath) != std::string::npos && statement.parent >= 0) {
                way_.push_back(statement.parent);
            }
            const bool decorates = statement.kind == PythonKind::decorator && has_literal(statement, kBalanceRoute);
            const auto handler = std::upper_bound(functions_.begin(), functions_.end(), static_cast<int>(index));
            if (decorates && handler != functions_.end()) {
                way_.push_back(*handler);
            }
        }
        for (const int function : functions_) {
            if (statements_[static_cast<std::size_t>(function)].name == "handle_token_usage") {
                way_.push_back(function);
            }
        }
    }

    [[nodiscard]] bool is_in(const PythonStatement& statement, const std::vector<int>& functions) const {
        return std::any_of(functions.begin(), functions.end(),
                           [&](int function) { return is_within(statements_, statement, function); });
    }

    [[nodiscard]] bool names_other_host(const std::vector<std::string>& literals, bool bare_too) const {
        return std::any_of(literals.begin(), literals.end(), [&](const std::string& literal) {
            const bool is_url = literal.find("://") != std::string::npos;
            const std::string_view host = is_url || (bare_too && is_bare_host(literal)) ? host_in(literal) : "";
            return !host.empty() && host != default_host_;
        });
    }

    [[nodiscard]] bool leads_elsewhere(const PythonStatement& statement) const {
        const bool gives = is_in(statement, givers_);
        if (!gives && !is_in(statement, way_)) {
            return false;
        }
        const std::size_t equals = statement.bare.find('=');
        const std::string_view target =
            equals == std::string::npos ? std::string_view() : std::string_view(statement.bare).substr(0, equals);
        const bool about_address =
            gives || speaks_of_address(target) || statement.code.find(kUsagePath) != std::string::npos;
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
    std::string_view default_host_;
    std::vector<int> functions_;
    std::vector<int> givers_;  // named after the address
    std::vector<int> way_;     // that the query passes through
};

}  // namespace

bool takes_address_from_elsewhere(const PythonFile& file, std::string_view default_base_url) {
    return Reading(file, default_base_url).leads_elsewhere();
}

}  // namespace banana
