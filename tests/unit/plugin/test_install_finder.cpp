#include <boost/test/unit_test.hpp>

#include "install_finder.hpp"
#include "support/plugin_fixture.hpp"

using namespace banana;
using namespace banana::test;

BOOST_AUTO_TEST_SUITE(test_install_finder)

namespace fs = std::filesystem;

namespace {

ExaminedPlace examine(const fs::path& root, const Surroundings& surroundings) {
    return examine_place({root, "option"}, surroundings);
}

}  // namespace

BOOST_AUTO_TEST_CASE(plugin_in_a_folder_of_extra_model_paths) {
    const TemporaryFolder folder;
    const fs::path root = test::make_comfyui(folder);
    test::copy_plugin("plugin_v2", folder.path() / "shared" / "nodes" / "x");
    folder.write("ComfyUI/extra_model_paths.yaml", "a:\n  base_path: ../shared\n  custom_nodes: nodes\n");
    const ExaminedPlace place = examine(root, nowhere(folder));
    BOOST_TEST(place.custom_nodes.size() == 2U);
    BOOST_REQUIRE_EQUAL(place.search.loaded.size(), 1U);
    BOOST_TEST(fs::equivalent(place.search.loaded.front(), folder.path() / "shared" / "nodes" / "x"));
}

BOOST_AUTO_TEST_CASE(folder_names_decide_nothing) {
    const TemporaryFolder folder;
    const fs::path root = test::make_comfyui(folder);
    const fs::path nodes = root / "custom_nodes";
    fs::create_directories(nodes / "comfyui-banana-gemini");
    folder.write("ComfyUI/custom_nodes/comfyui-banana-li/__init__.py", "print('another node')\n");
    for (const char* name : {".hidden", "_underscore", "心宝 节点"}) {
        test::copy_plugin("plugin_v1", nodes / name);
        const ExaminedPlace place = examine(root, nowhere(folder));
        BOOST_REQUIRE_EQUAL(place.search.loaded.size(), 1U);
        BOOST_TEST(place.search.loaded.front() == nodes / name);
        fs::remove_all(nodes / name);
    }
    BOOST_TEST(!examine(root, nowhere(folder)).has_plugin());
}

BOOST_AUTO_TEST_CASE(disabled_nested_and_renamed_copies) {
    const TemporaryFolder folder;
    const fs::path root = test::make_comfyui(folder);
    const fs::path nodes = root / "custom_nodes";
    test::copy_plugin("plugin_v1", nodes / "a.disabled");
    test::copy_plugin("plugin_v1", nodes / ".disabled" / "b@1_0_0");
    test::copy_plugin("plugin_v1", nodes / "c-main" / "c-main");
    const PluginSearch search = examine(root, nowhere(folder)).search;
    BOOST_TEST(search.loaded.empty());
    BOOST_TEST(search.disabled.size() == 2U);
    BOOST_REQUIRE_EQUAL(search.nested.size(), 1U);
    BOOST_TEST(search.nested.front() == nodes / "c-main" / "c-main");
    // The loader's suffix is case-sensitive.
    test::copy_plugin("plugin_v1", nodes / "d.DISABLED");
    BOOST_TEST(examine(root, nowhere(folder)).search.loaded.size() == 1U);
    fs::remove_all(nodes / "d.DISABLED");
    folder.write("ComfyUI/custom_nodes/renamed/node.py", "class BananaImageNode:\n    pass\n");
    BOOST_TEST(examine(root, nowhere(folder)).search.loaded.front() == nodes / "renamed");
}

BOOST_AUTO_TEST_CASE(links_and_loops_end) {
    const TemporaryFolder folder;
    const fs::path root = test::make_comfyui(folder);
    const fs::path nodes = root / "custom_nodes";
    test::copy_plugin("plugin_v1", folder.path() / "source" / "plugin");
    fs::create_directory_symlink(folder.path() / "source" / "plugin", nodes / "linked");
    fs::create_directory_symlink(nodes, nodes / "loop");
    fs::create_symlink("self", nodes / "self");
    fs::create_symlink("/does/not/exist", nodes / "dangling");
    const PluginSearch search = examine(root, nowhere(folder)).search;
    BOOST_REQUIRE_EQUAL(search.loaded.size(), 1U);
    BOOST_TEST(search.loaded.front() == nodes / "linked");
}

BOOST_AUTO_TEST_CASE(one_of_ten_thousand_entries_is_found) {
    const TemporaryFolder folder;
    const fs::path root = test::make_comfyui(folder);
    for (int index = 0; index < 10'000; ++index) {
        const fs::path node = root / "custom_nodes" / ("node-" + std::to_string(index));
        fs::create_directories(node);
        test::write_bytes(node / "__init__.py", "NODE_CLASS_MAPPINGS = {}\n");
    }
    test::copy_plugin("plugin_v2", root / "custom_nodes" / "the-one");
    const ExaminedPlace place = examine(root, nowhere(folder));
    BOOST_TEST(place.search.loaded.size() == 1U);
    BOOST_TEST(place.search.complete);
}

// Hundreds of nodes are not looked into one by one: a second copy is seen all the same, under whatever name.
BOOST_AUTO_TEST_CASE(copies_among_many_nodes) {
    const TemporaryFolder folder;
    const fs::path root = test::make_comfyui(folder);
    const fs::path nodes = root / "custom_nodes";
    for (int index = 0; index < 400; ++index) {
        test::write_bytes(nodes / ("node-" + std::to_string(index)) / "__init__.py", "NODE_CLASS_MAPPINGS = {}\n");
    }
    test::copy_plugin("plugin_v1", nodes / "zz-other-name");
    test::copy_plugin("plugin_v2", nodes / "Comfyui-BANANA");
    test::copy_plugin("plugin_v1", nodes / "aside.disabled");
    test::copy_plugin("plugin_v1", nodes / ".disabled" / "old");
    PluginSearch search = examine(root, nowhere(folder)).search;
    BOOST_TEST(search.loaded.size() == 2U);
    BOOST_TEST(search.disabled.size() == 2U);
    BOOST_TEST(search.complete);

    // Binaries alone under a foreign name.
    for (const char* copy : {"zz-other-name", "Comfyui-BANANA", "aside.disabled", ".disabled"}) {
        fs::remove_all(nodes / copy);
    }
    test::write_bytes(nodes / "renamed" / "__init__.py", "");
    test::write_bytes(nodes / "renamed" / "Gemini_Imagen_Generator.cp311-win_amd64.pyd", "MZ");
    search = examine(root, nowhere(folder)).search;
    BOOST_REQUIRE_EQUAL(search.loaded.size(), 1U);
    BOOST_TEST(search.loaded.front() == nodes / "renamed");
    BOOST_TEST(search.entries_seen >= 401U);
}

BOOST_AUTO_TEST_CASE(a_folder_that_comfyui_cannot_load_is_no_copy) {
    const TemporaryFolder folder;
    const fs::path root = test::make_comfyui(folder);
    test::copy_plugin("plugin_v1", root / "custom_nodes" / "0backup");
    fs::remove(root / "custom_nodes" / "0backup" / "__init__.py");
    BOOST_TEST(examine(root, nowhere(folder)).search.loaded.size() == 1U);
    test::copy_plugin("plugin_v1", root / "custom_nodes" / "real");
    const std::vector<fs::path> loaded = examine(root, nowhere(folder)).search.loaded;
    BOOST_REQUIRE_EQUAL(loaded.size(), 1U);
    BOOST_TEST(loaded.front() == root / "custom_nodes" / "real");
}

BOOST_AUTO_TEST_CASE(options_win_over_the_search) {
    const TemporaryFolder folder;
    const fs::path root = test::make_comfyui(folder);
    test::copy_plugin("plugin_v1", root / "custom_nodes" / "one");
    test::copy_plugin("plugin_v1", root / "custom_nodes" / "two");
    Surroundings surroundings = nowhere(folder);
    surroundings.working_directory = root;
    RunOptions options;
    options.plugin_dir = "custom_nodes/two/";
    const auto place = examine_given_place(options, surroundings);
    BOOST_REQUIRE(place.has_value());
    BOOST_TEST(place->place.dir == root);
    BOOST_REQUIRE_EQUAL(place->search.loaded.size(), 2U);
    BOOST_TEST(fs::equivalent(place->search.loaded.front(), root / "custom_nodes" / "two"));
    options.plugin_dir = "custom_nodes/none";
    BOOST_TEST(!examine_given_place(options, surroundings).has_value());
}

BOOST_AUTO_TEST_SUITE_END()
