// A release binary is hardened: all of its relocations read-only, no executable stack, stack protector, fortified
// library calls, on x86-64 control-flow enforcement in our own code, and with BANANA_PIE position independent.
#include "support/process.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

namespace {

using banana::test::ProcessResult;
using banana::test::run_process;

std::string readelf(const char* what) {
    const ProcessResult result = run_process({"readelf", "--wide", what, BANANA_BINARY});
    BOOST_REQUIRE(result.exit_code == 0);
    return result.out;
}

bool holds(const std::string& text, const char* part) {
    return text.find(part) != std::string::npos;
}

#ifdef BANANA_HARDENED
constexpr bool kHardened = true;
#else
constexpr bool kHardened = false;
#endif

}  // namespace

BOOST_AUTO_TEST_CASE(a_release_binary_is_hardened) {
    if (!kHardened) {
        BOOST_TEST_MESSAGE("skipped: only release builds without sanitizers are hardened");
        BOOST_TEST(!kHardened);
        return;
    }
#ifdef BANANA_PIE
    BOOST_TEST(holds(readelf("--file-header"), "DYN ("));
    BOOST_TEST(holds(readelf("--dynamic"), "PIE"));
#endif
    const std::string segments = readelf("--program-headers");
    BOOST_TEST(holds(segments, "GNU_RELRO"));
    const std::size_t stack = segments.find("GNU_STACK");
    BOOST_REQUIRE(stack != std::string::npos);
    BOOST_TEST(!holds(segments.substr(stack, segments.find('\n', stack) - stack), "RWE"));
    const std::string dynamic = readelf("--dynamic");
    BOOST_TEST(holds(dynamic, "BIND_NOW"));
    const std::string symbols = readelf("--dyn-syms");
    BOOST_TEST(holds(symbols, "__stack_chk_fail"));
    BOOST_TEST(holds(symbols, "_chk@"));  // such as __snprintf_chk
#ifdef __x86_64__
    // Every function that a pointer can lead to begins with this instruction.
    const ProcessResult code = run_process({"objdump", "-d", "--section=.text", "--no-show-raw-insn", BANANA_BINARY});
    std::size_t landings = 0;
    for (std::size_t at = code.out.find("endbr64"); at != std::string::npos; at = code.out.find("endbr64", at + 1)) {
        ++landings;
    }
    BOOST_TEST(landings > 1000U);
#endif
}

// No child, whose environment or command line could show a key; but for the clipboard's program (--copy), which is
// handed the ticket head on its standard input.
BOOST_AUTO_TEST_CASE(the_program_cannot_start_another) {
    const ProcessResult symbols = run_process({"nm", "--dynamic", "--undefined-only", BANANA_BINARY});
    BOOST_REQUIRE(symbols.exit_code == 0);
    const auto uses = [&](const std::string& name) {
        return holds(symbols.out, (" " + name + "\n").c_str()) || holds(symbols.out, (" " + name + "@").c_str());
    };
    BOOST_TEST((uses("open") || uses("open64") || uses("__open_2")));
    for (const char* name : {"fork", "vfork", "clone", "system", "popen", "posix_spawn", "execl", "execlp", "execle",
                             "execv", "execvp", "execvpe", "execve", "fexecve"}) {
        BOOST_TEST(!uses(name), name);
    }
}
