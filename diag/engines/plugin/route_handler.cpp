#include "route_handler.hpp"

#include "plugin_source.hpp"
#include "text.hpp"

#include <algorithm>
#include <string>
#include <string_view>

namespace banana {
namespace {

// `ROUTE = "/banana/token_usage"`; empty where no constant holds the path.
std::string constant_of_route(const std::vector<PythonStatement>& statements) {
    std::string constant;
    for (const PythonStatement& statement : statements) {
        const std::size_t equals = statement.bare.find('=');
        if (equals != std::string::npos && statement.bare.find('(') == std::string::npos &&
            has_literal(statement, kBalanceRoute)) {
            constant = std::string(trim_ascii(std::string_view(statement.bare).substr(0, equals)));
        }
    }
    return constant;
}

bool registers_route(const PythonStatement& statement, std::string_view constant) {
    const bool adds = calls(statement.bare, "get") || calls(statement.bare, "add_get") ||
                      calls(statement.bare, "add_route") || calls(statement.bare, "route");
    if (!adds || statement.bare.find("rout") == std::string::npos) {
        return false;
    }
    return has_literal(statement, kBalanceRoute) || (!constant.empty() && mentions(statement.bare, constant));
}

// The function that a decorator stands on, else the one that the call names.
int handler_of(const std::vector<PythonStatement>& statements, std::size_t registration) {
    int handler = -1;
    if (statements[registration].kind != PythonKind::decorator) {
        for (std::size_t index = 0; index < statements.size(); ++index) {
            if (statements[index].kind == PythonKind::function &&
                mentions(statements[registration].bare, statements[index].name)) {
                handler = static_cast<int>(index);
            }
        }
        return handler;
    }
    for (std::size_t index = registration + 1; index < statements.size() && handler < 0; ++index) {
        handler = statements[index].kind == PythonKind::function ? static_cast<int>(index) : -1;
    }
    return handler;
}

}  // namespace

RouteHandler find_route_handler(const std::vector<PythonStatement>& statements) {
    RouteHandler route;
    const std::string constant = constant_of_route(statements);
    const auto found = std::find_if(statements.begin(), statements.end(), [&](const PythonStatement& statement) {
        return registers_route(statement, constant);
    });
    if (found != statements.end()) {
        route.registration = static_cast<int>(found - statements.begin());
        route.function = handler_of(statements, static_cast<std::size_t>(route.registration));
    }
    if (route.function < 0) {
        route.function = find_function(statements, "handle_token_usage");
    }
    return route;
}

}  // namespace banana
