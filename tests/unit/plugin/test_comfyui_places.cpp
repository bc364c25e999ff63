// Where a ComfyUI is looked for, and what tells one.
#include "comfyui_places.hpp"
#include "support/plugin_fixture.hpp"

#include <algorithm>
#include <boost/test/unit_test.hpp>

using namespace banana;
using namespace banana::test;

BOOST_AUTO_TEST_SUITE(test_comfyui_places)

namespace fs = std::filesystem;

BOOST_AUTO_TEST_CASE(a_root_is_told_by_its_content) {
    const TemporaryFolder folder;
    const fs::path root = test::make_comfyui(folder, "anything");
    BOOST_TEST(is_comfyui_root(root));
    fs::create_directories(folder.path() / "only" / "custom_nodes");
    BOOST_TEST(!is_comfyui_root(folder.path() / "only"));
    for (const char* name : {"custom_nodes", "models", "user"}) {
        fs::create_directories(folder.path() / "desktop" / name);
    }
    BOOST_TEST(is_comfyui_root(folder.path() / "desktop"));
    BOOST_TEST(!is_comfyui_root({}));
}

BOOST_AUTO_TEST_CASE(what_people_name_leads_to_the_root) {
    const TemporaryFolder folder;
    const fs::path root = test::make_comfyui(folder, "portable/ComfyUI");
    test::copy_plugin("plugin_v1", root / "custom_nodes" / "any-name");
    BOOST_TEST(comfyui_root_at(root).value() == root);
    BOOST_TEST(comfyui_root_at(folder.path() / "portable").value() == root);
    BOOST_TEST(comfyui_root_at(root / "custom_nodes").value() == root);
    BOOST_TEST(comfyui_root_at(root / "custom_nodes" / "any-name").value() == root);
    BOOST_TEST(!comfyui_root_at(folder.path() / "missing").has_value());
}

BOOST_AUTO_TEST_CASE(search_order_is_folder_then_program_then_variable) {
    const TemporaryFolder folder;
    const fs::path here = test::make_comfyui(folder, "here");
    const fs::path there = test::make_comfyui(folder, "there");
    const fs::path named = test::make_comfyui(folder, "named");
    Surroundings surroundings = nowhere(folder);
    BOOST_TEST(!find_nearby_comfyui(surroundings).has_value());
    surroundings.environment = Environment({{"COMFYUI_PATH", named.string()}});
    BOOST_TEST(find_nearby_comfyui(surroundings)->dir == named);
    surroundings.executable = there / "tools" / "banana-diag";
    BOOST_TEST(find_nearby_comfyui(surroundings)->how == "executable");
    surroundings.working_directory = here / "custom_nodes" / "some-node";
    BOOST_TEST(find_nearby_comfyui(surroundings)->dir == here);
}

BOOST_AUTO_TEST_CASE(the_desktop_app_says_where_its_data_is) {
    const TemporaryFolder folder;
    Surroundings surroundings = nowhere(folder);
    for (const char* name : {"custom_nodes", "models", "user"}) {
        fs::create_directories(folder.path() / "data" / name);
    }
    const std::string path = (folder.path() / "data").string();
    folder.write("home/.config/ComfyUI/config.json", "{\"basePath\": \"" + path + "\"}");
    BOOST_TEST(desktop_base_path(surroundings).value() == folder.path() / "data");
    const std::vector<ComfyPlace> places = usual_comfyui_places(surroundings);
    BOOST_REQUIRE(!places.empty());
    BOOST_TEST(places.front().how == "desktop");
    BOOST_TEST(places.front().dir == folder.path() / "data");
    folder.write("home/.config/ComfyUI/config.json", "[not json");
    BOOST_TEST(!desktop_base_path(surroundings).has_value());
}

BOOST_AUTO_TEST_CASE(usual_places_in_the_home_folder) {
    const TemporaryFolder folder;
    const Surroundings surroundings = nowhere(folder);
    const fs::path portable = test::make_comfyui(folder, "home/Downloads/ComfyUI_windows_portable/ComfyUI");
    const fs::path clone = test::make_comfyui(folder, "home/comfyui");
    std::vector<fs::path> found;
    for (const ComfyPlace& place : usual_comfyui_places(surroundings)) {
        found.push_back(place.dir);
    }
    BOOST_TEST((std::find(found.begin(), found.end(), portable) != found.end()));
    BOOST_TEST((std::find(found.begin(), found.end(), clone) != found.end()));
}

BOOST_AUTO_TEST_CASE(extra_model_paths_entries) {
    const std::string yaml =
        "# comment\n"
        "comfyui:\n"
        "    base_path: /srv/shared/\n"
        "    checkpoints: models/checkpoints/\n"
        "    custom_nodes: nodes  # the team's\n"
        "other:\n"
        "    custom_nodes: |\n"
        "        first\n"
        "        /second\n"
        "    loras: x\n"
        "home:\n"
        "    base_path: \"~/comfy\"\n"
        "    custom_nodes: custom_nodes\n";
    const std::vector<fs::path> expected{"/srv/shared/nodes", "/root-folder/first", "/second",
                                         "/home-folder/comfy/custom_nodes"};
    const std::vector<fs::path> found = custom_nodes_entries(yaml, "/root-folder", "/home-folder");
    BOOST_REQUIRE_EQUAL(found.size(), expected.size());
    for (std::size_t index = 0; index < expected.size(); ++index) {
        BOOST_TEST(found[index] == expected[index]);
    }
    BOOST_TEST(custom_nodes_entries(":\n\t:\n  custom_nodes\n", "/a", "/b").empty());
}

BOOST_AUTO_TEST_SUITE_END()
