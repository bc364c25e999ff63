// Home folders of people, recognised by their look.
#pragma once

#include <string>
#include <string_view>

namespace banana {

// The text with `/home/NAME`, `/Users/NAME`, `C:\Users\NAME` written "~".
std::string without_home_folders(std::string_view text);

}  // namespace banana
