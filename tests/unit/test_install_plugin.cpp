#include <boost/test/unit_test.hpp>

#include "banana/cause.hpp"
#include "support/plugin_fixture.hpp"
#include "support/process.hpp"
#include "support/run_check.hpp"
#include "support/run_of.hpp"

#include <boost/json/serialize.hpp>

#include <unistd.h>
#include <csignal>

namespace banana {
namespace {

namespace fs = std::filesystem;
using test::CheckStage;
using test::TemporaryFolder;

// A stage whose surroundings hold no ComfyUI.
struct Stage : CheckStage {
    Stage() {
        surroundings.working_directory = folder.path() / "elsewhere";
        surroundings.home = folder.path() / "home";
        fs::create_directories(surroundings.working_directory);
    }
    CheckResult check() { return run(banana::test::run_of("install.plugin")); }

    TemporaryFolder folder;
};

std::string text(const boost::json::value& value) {
    return std::string(value.as_string());
}

BOOST_AUTO_TEST_CASE(a_complete_plugin_is_described) {
    Stage stage;
    const fs::path root = test::make_comfyui(stage.folder);
    test::copy_plugin("plugin_v1", root / "custom_nodes" / "comfyui-banana-gemini");
    stage.options.comfyui_dir = root;
    const CheckResult result = stage.check();
    BOOST_TEST(result.findings.empty());
    BOOST_TEST(result.skip_reason.empty());
    BOOST_TEST(result.summary.id == "summary.install.plugin.found");
    BOOST_TEST(text(result.facts.at("family")) == "V1");
    BOOST_TEST(text(result.facts.at("version")) == "V0.02");
    BOOST_TEST(!result.facts.at("compiled").as_bool());
    const boost::json::object& handler = result.facts.at("landmarks").at("handler").as_object();
    BOOST_TEST(text(handler.at("file")) == "Gemini_Imagen_Generator.py");
    BOOST_TEST(handler.at("line").as_int64() > 100);
    BOOST_REQUIRE(stage.context.found.install.has_value());
    BOOST_TEST(stage.context.found.install->comfyui_dir == root);
    BOOST_TEST((stage.context.found.install->family == Family::v1));
}

// 0.1.1: where the release changes, the loader deletes its binaries and fetches them from GitHub.
BOOST_AUTO_TEST_CASE(a_loader_that_deletes_its_own_files) {
    Stage stage;
    const fs::path root = test::make_comfyui(stage.folder);
    const fs::path plugin = root / "custom_nodes" / "comfyui-banana-linux";
    test::copy_plugin("plugin_v3", plugin);
    test::write_bytes(plugin / "loader_bootstrap.py",
                      "import os\n"
                      "VERSION_FILE = os.path.join(os.path.dirname(__file__), \".banana_version\")\n"
                      "def check(version):\n"
                      "    print(f\"Banana-Li: Version mismatch, {version}\")\n");
    stage.options.comfyui_dir = root;
    const CheckResult result = stage.check();
    const Finding* finding = test::find_code(result, Cause::install_files_missing);
    BOOST_REQUIRE(finding != nullptr);
    BOOST_TEST(text(finding->args.at("variant")) == "loader");
    BOOST_TEST(finding->inferred);
}

BOOST_AUTO_TEST_CASE(no_comfyui_and_a_wrong_option) {
    Stage stage;
    CheckResult result = stage.check();
    BOOST_REQUIRE_EQUAL(result.findings.size(), 1U);
    BOOST_TEST((result.findings.front().code == Cause::install_comfyui_not_found));
    BOOST_TEST(!result.findings.front().args.contains("variant"));
    stage.options.comfyui_dir = stage.folder.path() / "none";
    result = stage.check();
    BOOST_REQUIRE_EQUAL(result.findings.size(), 1U);
    BOOST_TEST(text(result.findings.front().args.at("variant")) == "given");
    BOOST_TEST(!stage.context.found.install.has_value());
}

// Another account for as long as it lives; folders stop nobody who runs as root.
struct AsNobody {
    AsNobody() { left = ::geteuid() != 0 || ::seteuid(65534) == 0; }
    ~AsNobody() { returned = ::seteuid(::getuid()) == 0; }
    bool left = false;
    bool returned = false;
};

void close_folder(const fs::path& folder, fs::perms rights = fs::perms::none) {
    fs::permissions(folder, ::geteuid() == 0 ? fs::perms::owner_all : rights);
}

BOOST_AUTO_TEST_CASE(a_folder_that_may_not_be_read_proves_nothing) {
    Stage stage;
    const fs::path root = test::make_comfyui(stage.folder);
    const fs::path plugin = root / "custom_nodes" / "banana";
    test::copy_plugin("plugin_v1", plugin);
    stage.options.comfyui_dir = root;
    for (const fs::path& closed : {root / "custom_nodes", plugin, root}) {
        const fs::perms before = fs::status(closed).permissions();
        close_folder(closed);
        CheckResult result;
        {
            const AsNobody nobody;
            BOOST_REQUIRE(nobody.left);
            result = stage.check();
        }
        fs::permissions(closed, before);
        BOOST_TEST_CONTEXT(closed) {
            BOOST_REQUIRE_EQUAL(result.findings.size(), 1U);
            BOOST_TEST((result.findings.front().severity == Severity::warning));
            BOOST_TEST(result.findings.front().inferred);
            BOOST_TEST(text(result.findings.front().args.at("variant")) == "closed");
            BOOST_TEST(result.incomplete);
            BOOST_TEST(!stage.context.found.install.has_value());
        }
    }
}

BOOST_AUTO_TEST_CASE(plugin_missing_nested_or_wrongly_named) {
    Stage stage;
    const fs::path root = test::make_comfyui(stage.folder);
    stage.options.comfyui_dir = root;
    CheckResult result = stage.check();
    const Finding* finding = test::find_code(result, Cause::install_plugin_not_found);
    BOOST_REQUIRE(finding != nullptr);
    BOOST_TEST((finding->severity == Severity::error));
    BOOST_TEST(text(finding->args.at("custom_nodes")) == (root / "custom_nodes").string());
    BOOST_TEST(!stage.context.found.install.has_value());

    test::copy_plugin("plugin_v1", root / "custom_nodes" / "outer" / "inner");
    result = stage.check();
    finding = test::find_code(result, Cause::install_plugin_not_found);
    BOOST_REQUIRE(finding != nullptr);
    BOOST_TEST(text(finding->args.at("variant")) == "nested");
    BOOST_TEST(text(finding->args.at("command")) ==
               "mv " + (root / "custom_nodes/outer/inner").string() + " " + (root / "custom_nodes/inner").string());

    stage.folder.write("other/readme.txt", "no plugin\n");
    stage.options.plugin_dir = stage.folder.path() / "other";
    result = stage.check();
    finding = test::find_code(result, Cause::install_plugin_not_found);
    BOOST_REQUIRE(finding != nullptr);
    BOOST_TEST(text(finding->args.at("variant")) == "given");
}

BOOST_AUTO_TEST_CASE(a_plugin_outside_custom_nodes) {
    for (const char* place : {"ComfyUI/comfyui-banana-gemini", "ComfyUI/any-name", "ComfyUI/models/comfyui-Banana-li",
                              "comfyui-banana-gemini", "心宝"}) {
        Stage stage;
        const fs::path root = test::make_comfyui(stage.folder);
        const fs::path plugin = stage.folder.path() / place;
        test::copy_plugin("plugin_v1", plugin);
        stage.folder.write("ComfyUI/custom_nodes/banana.zip", "");  // what it was unpacked from
        stage.options.comfyui_dir = root;
        const CheckResult result = stage.check();
        const Finding* finding = test::find_code(result, Cause::install_plugin_not_found);
        BOOST_TEST_CONTEXT(place) {
            BOOST_REQUIRE(finding != nullptr);
            BOOST_TEST(text(finding->args.at("variant")) == "beside");
            BOOST_TEST(text(finding->args.at("dir")) == plugin.string());
            const std::string command = text(finding->args.at("command"));
            BOOST_TEST(command.find((root / "custom_nodes" / plugin.filename()).string()) != std::string::npos);
            BOOST_TEST(!finding->inferred);
        }
    }
    // Above ComfyUI lies what is not its own.
    Stage stage;
    stage.options.comfyui_dir = test::make_comfyui(stage.folder);
    test::copy_plugin("plugin_v1", stage.folder.path() / "another project");
    const CheckResult result = stage.check();
    BOOST_TEST(!test::find_code(result, Cause::install_plugin_not_found)->args.contains("variant"));
}

BOOST_AUTO_TEST_CASE(a_plugin_that_is_still_packed) {
    for (const char* name : {"comfyui-Banana-li-main.zip", "心宝.rar"}) {
        Stage stage;
        const fs::path root = test::make_comfyui(stage.folder);
        stage.options.comfyui_dir = root;
        stage.folder.write("ComfyUI/custom_nodes/another-node.zip", "");
        BOOST_TEST(!test::find_code(stage.check(), Cause::install_plugin_not_found)->args.contains("variant"));
        stage.folder.write("ComfyUI/custom_nodes/" + std::string(name), "");
        const CheckResult result = stage.check();
        const Finding* finding = test::find_code(result, Cause::install_plugin_not_found);
        BOOST_REQUIRE(finding != nullptr);
        BOOST_TEST(text(finding->args.at("variant")) == "archive");
        BOOST_TEST(text(finding->args.at("dir")) == name);
        BOOST_TEST(finding->inferred);
    }
}

BOOST_AUTO_TEST_CASE(switched_off_by_name_or_by_the_manager) {
    for (const char* name : {"x.disabled", ".disabled/x"}) {
        Stage stage;
        const fs::path root = test::make_comfyui(stage.folder);
        test::copy_plugin("plugin_v1", root / "custom_nodes" / name);
        stage.options.comfyui_dir = root;
        const CheckResult result = stage.check();
        const Finding* finding = test::find_code(result, Cause::install_plugin_disabled);
        BOOST_REQUIRE(finding != nullptr);
        BOOST_TEST(text(finding->args.at("target")) == (root / "custom_nodes" / "x").string());
        BOOST_TEST(finding->args.contains("variant") == (name[0] == '.'));
        // config.ini can be read all the same.
        BOOST_TEST(stage.context.found.install.has_value());
    }
}

BOOST_AUTO_TEST_CASE(two_copies_end_older_families_and_confuse_v3) {
    Stage stage;
    const fs::path root = test::make_comfyui(stage.folder);
    test::copy_plugin("plugin_v1", root / "custom_nodes" / "one");
    test::copy_plugin("plugin_v1", root / "custom_nodes" / "two");
    stage.options.comfyui_dir = root;
    const CheckResult result = stage.check();
    const Finding* finding = test::find_code(result, Cause::install_plugin_duplicate);
    BOOST_REQUIRE(finding != nullptr);
    BOOST_TEST((finding->severity == Severity::error));
    BOOST_TEST(finding->args.at("count").to_number<int>() == 2);
    BOOST_TEST(stage.context.found.install->copies.size() == 1U);
    // The copy with a config.ini is kept, whichever comes first.
    for (const char* kept : {"one", "two"}) {
        const fs::path config =
            stage.folder.write(fs::path("ComfyUI/custom_nodes") / kept / "config.ini", "[gemini]\n");
        const CheckResult again = stage.check();
        const std::string spare = (root / "custom_nodes" / (std::string_view(kept) == "one" ? "two" : "one")).string();
        BOOST_TEST(text(test::find_code(again, Cause::install_plugin_duplicate)->args.at("command")) ==
                   "mv " + spare + " " + spare + ".disabled");
        fs::remove(config);
    }

    Stage compiled;
    const fs::path other = test::make_comfyui(compiled.folder);
    test::write_compiled_plugin(other / "custom_nodes" / "one", ".so", test::kElfStart);
    test::write_compiled_plugin(other / "custom_nodes" / "two", ".so", test::kElfStart);
    compiled.options.comfyui_dir = other;
    const CheckResult second = compiled.check();
    finding = test::find_code(second, Cause::install_plugin_duplicate);
    BOOST_REQUIRE(finding != nullptr);
    BOOST_TEST((finding->severity == Severity::warning));
    BOOST_TEST(text(finding->args.at("variant")) == "v3");
}

// A command for one of them would leave the others.
BOOST_AUTO_TEST_CASE(of_three_copies_all_are_named) {
    Stage stage;
    const fs::path root = test::make_comfyui(stage.folder);
    for (const char* name : {"comfyui-banana-gemini", "comfyui-banana-gemini - 副本", "comfyui-banana-gemini.bak"}) {
        test::copy_plugin("plugin_v1", root / "custom_nodes" / name);
    }
    stage.options.comfyui_dir = root;
    const CheckResult result = stage.check();
    const Finding* finding = test::find_code(result, Cause::install_plugin_duplicate);
    BOOST_REQUIRE(finding != nullptr);
    BOOST_TEST(finding->args.at("count").to_number<int>() == 3);
    BOOST_TEST(text(finding->args.at("fix_variant")) == "several");
    BOOST_TEST(!finding->args.contains("command"));
    const std::string copies = text(finding->args.at("copies"));
    for (const char* name : {"gemini - 副本", "gemini.bak", "gemini,"}) {
        BOOST_TEST((copies + ",").find(name) != std::string::npos);
    }
}

BOOST_AUTO_TEST_CASE(a_copy_that_cannot_be_loaded_is_neither_examined_nor_counted) {
    for (const char* broken : {"0backup", "zbackup"}) {
        Stage stage;
        const fs::path root = test::make_comfyui(stage.folder);
        test::copy_plugin("plugin_v2", root / "custom_nodes" / "real");
        test::copy_plugin("plugin_v2", root / "custom_nodes" / broken);
        fs::remove(root / "custom_nodes" / broken / "balance_service.py");
        stage.options.comfyui_dir = root;
        BOOST_TEST(stage.check().findings.empty());
        BOOST_TEST(stage.context.found.install->folder_name == "real");
        BOOST_TEST(stage.context.found.install->copies.empty());
    }
}

BOOST_AUTO_TEST_CASE(a_second_main_file_in_the_plugins_folder) {
    Stage stage;
    const fs::path root = test::make_comfyui(stage.folder);
    const fs::path plugin = root / "custom_nodes" / "p";
    test::copy_plugin("plugin_v1", plugin);
    fs::copy_file(plugin / "Gemini_Imagen_Generator.py", plugin / "Gemini_Imagen_Generator - 副本.py");
    stage.options.comfyui_dir = root;
    const CheckResult result = stage.check();
    const Finding* finding = test::find_code(result, Cause::install_plugin_duplicate);
    BOOST_REQUIRE(finding != nullptr);
    BOOST_TEST(text(finding->args.at("variant")) == "same-folder");
    BOOST_TEST(text(finding->args.at("file")) == "Gemini_Imagen_Generator.py");
    BOOST_TEST(text(finding->args.at("other")) == "Gemini_Imagen_Generator - 副本.py");
}

BOOST_AUTO_TEST_CASE(files_that_lie_loose_in_custom_nodes) {
    Stage stage;
    const fs::path root = test::make_comfyui(stage.folder);
    test::copy_plugin("plugin_v1", root / "custom_nodes");
    stage.options.comfyui_dir = root;
    const CheckResult result = stage.check();
    const Finding* finding = test::find_code(result, Cause::install_plugin_not_found);
    BOOST_REQUIRE(finding != nullptr);
    BOOST_TEST(text(finding->args.at("variant")) == "flat");
}

BOOST_AUTO_TEST_CASE(a_fork_beside_the_plugin_is_no_copy) {
    Stage stage;
    const fs::path root = test::make_comfyui(stage.folder);
    stage.folder.write("ComfyUI/custom_nodes/fork/Gemini_Imagen_Generator.py", "class BananaImageNode:\n    pass\n");
    stage.folder.write("ComfyUI/custom_nodes/fork/__init__.py", "");
    stage.options.comfyui_dir = root;
    const CheckResult alone = stage.check();
    BOOST_TEST(test::find_code(alone, Cause::install_no_balance_feature) != nullptr);
    test::copy_plugin("plugin_v1", root / "custom_nodes" / "real");
    const CheckResult result = stage.check();
    BOOST_TEST(result.findings.empty());
    BOOST_TEST(stage.context.found.install->folder_name == "real");
}

BOOST_AUTO_TEST_CASE(missing_files_are_named) {
    Stage stage;
    const fs::path root = test::make_comfyui(stage.folder);
    const fs::path plugin = root / "custom_nodes" / "p";
    test::copy_plugin("plugin_v2", plugin);
    fs::remove(plugin / "balance_service.py");
    stage.options.comfyui_dir = root;
    CheckResult result = stage.check();
    const Finding* finding = test::find_code(result, Cause::install_files_missing);
    BOOST_REQUIRE(finding != nullptr);
    BOOST_TEST(text(finding->args.at("files")) == "balance_service");
    BOOST_TEST(!finding->args.contains("variant"));

    fs::remove_all(plugin);
    test::write_compiled_plugin(plugin, ".pyd", test::kPeStart);
    result = stage.check();
    finding = test::find_code(result, Cause::install_files_missing);
    BOOST_REQUIRE(finding != nullptr);
    BOOST_TEST(text(finding->args.at("variant")) == "platform");
    BOOST_TEST(text(finding->args.at("unusable")).find("Gemini_Imagen_Generator.pyd") != std::string::npos);

    // Of a package for all systems only the file for this one is damaged.
    test::write_compiled_plugin(plugin, ".so", test::kElfStart);
    test::write_bytes(plugin / "logger.so", "");
    result = stage.check();
    finding = test::find_code(result, Cause::install_files_missing);
    BOOST_REQUIRE(finding != nullptr);
    BOOST_TEST(text(finding->args.at("variant")) == "damaged");
    BOOST_TEST(text(finding->args.at("unusable")) == "logger.so");
}

BOOST_AUTO_TEST_CASE(the_python_that_runs_counts_and_not_an_old_environment_beside_it) {
    Stage stage;
    const fs::path root = test::make_comfyui(stage.folder);
    stage.surroundings.search_machine = true;
    stage.folder.write(root / "venv/bin/python", "");
    stage.folder.write(root / "venv/pyvenv.cfg", "version = 3.2.1\n");
    test::ProcessOptions from_root;
    from_root.working_directory = root.string();
    test::BackgroundProcess running({"/usr/bin/python3", "-c",
                                     "import socket,sys,time; s=socket.create_server(('127.0.0.1',0)); "
                                     "print(sys.version_info.minor,flush=True); time.sleep(60)"},
                                    from_root);
    const std::string minor = running.read_line().value_or("");
    test::write_compiled_plugin(root / "custom_nodes" / "p", ".cpython-3" + minor + ".so", test::kElfStart);
    stage.options.comfyui_dir = root;
    BOOST_TEST(test::find_code(stage.check(), Cause::install_files_missing) == nullptr);
    running.signal(SIGKILL);
    running.wait();
    const CheckResult stopped = stage.check();
    BOOST_REQUIRE(test::find_code(stopped, Cause::install_files_missing) != nullptr);
    BOOST_TEST(test::find_code(stopped, Cause::install_files_missing)->inferred);
}

BOOST_AUTO_TEST_CASE(a_key_written_into_the_source_is_not_shown) {
    Stage stage;
    const fs::path root = test::make_comfyui(stage.folder);
    const std::string key = test::made_up_key(3);
    stage.folder.write("ComfyUI/custom_nodes/p/__init__.py", "");
    stage.folder.write("ComfyUI/custom_nodes/p/Gemini_Imagen_Generator.py",
                       "@routes.get(\"/banana/token_usage\")\nasync def handle_token_usage(request):\n"
                       "    api_key = load_config(\"" +
                           key + "\")\n");
    stage.options.comfyui_dir = root;
    const CheckResult result = stage.check();
    BOOST_TEST(result.facts.at("landmarks").as_object().contains("load-config"));
    BOOST_TEST(boost::json::serialize(result.facts).find(key) == std::string::npos);
    BOOST_TEST(stage.context.found.install->landmarks.at("load-config").text.find(key) == std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_comfyui_on_another_machine_is_no_error) {
    Stage stage;
    stage.options.comfyui_url = "http://192.0.2.7:8188";
    const CheckResult result = stage.check();
    BOOST_TEST(result.findings.empty());
    BOOST_TEST(result.skip_reason == skip_reason::not_applicable);
    BOOST_TEST(result.summary.id == "summary.install.plugin.remote");
}

std::string url_of(test::BackgroundProcess& server) {
    for (std::optional<std::string> line = server.read_line(); line; line = server.read_line()) {
        if (line->starts_with("listening ")) {
            return "http://127.0.0.1:" + line->substr(10);
        }
    }
    return {};
}

std::vector<std::string> server_command(const fs::path& root) {
    return {"/usr/bin/python3", std::string(BANANA_SOURCE_DIR) + "/tests/servers/comfyui_with_plugins.py",
            root.string()};
}

BOOST_AUTO_TEST_CASE(the_running_server_names_its_folders) {
    Stage stage;
    const fs::path root = test::make_comfyui(stage.folder, "somewhere");
    test::copy_plugin("plugin_v1", root / "custom_nodes" / "p");
    test::BackgroundProcess server(server_command(root));
    stage.options.comfyui_url = url_of(server);
    const CheckResult result = stage.check();
    BOOST_TEST(result.findings.empty());
    BOOST_TEST(text(result.facts.at("found_by")) == "server");
    BOOST_TEST(stage.context.found.install->plugin_dir == root / "custom_nodes" / "p");
    // The same server, whose folder cannot be seen from here.
    fs::rename(root, stage.folder.path() / "moved");
    stage.context.found.install.reset();
    const CheckResult hidden = stage.check();
    BOOST_TEST(hidden.findings.empty());
    BOOST_TEST(hidden.skip_reason == skip_reason::not_applicable);
    BOOST_TEST(hidden.summary.id == "summary.install.plugin.elsewhere");
}

#ifdef __linux__
BOOST_AUTO_TEST_CASE(a_server_that_loads_from_another_folder_than_the_named_one) {
    Stage stage;
    const fs::path named = test::make_comfyui(stage.folder, "named");
    const fs::path base = test::make_comfyui(stage.folder, "base");
    test::copy_plugin("plugin_v1", base / "custom_nodes" / "p");
    stage.options.comfyui_dir = named;
    stage.surroundings.search_machine = true;
    test::ProcessOptions options;
    options.working_directory = base.string();
    test::BackgroundProcess foreign(server_command(base), options);
    stage.options.comfyui_url = url_of(foreign);
    CheckResult result = stage.check();
    BOOST_TEST(test::find_code(result, Cause::install_plugin_not_found) != nullptr);
    options.working_directory = named.string();
    test::BackgroundProcess server(server_command(base), options);
    stage.options.comfyui_url = url_of(server);
    stage.context.look_at_listeners.reset();  // another moment of the machine
    result = stage.check();
    BOOST_TEST(result.findings.empty());
    BOOST_REQUIRE(stage.context.found.install.has_value());
    BOOST_TEST(stage.context.found.install->plugin_dir == base / "custom_nodes" / "p");
}

BOOST_AUTO_TEST_CASE(of_two_running_servers_the_one_with_the_plugin_is_examined) {
    Stage stage;
    const fs::path without = test::make_comfyui(stage.folder, "without");
    const fs::path with = test::make_comfyui(stage.folder, "with");
    test::copy_plugin("plugin_v1", with / "custom_nodes" / "p");
    test::BackgroundProcess first(server_command(without));
    test::BackgroundProcess second(server_command(with));
    stage.surroundings.search_machine = true;
    stage.surroundings.usual_ports.clear();
    for (const std::string& url : {url_of(first), url_of(second)}) {
        stage.surroundings.usual_ports.push_back(
            static_cast<std::uint16_t>(std::stoi(url.substr(url.find_last_of(':') + 1))));
    }
    const CheckResult result = stage.check();
    BOOST_TEST(result.findings.empty());
    BOOST_REQUIRE(stage.context.found.install.has_value());
    BOOST_TEST(stage.context.found.install->plugin_dir == with / "custom_nodes" / "p");
}

BOOST_AUTO_TEST_CASE(an_old_server_is_found_by_the_folder_it_runs_in) {
    Stage stage;
    const fs::path root = test::make_comfyui(stage.folder, "somewhere");
    test::copy_plugin("plugin_v1", root / "custom_nodes" / "p");
    std::vector<std::string> command = server_command(root);
    command.emplace_back("--old");
    test::ProcessOptions options;
    options.working_directory = root.string();
    test::BackgroundProcess server(command, options);
    stage.options.comfyui_url = url_of(server);
    const CheckResult result = stage.check();
    BOOST_TEST(result.findings.empty());
    BOOST_REQUIRE(stage.context.found.install.has_value());
    BOOST_TEST(fs::equivalent(stage.context.found.install->plugin_dir, root / "custom_nodes" / "p"));
}
#endif

}  // namespace
}  // namespace banana
