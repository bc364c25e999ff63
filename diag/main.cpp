#include "banana/exit_code.hpp"
#include "commands.hpp"
#include "platform_host.hpp"

#include <cstddef>
#include <cstring>
#include <exception>
#include <iostream>
#include <new>

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored "-Wsized-deallocation"  // the other form has no size to overwrite, and stays as it is
#endif

// Texts that a key went through, such as config.ini as it was read, are overwritten when they are given back: what
// reads memory later, for example a crash report or a swap file, does not find it. The containers say their size.
void operator delete(void* block, std::size_t size) noexcept {
    if (block != nullptr) {
        std::memset(block, 0, size);
        asm volatile("" : : "r"(block) : "memory");  // or the compiler would leave out what nobody reads any more
    }
    ::operator delete(block);
}

int main(int argc, char** argv) {
    int code = banana::exit_code::tool_failed;
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
