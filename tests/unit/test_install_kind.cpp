#include "install_kind.hpp"

#include "support/plugin_fixture.hpp"
#include "support/temporary_folder.hpp"

#include <boost/test/unit_test.hpp>

#include <filesystem>
#include <string_view>

using namespace banana;
namespace fs = std::filesystem;

namespace {

// Marks of this machine itself are left out.
std::string_view kind_of(const fs::path& dir, const Server* server = nullptr) {
    Surroundings surroundings;
    surroundings.search_machine = false;
    return install_kind_of(dir, surroundings, server);
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_package_has_its_python_beside_it) {
    const test::TemporaryFolder folder;
    for (const char* python : {"python_embeded", "python"}) {
        const fs::path root = folder.path() / python / "ComfyUI";
        fs::create_directories(root);
        fs::create_directories(root.parent_path() / python);
        BOOST_TEST(kind_of(root) == "");
        test::write_bytes(root.parent_path() / python / "python.exe", "MZ");
        BOOST_TEST(kind_of(root) == "portable");
    }
    Server server;
    server.embedded_python = true;
    BOOST_TEST(kind_of({}, &server) == "portable");
}

BOOST_AUTO_TEST_CASE(other_kinds_are_told_by_their_own_marks) {
    const test::TemporaryFolder folder;
    const fs::path root = folder.path() / "ComfyUI";
    fs::create_directories(root / ".git");
    BOOST_TEST(kind_of(root) == "source");
    BOOST_TEST(kind_of("D:/StabilityMatrix/Data/Packages/ComfyUI") == "stability-matrix");
    BOOST_TEST(kind_of("/home/u/pinokio/api/comfy.git/app") == "pinokio");
    BOOST_TEST(kind_of({}) == "");
    Server server;
    server.argv = {"C:/Users/u/AppData/Local/Programs/ComfyUI/resources/ComfyUI/main.py", "--port", "8000"};
    BOOST_TEST(kind_of(root, &server) == "desktop");
    server.argv = {"main.py", "--port", "8000"};
    BOOST_TEST(kind_of(root, &server) == "source");
}
