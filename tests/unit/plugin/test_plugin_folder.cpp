// What a folder of the plugin holds, and which of two copies can go.
#include "install_finder.hpp"
#include "plugin_folder.hpp"
#include "support/plugin_fixture.hpp"

#include <boost/test/unit_test.hpp>

using namespace banana;
using namespace banana::test;

BOOST_AUTO_TEST_SUITE(test_plugin_folder)

namespace fs = std::filesystem;

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
        BOOST_TEST(superfluous_copy(install).path == folder.path() / "link");
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
        return superfluous_copy(install).path;
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
    BOOST_TEST(taken_out(key, broken).empty());
    BOOST_TEST(taken_out(broken, key).empty());
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

BOOST_AUTO_TEST_SUITE_END()
