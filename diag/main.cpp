#include "commands.hpp"
#include "engines/platform_host.hpp"

#include <exception>
#include <iostream>

int main(int argc, char** argv) {
    constexpr int kToolFailed = 4;
    int code = kToolFailed;
    try {
        banana::platform::prepare_standard_streams();
        banana::platform::prepare_process();
        code = banana::execute(banana::platform::utf8_arguments(argc, argv));
        std::cout.flush();
        std::cerr.flush();
    } catch (const std::exception&) {
        // What an exception says can hold anything, a key included.
        std::cerr << "banana-diag: internal error\n";
    }
    // A name service that never answers holds a thread that cannot be ended.
    banana::platform::exit_now(code);
}
