// Home folders of people, recognised by their look.
#pragma once

#include <string>
#include <string_view>

namespace banana {

// The text with `/home/NAME`, `/Users/NAME`, `C:\Users\NAME` and their other spellings (`\\?\`, `\Device\…`,
// `/mnt/c/…`, escaped for JSON or a URL) written "~". A name may hold blanks where a separator or a quote ends it.
std::string without_home_folders(std::string_view text);

}  // namespace banana
