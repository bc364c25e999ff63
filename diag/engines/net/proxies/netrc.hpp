// Which .netrc entry Python's requests would use for a host: such an entry replaces the Bearer header.
//
// Rules of requests (utils.get_netrc_auth) and of CPython's netrc module, checked against both: the file is
// $NETRC alone where it is set, else the first of ~/.netrc and ~/_netrc that exists; any error in the file
// makes all of it ignored; `default` serves hosts without an entry. The password is never kept.
#pragma once

#include "banana/context.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace banana {

struct NetrcEntry {
    std::filesystem::path file;
    int line = 0;         // one-based, of the entry's keyword
    std::string machine;  // as written; "default" for the default entry
    bool is_default = false;
};

// `text`: the file's content, UTF-8. None where no entry serves the host, or where the file has an error.
std::optional<NetrcEntry> netrc_entry_in(std::string_view text, std::string_view host);

// `environment`: of the process that runs requests. `home`: used where the environment names no home.
std::optional<NetrcEntry> find_netrc_entry(std::string_view host, const Environment& environment,
                                           const std::filesystem::path& home);

}  // namespace banana
