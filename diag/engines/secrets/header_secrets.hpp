// What is secret in a header that the user gives for ComfyUI.
#pragma once

#include "banana/http.hpp"
#include "redaction.hpp"

namespace banana {

// The whole value, and its parts: the token behind its scheme, the values of cookies, user and password of Basic. Not
// what says how the client likes its answer.
void learn_header(Redactor& redactor, const SecretHeader& header);

}  // namespace banana
