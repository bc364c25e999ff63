// What Python's requests would say about a failed exchange; the plugin's V1 shows these texts as they are.
#pragma once

#include "banana/http.hpp"

#include <string>
#include <string_view>

namespace banana::world {

// Texts of requests 2.28 with urllib3 1.26, contract.md section 3. `host`, `port` and `target` are of the URL asked
// for.
std::string requests_message(const NetworkError& error, std::string_view host, int port, std::string_view target);

// The class name of the exception, as the plugin's later versions log it.
std::string_view requests_exception(const NetworkError& error);

}  // namespace banana::world
