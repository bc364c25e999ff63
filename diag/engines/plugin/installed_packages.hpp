// Which packages lie in the folders of a Python, by their metadata; nothing is run.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace banana {

struct InstalledPackage {
    std::string name;     // as asked for
    std::string version;  // as its metadata folder is called: 4.10.0.84; empty where that tells none
};

// Those of `names` (pip's spelling) that have metadata in the site-packages of the interpreter, which need not be
// reachable by its own path: `interpreter` is where this program sees it.
std::vector<InstalledPackage> installed_of(const std::filesystem::path& interpreter,
                                           std::span<const std::string_view> names);

}  // namespace banana
