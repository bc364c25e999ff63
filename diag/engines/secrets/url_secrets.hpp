// What is secret in a URL: user and password, and parameters whose name says so.
#pragma once

#include "redaction.hpp"

#include <string_view>

namespace banana {

// Also of a text that does not parse as a URL: a password may hold what a URL may not.
void learn_url_secrets(Redactor& redactor, std::string_view url);

}  // namespace banana
