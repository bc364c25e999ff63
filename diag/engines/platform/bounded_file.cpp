#include "bounded_file.hpp"

#include "platform.hpp"

#include <openssl/crypto.h>

#include <algorithm>
#include <array>
#include <istream>

namespace banana {
namespace {

namespace fs = std::filesystem;

bool is_link(const fs::path& path) {
    std::error_code ignored;
    return fs::is_symlink(fs::symlink_status(path, ignored));
}

FileProblem problem_of(const std::error_code& error, const fs::path& path) {
    if (platform::is_in_use(error)) {
        return FileProblem::in_use;
    }
    if (error == std::errc::no_such_file_or_directory || error == std::errc::not_a_directory) {
        return is_link(path) ? FileProblem::dangling_link : FileProblem::missing;
    }
    if (error == std::errc::too_many_symbolic_link_levels) {
        return FileProblem::link_loop;
    }
    if (error == std::errc::permission_denied || error == std::errc::operation_not_permitted) {
        return FileProblem::permission;
    }
    if (error == std::errc::is_a_directory) {
        return FileProblem::folder;
    }
    // What opening a socket answers.
    if (error == std::errc::no_such_device_or_address) {
        return FileProblem::not_regular;
    }
    return FileProblem::io;
}

}  // namespace

std::string_view file_problem_name(FileProblem problem) {
    switch (problem) {
        case FileProblem::missing: return "missing";
        case FileProblem::dangling_link: return "dangling-link";
        case FileProblem::link_loop: return "link-loop";
        case FileProblem::folder: return "folder";
        case FileProblem::not_regular: return "not-regular";
        case FileProblem::permission: return "permission";
        case FileProblem::in_use: return "in-use";
        case FileProblem::too_large: return "too-large";
        case FileProblem::io: break;
    }
    return "io";
}

BoundedFile read_bounded(const fs::path& path, std::size_t limit) {
    BoundedFile file;
    platform::RawRead raw = platform::read_without_waiting(path, limit + 1);
    file.size = raw.size;
    file.error = raw.error;
    if (raw.kind == platform::FileKind::folder) {
        file.problem = FileProblem::folder;
    } else if (raw.kind == platform::FileKind::other) {
        file.problem = FileProblem::not_regular;
    } else if (raw.error) {
        file.problem = problem_of(raw.error, path);
    } else if (raw.bytes.size() > limit) {
        file.problem = FileProblem::too_large;
    } else {
        file.bytes = std::move(raw.bytes);
    }
    return file;
}

std::string read_bounded(std::istream& stream, std::size_t limit) {
    std::string bytes;
    std::array<char, 16 * 1024> chunk{};
    while (stream && bytes.size() < limit) {
        stream.read(chunk.data(), static_cast<std::streamsize>(std::min(chunk.size(), limit - bytes.size())));
        bytes.append(chunk.data(), static_cast<std::size_t>(stream.gcount()));
    }
    OPENSSL_cleanse(chunk.data(), chunk.size());  // a key may come this way
    return bytes;
}

}  // namespace banana
