#include "binary_module.hpp"
#include "comfyui_places.hpp"
#include "install_finder.hpp"
#include "support/plugin_fixture.hpp"

#include <boost/test/unit_test.hpp>

using namespace banana;
using namespace banana::test;

BOOST_AUTO_TEST_SUITE(test_binary_module)

namespace fs = std::filesystem;

BOOST_AUTO_TEST_CASE(binaries_fit_one_system_only) {
    struct Case {
        std::string_view suffix;
        std::string_view bytes;
        platform::System fits;
    };
    for (const Case& entry : {Case{".so", test::kElfStart, platform::System::gnu_linux},
                              Case{".abi3.so", test::kElfStart, platform::System::gnu_linux},
                              Case{".cpython-311-x86_64-linux-gnu.so", test::kElfStart, platform::System::gnu_linux},
                              Case{".pyd", test::kPeStart, platform::System::windows},
                              Case{".cp311-win_amd64.pyd", test::kPeStart, platform::System::windows},
                              Case{".darwin.so", test::kMachStart, platform::System::mac}}) {
        const TemporaryFolder folder;
        test::write_compiled_plugin(folder.path() / "p", entry.suffix, entry.bytes);
        for (const platform::System system :
             {platform::System::gnu_linux, platform::System::windows, platform::System::mac}) {
            BOOST_TEST_CONTEXT(entry.suffix << " on system " << static_cast<int>(system)) {
                const PluginDescription plugin = describe_plugin(folder.path() / "p", {system, 0});
                BOOST_TEST(plugin.missing.empty() == (system == entry.fits));
                BOOST_TEST(plugin.unusable.empty() == (system == entry.fits));
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(empty_binaries_and_git_lfs_pointers_do_not_load) {
    for (const std::string_view bytes : {std::string_view(), std::string_view("version https://git-lfs.github.com/")}) {
        const TemporaryFolder folder;
        test::write_compiled_plugin(folder.path() / "p", ".so", bytes);
        BOOST_TEST(describe_plugin(folder.path() / "p", {platform::System::gnu_linux, 0}).missing.size() == 7U);
    }
}

BOOST_AUTO_TEST_CASE(what_keeps_a_binary_from_loading_is_told) {
    const TemporaryFolder folder;
    const auto fault = [&](const std::string& name, const std::string& bytes, const TargetPython& target) {
        return judge_binary(folder.write(name, bytes), target);
    };
    const TargetPython own{platform::System::gnu_linux, 11};
    // Header, one program header that loads 200 bytes from the start, and those bytes.
    std::string elf(200, '\0');
    const auto put = [&](std::size_t at, unsigned value) { elf[at] = static_cast<char>(value); };
    elf.replace(0, 7,
                std::string("\x7F"
                            "ELF\x02\x01\x01",
                            7));
    put(16, 3);
#if defined(__aarch64__)
    constexpr unsigned kOwn = 183, kOther = 62;
#else
    constexpr unsigned kOwn = 62, kOther = 183;
#endif
    put(18, kOwn);
    put(32, 64);
    put(54, 56);
    put(56, 1);
    put(64, 1);
    put(64 + 32, 200);
    BOOST_CHECK(fault("a.so", elf, own).fault == BinaryFault::none);
    // A second one that loads no byte and begins behind the end.
    put(56, 2);
    put(120, 1);
    put(128 + 1, 16);
    BOOST_CHECK(fault("a.so", elf, own).fault == BinaryFault::none);
    put(56, 1);
    BOOST_TEST(fault("a.so", elf.substr(0, 150), own).detail == "150 < 200 bytes");
    BOOST_CHECK(fault("a.so", elf.substr(0, 40), own).fault == BinaryFault::damaged);
    BOOST_CHECK(fault("a.so", "<!DOCTYPE html>", own).fault == BinaryFault::damaged);
    BOOST_CHECK(fault("a.cpython-310-x86_64-linux-gnu.so", elf, own).fault == BinaryFault::other_python);
    BOOST_CHECK(fault("a.cpython-310-x86_64-linux-gnu.so", elf, {platform::System::gnu_linux, 0}).fault ==
                BinaryFault::none);
    BOOST_CHECK(fault("a.abi3.so", elf, own).fault == BinaryFault::none);
    BOOST_CHECK(fault("a.cp311-win_amd64.pyd", "MZ", own).fault == BinaryFault::other_system);
    BOOST_CHECK(fault("a.cp310-win_amd64.pyd", "MZ", {platform::System::windows, 12}).fault ==
                BinaryFault::other_python);
    put(18, kOther);
    BOOST_CHECK(fault("a.so", elf, own).fault == BinaryFault::other_processor);
    BOOST_TEST(fault("a.so", elf, own).detail.starts_with("ELF, "));
}

BOOST_AUTO_TEST_CASE(the_interpreter_beside_a_portable_package_names_the_system) {
    const TemporaryFolder folder;
    const fs::path root = test::make_comfyui(folder, "portable/ComfyUI");
    BOOST_TEST((target_python_of(root).system == platform::kSystem));
    folder.write("portable/python_embeded/python.exe", "MZ");
    BOOST_TEST((target_python_of(root).system == platform::System::windows));
    BOOST_TEST(target_python_of(root).minor == 0);
    folder.write("portable/python_embeded/python3.dll", "MZ");
    folder.write("portable/python_embeded/python312.dll", "MZ");
    BOOST_TEST(target_python_of(root).minor == 12);
    BOOST_TEST(python_of(root).value() == folder.path() / "portable" / "python_embeded" / "python.exe");
}

BOOST_AUTO_TEST_SUITE_END()
