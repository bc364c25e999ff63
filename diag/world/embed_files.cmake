# Writes the files below FOLDER into a C++ source: what embedded_files.hpp declares. Run at build time:
#   cmake -D FOLDER=… -D OUTPUT=… -P embed_files.cmake
file(GLOB_RECURSE files RELATIVE ${FOLDER} ${FOLDER}/*)
list(SORT files)
set(entries "")
foreach(file IN LISTS files)
  # As numbers: no octet of a file means anything to CMake or to the compiler.
  file(READ ${FOLDER}/${file} octets HEX)
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "\\\\x\\1" text "${octets}")
  file(SIZE ${FOLDER}/${file} size)
  string(APPEND entries "    {\"${file}\", std::string_view(\"${text}\", ${size})},\n")
endforeach()
file(WRITE ${OUTPUT} "#include \"embedded_files.hpp\"

#include <array>

namespace banana::world {
namespace {

constexpr auto kFiles = std::to_array<EmbeddedFile>({
${entries}});

}  // namespace

std::span<const EmbeddedFile> embedded_files() {
    return kFiles;
}

}  // namespace banana::world
")
