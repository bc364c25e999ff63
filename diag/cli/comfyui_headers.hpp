// The headers that a guarded ComfyUI asks for, from a file or standard input; never from argv.
#pragma once

#include "banana/http.hpp"
#include "banana/message.hpp"
#include "options.hpp"

#include <variant>
#include <vector>

namespace banana {

// Empty without --comfyui-header-file; a message where what was given cannot be used. No message repeats the file's
// content.
std::variant<std::vector<SecretHeader>, Message> read_comfyui_headers(const CommandLine& line);

}  // namespace banana
