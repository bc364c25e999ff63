// The files of tests/fixtures/families, which the build writes into the program (embed_files.cmake): the embedded world
// and the tests have the same ones.
#pragma once

#include <span>
#include <string_view>

namespace banana::world {

struct EmbeddedFile {
    std::string_view path;  // relative to tests/fixtures/families, with "/"
    std::string_view text;
};

// In the order of their paths.
std::span<const EmbeddedFile> embedded_files();

}  // namespace banana::world
