// Where a Python file registers the balance route, and which function answers it.
#pragma once

#include "python_statements.hpp"

#include <vector>

namespace banana {

// Indexes of statements; -1 where the file has none.
struct RouteHandler {
    int registration = -1;  // a decorator or a call that names the route, by itself or by a constant
    int function = -1;      // the handler; without a registration the one that is called as the plugin's always was
};

RouteHandler find_route_handler(const std::vector<PythonStatement>& statements);

}  // namespace banana
