#ifdef _WIN32

#include "platform.hpp"

#include <fstream>

namespace banana::platform {

namespace fs = std::filesystem;

// Windows has no such limit that a program could run into.
bool has_descriptors(std::size_t) {
    return true;
}

void throw_if_short_of_descriptors() {}

RawRead read_without_waiting(const fs::path& path, std::size_t limit) {
    RawRead result;
    const fs::file_status status = fs::status(path, result.error);
    if (result.error) {
        return result;
    }
    if (fs::is_directory(status)) {
        result.kind = FileKind::folder;
        return result;
    }
    if (!fs::is_regular_file(status)) {
        result.kind = FileKind::other;
        return result;
    }
    result.kind = FileKind::regular;
    result.size = fs::file_size(path, result.error);
    if (result.error) {
        return result;
    }
    std::ifstream file(path, std::ios::binary);
    if (!file) {
        // The stream does not say why; on Windows an existing file that does not open is locked or forbidden.
        result.error = std::make_error_code(std::errc::permission_denied);
        return result;
    }
    result.bytes.resize(limit);
    file.read(result.bytes.data(), static_cast<std::streamsize>(limit));
    if (file.bad()) {
        result.error = std::make_error_code(std::errc::io_error);
    }
    result.bytes.resize(static_cast<std::size_t>(file.gcount()));
    return result;
}

std::optional<bool> readable_by_everyone(const fs::path&) {
    return std::nullopt;
}

}  // namespace banana::platform

#endif
