#include <boost/test/unit_test.hpp>

#include "drive_search.hpp"
#include "install_finder.hpp"
#include "installed_packages.hpp"
#include "shell_command.hpp"
#include "support/plugin_fixture.hpp"
#include "web_folder.hpp"

#include <algorithm>
#include <array>

using namespace banana;

BOOST_AUTO_TEST_SUITE(test_install_finder)

namespace fs = std::filesystem;

namespace {

using banana::test::TemporaryFolder;

Surroundings nowhere(const TemporaryFolder& folder) {
    Surroundings surroundings;
    surroundings.home = folder.path() / "home";
    surroundings.working_directory = folder.path() / "elsewhere";
    surroundings.executable = folder.path() / "elsewhere" / "banana-diag";
    surroundings.search_machine = false;
    fs::create_directories(surroundings.home);
    fs::create_directories(surroundings.working_directory);
    return surroundings;
}

ExaminedPlace examine(const fs::path& root, const Surroundings& surroundings) {
    return examine_place({root, "option"}, surroundings);
}

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

BOOST_AUTO_TEST_CASE(families_and_versions_by_their_files) {
    const TemporaryFolder folder;
    const fs::path nodes = folder.path();
    test::copy_plugin("plugin_v1", nodes / "one");
    test::copy_plugin("plugin_v2", nodes / "two");
    test::write_compiled_plugin(nodes / "three", ".so", test::kElfStart);
    folder.write("fork/__init__.py", "from .nodes import BananaImageNode\n");
    folder.write("fork/nodes.py", "class BananaImageNode:\n    SAMPLE = 'you api_key'\n");
    folder.write("fork/config.ini", "[gemini]\napi_key = you api_key\n");

    const PluginDescription one = describe_plugin(nodes / "one", {platform::System::gnu_linux, 0});
    BOOST_TEST((one.install.family == Family::v1));
    BOOST_TEST(one.install.version == "V0.02");
    BOOST_TEST(!one.install.compiled);
    BOOST_TEST(one.missing.empty());
    const PluginDescription two = describe_plugin(nodes / "two", {platform::System::windows, 0});
    BOOST_TEST((two.install.family == Family::v2));
    BOOST_TEST(two.missing.empty());
    BOOST_TEST(two.install.default_base_url == "https://api.aabao.top");
    const PluginDescription three = describe_plugin(nodes / "three", {platform::System::gnu_linux, 0});
    BOOST_TEST((three.install.family == Family::v3));
    BOOST_TEST(three.install.version == "V0.09");
    BOOST_TEST(three.install.compiled);
    BOOST_TEST(three.missing.empty());
    BOOST_TEST(!three.install.route_parameters.has_value());
    BOOST_TEST(three.install.landmarks.count("script-fetch") == 1U);
    const PluginDescription fork = describe_plugin(nodes / "fork", {platform::System::gnu_linux, 0});
    BOOST_TEST((fork.install.family == Family::fork));
    BOOST_TEST(!fork.has_balance_feature);

    fs::remove(nodes / "three" / "__init__.py");
    const PluginDescription without_init = describe_plugin(nodes / "three", {platform::System::gnu_linux, 0});
    BOOST_TEST(without_init.install.version == "0.1.3");
    BOOST_TEST(without_init.missing == std::vector<std::string>{"__init__"}, boost::test_tools::per_element());
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

BOOST_AUTO_TEST_CASE(a_binary_is_imported_before_the_source_beside_it) {
    const TemporaryFolder folder;
    const fs::path plugin = folder.path() / "p";
    test::copy_plugin("plugin_v1", plugin);
    test::write_compiled_plugin(plugin, ".so", test::kElfStart);
    const PluginDescription mixed = describe_plugin(plugin, {platform::System::gnu_linux, 0});
    BOOST_TEST((mixed.install.family == Family::v3));
    BOOST_TEST(mixed.install.compiled);
    BOOST_TEST(!mixed.install.route_parameters.has_value());
    BOOST_TEST(!mixed.install.knows_sample_spellings.has_value());
    BOOST_TEST(mixed.install.default_base_url.empty());
    BOOST_TEST(mixed.install.landmarks.count("handler") == 0U);
    // On a system that cannot load it, the source is what runs.
    BOOST_TEST(!describe_plugin(plugin, {platform::System::mac, 0}).install.compiled);
}

BOOST_AUTO_TEST_CASE(a_link_is_taken_out_and_never_what_it_leads_to) {
    const TemporaryFolder folder;
    test::copy_plugin("plugin_v1", folder.path() / "real");
    fs::create_directory_symlink(folder.path() / "real", folder.path() / "link");
    Install install;
    for (const auto& [examined, other] : {std::pair{"real", "link"}, std::pair{"link", "real"}}) {
        install.plugin_dir = folder.path() / examined;
        install.copies = {folder.path() / other};
        BOOST_TEST(superfluous_copy(install) == folder.path() / "link");
    }
}

BOOST_AUTO_TEST_CASE(the_copy_that_may_hold_the_key_stays) {
    const TemporaryFolder folder;
    const auto with = [&](const std::string& name, const std::string& config) {
        folder.write(name + "/config.ini", config);
        return folder.path() / name;
    };
    const std::string own = "[gemini]\napi_key = " + std::string(24, 'k') + "\n";
    const auto taken_out = [](const fs::path& examined, const fs::path& other) {
        Install install;
        install.plugin_dir = examined;
        install.copies = {other};
        return superfluous_copy(install);
    };
    const fs::path key = with("b", own);
    for (const fs::path& spare : {with("a", "[gemini]\napi_key = YOUR_API_KEY_HERE\n"),
                                  with("c", "[gemini]\napi_key =\n"), folder.path() / "none"}) {
        BOOST_TEST(taken_out(key, spare) == spare);
        BOOST_TEST(taken_out(spare, key) == spare);
    }
    for (const char* name : {"b_bak", "b.OLD", "b - 副本", "b copy", "b (1)"}) {
        const fs::path backup = with(name, own);
        BOOST_TEST(taken_out(backup, key) == backup);
        BOOST_TEST(taken_out(key, backup) == backup);
    }
    // What cannot be read may hold a key as well.
    const fs::path broken = with("d", "api_key\n");
    BOOST_TEST(taken_out(key, broken) == broken);
    BOOST_TEST(taken_out(broken, key) == key);
}

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

BOOST_AUTO_TEST_CASE(a_source_file_without_source_counts_as_missing) {
    for (const std::string_view bytes : {std::string_view(), std::string_view("<!DOCTYPE html>\n<html>404</html>\n")}) {
        const TemporaryFolder folder;
        test::copy_plugin("plugin_v1", folder.path() / "p");
        BOOST_TEST(describe_plugin(folder.path() / "p", {platform::System::gnu_linux, 0}).missing.empty());
        test::write_bytes(folder.path() / "p" / "Gemini_Imagen_Generator.py", bytes);
        const PluginDescription plugin = describe_plugin(folder.path() / "p", {platform::System::gnu_linux, 0});
        BOOST_TEST(plugin.missing == std::vector<std::string>{"Gemini_Imagen_Generator"},
                   boost::test_tools::per_element());
        BOOST_REQUIRE_EQUAL(plugin.unusable.size(), 1U);
        BOOST_CHECK(plugin.unusable.front().judgement.fault == BinaryFault::damaged);
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

BOOST_AUTO_TEST_CASE(commands_are_one_word_a_path) {
    BOOST_TEST(move_command("/a b/c$(x)", "/d'e", Shell::posix) == "mv /a\\ b/c\\$\\(x\\) /d\\'e");
    BOOST_TEST(pip_command("D:\\ai\\python_embeded\\python.exe", "pyyaml", Shell::windows) ==
               "D:\\ai\\python_embeded\\python.exe -s -m pip install pyyaml");
    BOOST_TEST(python_of_package_file("D:\\AI\\python_embeded\\Lib\\site-packages\\certifi\\cacert.pem") ==
               "D:\\AI\\python_embeded\\python.exe");
    BOOST_TEST(python_of_package_file("C:\\x\\venv\\Lib\\site-packages\\certifi\\cacert.pem") ==
               "C:\\x\\venv\\Scripts\\python.exe");
    BOOST_TEST(python_of_package_file("/x/venv/lib/python3.11/site-packages/certifi/cacert.pem") ==
               "/x/venv/bin/python");
    BOOST_TEST(python_of_package_file("/etc/ssl/cert.pem").empty());
    BOOST_TEST(pip_command("", "Pillow", Shell::posix) == "python -m pip install Pillow");
    BOOST_TEST(pip_command("C:\\My ComfyUI\\python.exe", "PyYAML", Shell::windows) ==
               "\"C:\\My ComfyUI\\python.exe\" -m pip install PyYAML");
    // PowerShell takes a quoted first word for a text.
    BOOST_TEST(pip_command("C:\\ComfyUI\\python.exe", "PyYAML", Shell::windows) ==
               "C:\\ComfyUI\\python.exe -m pip install PyYAML");
}

const DriveSearchLimits kWide{1'000, [] { return false; }};

std::vector<fs::path> in_order(std::vector<fs::path> paths) {
    std::sort(paths.begin(), paths.end());
    return paths;
}

BOOST_AUTO_TEST_CASE(roots_are_found_two_folders_deep_whatever_they_are_called) {
    const TemporaryFolder folder;
    std::vector<fs::path> wanted;
    for (const char* place : {"AI 绘画/ComfyUI 便携版/ComfyUI", "下载/新建文件夹/ComfyUI", "ComfyUI-aki-v1.3",
                              "sd/aki-v1.6", "StabilityMatrix/Data/Packages/ComfyUI",
                              "tools/StabilityMatrix/Packages/comfy", "pinokio/api/comfy.git/app"}) {
        wanted.push_back(test::make_comfyui(folder, place));
    }
    test::make_comfyui(folder, "too/deep/for/ComfyUI");
    test::make_comfyui(folder, "Windows/ComfyUI");
    test::make_comfyui(folder, "Program Files/x/ComfyUI");
    BOOST_TEST(in_order(search_drives({folder.path()}, kWide)) == in_order(wanted), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(promising_names_come_before_the_limit) {
    const TemporaryFolder folder;
    for (int number = 0; number < 50; ++number) {
        fs::create_directories(folder.path() / ("games-" + std::to_string(number)));
    }
    const fs::path root = test::make_comfyui(folder, "ComfyUI");
    const std::vector<fs::path> found = search_drives({folder.path()}, DriveSearchLimits{3, [] { return false; }});
    BOOST_TEST(found == std::vector{root}, boost::test_tools::per_element());
    BOOST_TEST(search_drives({folder.path()}, DriveSearchLimits{1'000, [] { return true; }}).empty());
}

BOOST_AUTO_TEST_CASE(a_drive_that_is_not_there_is_an_empty_one) {
    BOOST_TEST(search_drives({"/nowhere/at/all"}, kWide).empty());
}

BOOST_AUTO_TEST_CASE(packages_are_read_of_the_very_python_and_of_no_neighbour) {
    const TemporaryFolder folder;
    folder.write("usr/lib/python3.10/dist-packages/opencv_python-4.1.dist-info/METADATA", "");
    folder.write("usr/lib/python3.11/site-packages/opencv_python_headless-4.8.0.dist-info/METADATA", "");
    folder.write("usr/bin/python3.11", "");
    constexpr auto kNames = std::to_array<std::string_view>({"opencv-python", "opencv-python-headless"});
    const std::filesystem::path programs = folder.path() / "usr" / "bin";
    std::error_code no_links;  // as under Windows
    std::filesystem::create_symlink("python3.11", programs / "python3", no_links);
    for (const std::string& program : {std::string("python3.11"), std::string(no_links ? "python3.11" : "python3")}) {
        const std::vector<InstalledPackage> found = installed_of(programs / program, kNames);
        BOOST_REQUIRE_EQUAL(found.size(), 1U);
        BOOST_TEST(found.front().name == "opencv-python-headless");
        BOOST_TEST(found.front().version == "4.8.0");
    }
    // Which of the two it runs on cannot be seen.
    BOOST_TEST(installed_of(programs / "comfy-python", kNames).empty());
    BOOST_TEST(installed_of({}, kNames).empty());
}

BOOST_AUTO_TEST_CASE(the_folder_that_is_served_is_read_and_never_left) {
    const TemporaryFolder folder;
    const auto served = [&](const std::string& package) {
        folder.write("p/__init__.py", package);
        return web_folder_of(folder.path() / "p");
    };
    BOOST_TEST(served("WEB_DIRECTORY = \"./web\"\n").lexically_normal() == folder.path() / "p" / "web");
    BOOST_TEST(served("import os\r\nWEB_DIRECTORY='js/page' # x\r\n") == folder.path() / "p" / "js/page");
    for (const char* none : {"", "WEB_DIRECTORY = os.path.join(here, 'web')\n", "WEB_DIRECTORY = '/etc'\n",
                             "WEB_DIRECTORY = '../other'\n", "# WEB_DIRECTORY = 'web'\n"}) {
        BOOST_TEST(served(none).empty(), none);
    }
    for (const char* outside : {"", "..", "a/../../b", "/etc/passwd"}) {
        BOOST_TEST(!stays_within(outside), outside);
    }
    BOOST_TEST(stays_within("extensions/token-balance.js"));
}

}  // namespace

BOOST_AUTO_TEST_SUITE_END()
