#include "platform.hpp"

namespace banana::platform {

bool is_exhaustion(const std::error_code& error) {
    return error == std::errc::too_many_files_open || error == std::errc::too_many_files_open_in_system ||
           error == std::errc::not_enough_memory || error == std::errc::no_buffer_space;
}

void throw_if_exhausted(const std::error_code& error) {
    if (is_exhaustion(error)) {
        throw Exhausted(error.message());
    }
}

}  // namespace banana::platform
