// local.server, route.registration and frontend.extension against real aiohttp servers.
#include "banana/cause.hpp"
#include "comfyui_api.hpp"
#include "comfyui_process.hpp"
#include "server_missing.hpp"
#include "support/live_comfyui.hpp"
#include "support/run_of.hpp"
#include "web_url.hpp"

#include <boost/test/unit_test.hpp>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>

using namespace banana;
using namespace banana::test;
namespace fs = std::filesystem;

namespace {

struct Fixture : LiveRun {
    Fixture() { install("plugin_v1", Family::v1); }

    // Starts the server and asks local.server.
    CheckResult look(const std::vector<std::string>& arguments = {}) {
        std::vector<std::string> all{root()};
        all.insert(all.end(), arguments.begin(), arguments.end());
        server = std::make_unique<PythonServer>("comfyui.py", all);
        options.comfyui_url = server->url();
        return run(run_of("local.server"));
    }

    void expect(const CheckResult& result, Cause code) {
        BOOST_TEST((finding_of(result, code) != nullptr), "expected " << code_of(code));
        BOOST_TEST(result.findings.size() == 1U);
        BOOST_TEST(!result.summary.id.empty());
    }

    std::unique_ptr<PythonServer> server;
};

boost::test_tools::assertion_result may_mount(boost::unit_test::test_unit_id) {
    boost::test_tools::assertion_result answer(run_process({"/usr/bin/unshare", "-m", "/bin/true"}).exit_code == 0);
    answer.message() << "this account may make no mount namespace";
    return answer;
}

std::string port_text(const PythonServer& server) {
    return std::to_string(server.port());
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(local_server, Fixture)

BOOST_AUTO_TEST_CASE(a_running_comfyui_is_known_by_its_answers) {
    const CheckResult result = look();
    BOOST_TEST(result.findings.empty());
    BOOST_REQUIRE(context.found.server);
    const Server& found = *context.found.server;
    BOOST_TEST(found.version == "0.3.29");
    BOOST_TEST(found.base_url == server->url());
    BOOST_TEST(found.is_examined_install.value_or(false));
    BOOST_TEST(found.pid.value_or(0) == server->pid());
    BOOST_REQUIRE(found.process_environment);
    BOOST_TEST(found.process_environment->get("PATH").has_value());
    BOOST_TEST(result.summary.id == "summary.local.server.running-version");
}

BOOST_AUTO_TEST_CASE(old_and_damaged_servers_are_still_comfyui) {
    BOOST_TEST(look({"--no-internal"}).findings.empty());
    BOOST_TEST(!context.found.server->is_examined_install.has_value());
    context.found.server.reset();
    BOOST_TEST(look({"--broken-stats"}).findings.empty());
    BOOST_TEST(context.found.server.has_value());
}

BOOST_AUTO_TEST_CASE(it_is_found_among_the_usual_ports) {
    const PythonServer other("comfyui.py", {root(), "--something-else"});
    const PythonServer wanted("comfyui.py", {root()});
    surroundings.usual_ports = {static_cast<std::uint16_t>(free_port()), static_cast<std::uint16_t>(other.port()),
                                static_cast<std::uint16_t>(wanted.port())};
    BOOST_TEST(run(run_of("local.server")).findings.empty());
    BOOST_TEST(context.found.server->base_url == wanted.url());
}

BOOST_AUTO_TEST_CASE(another_program_on_a_later_port_is_no_finding_of_its_own) {
    const PythonServer other("comfyui.py", {root(), "--something-else"});
    surroundings.usual_ports = {static_cast<std::uint16_t>(free_port()), static_cast<std::uint16_t>(other.port())};
    expect(run(run_of("local.server")), Cause::local_server_down);
    surroundings.usual_ports = {static_cast<std::uint16_t>(other.port()), static_cast<std::uint16_t>(free_port())};
    expect(run(run_of("local.server")), Cause::local_not_comfyui);
}

BOOST_AUTO_TEST_CASE(nothing_listens) {
    options.comfyui_url = "http://127.0.0.1:" + std::to_string(free_port());
    expect(run(run_of("local.server")), Cause::local_server_down);
    BOOST_TEST(argument(last.findings[0], "variant") == "given");
    BOOST_TEST(!context.found.server.has_value());
}

BOOST_AUTO_TEST_CASE(each_wrong_answer_has_its_code) {
    options.timeout = std::chrono::milliseconds(400);
    expect(look({"--hang"}), Cause::local_server_unresponsive);
    options.timeout = std::chrono::milliseconds(3000);
    expect(look({"--something-else"}), Cause::local_not_comfyui);
    expect(look({"--deny", "403"}), Cause::local_access_denied);
    expect(look({"--deny", "401"}), Cause::local_access_denied);
    BOOST_TEST(argument(last.findings[0], "variant") == "login-node");  // ComfyUI's own web server says so
    expect(look({"--login"}), Cause::local_access_denied);
    BOOST_TEST(argument(last.findings[0], "variant") == "login-node");
    expect(look({"--deny", "502"}), Cause::local_server_down);
    BOOST_TEST(argument(last.findings[0], "variant") == "behind-proxy");
    BOOST_TEST(!context.found.server.has_value());
}

BOOST_AUTO_TEST_CASE(a_guarded_comfyui_is_opened_by_the_given_headers) {
    const std::string token = made_up_key(71).substr(3, 30);
    const auto give = [&](const std::string& value) {
        context.comfyui_headers.clear();
        context.comfyui_headers.emplace_back("X-Comfy-Token", Secret(value));
    };
    expect(look({"--guard", token}), Cause::local_access_denied);
    BOOST_TEST(argument(last.findings[0], "variant") == "login-node");
    give("not-" + token);
    expect(look({"--guard", token}), Cause::local_access_denied);
    BOOST_TEST(argument(last.findings[0], "variant") == "headers-refused");
    give(token);
    BOOST_TEST(look({"--guard", token}).findings.empty());
    BOOST_REQUIRE(context.found.server);
    BOOST_TEST(context.found.server->custom_nodes_dirs.size() == 1U);  // asked with them too
    BOOST_TEST(run(run_of("route.registration")).findings.empty());
}

// Without a named address they go where ComfyUI asks for them, and to no other program, named host or redirect target.
BOOST_AUTO_TEST_CASE(given_headers_reach_nobody_else) {
    const std::string token = made_up_key(72).substr(3, 30);
    const fs::path seen = folder.path() / "seen.txt";
    const PythonServer other("comfyui.py", {root(), "--something-else", "--record", seen.string()});
    fs::copy_file(server_script("comfyui.py"), fs::path(root()) / "main.py", fs::copy_options::overwrite_existing);
    const PythonServer guarded((fs::path(root()) / "main.py").string(),
                               {root(), "--guard", token, "--redirect-route", other.url() + "/taken"});
    context.comfyui_headers.emplace_back("X-Comfy-Token", Secret(token));
    surroundings.search_machine = true;
    surroundings.usual_ports = {static_cast<std::uint16_t>(other.port()), static_cast<std::uint16_t>(guarded.port())};
    BOOST_TEST(run(run_of("local.server")).findings.empty());
    BOOST_TEST(context.found.server->base_url == guarded.url());
    run(run_of("route.registration"));
    options.comfyui_url = guarded.url();
    run(run_of("route.registration"));
    run(run_of("frontend.extension"));
    const std::string record = read_file(seen);
    BOOST_TEST(!record.empty());
    BOOST_TEST(record.find(token) == std::string::npos);
    BOOST_TEST(record.find("Comfy-Token") == std::string::npos);
}

// Started in ComfyUI's folder, by Python, with ComfyUI's web server and answers: and yet not its main file.
BOOST_AUTO_TEST_CASE(given_headers_need_comfyuis_own_process_or_a_named_address) {
    const std::string token = made_up_key(73).substr(3, 30);
    const fs::path seen = folder.path() / "seen.txt";
    context.comfyui_headers.emplace_back("X-Comfy-Token", Secret(token));
    surroundings.search_machine = true;
    for (const std::vector<std::string>& behaviour :
         std::vector<std::vector<std::string>>{{"--deny", "401"}, {"--deny", "403"}, {"--login"}, {}}) {
        std::vector<std::string> arguments{root(), "--record", seen.string()};
        arguments.insert(arguments.end(), behaviour.begin(), behaviour.end());
        const PythonServer like("comfyui.py", arguments);
        surroundings.usual_ports = {static_cast<std::uint16_t>(like.port())};
        context.look_at_listeners.reset();
        context.found.server.reset();
        const CheckResult result = run(run_of("local.server"));
        if (!behaviour.empty()) {
            expect(result, Cause::local_access_denied);
            BOOST_TEST(argument(last.findings[0], "variant") == "headers-not-proved");
        } else {
            run(run_of("route.registration"));
        }
    }
    const std::string record = read_file(seen);
    BOOST_TEST(!record.empty());
    BOOST_TEST(record.find(token) == std::string::npos);
    BOOST_TEST(record.find("Comfy-Token") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(headers_that_were_held_back_are_not_told_as_refused) {
    context.comfyui_headers.emplace_back("X-Comfy-Token", Secret(made_up_key(74).substr(3, 30)));
    options.comfyui_url = "https://192.0.2.7";
    HttpResponse refusal;
    refusal.status = 401;
    const auto variant = [&] {
        Finding finding(Cause::local_access_denied);
        describe_denial(context, options.comfyui_url, refusal, finding);
        return argument(finding, "variant");
    };
    BOOST_TEST(variant() == "headers-refused");
    context.headers_unproved_at.insert(parse_web_url(options.comfyui_url)->host_and_port());
    BOOST_TEST(variant() == "headers-unverified");
}

BOOST_AUTO_TEST_CASE(http_and_https_mixed_up) {
    const std::string certificate = (folder.path() / "cert.pem").string();
    const std::string key = (folder.path() / "key.pem").string();
    const ProcessResult made =
        run_process({"/usr/bin/openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost",
                     "-days", "2", "-keyout", key, "-out", certificate});
    BOOST_REQUIRE(made.exit_code == 0);
    expect(look({"--tls", certificate, key}), Cause::local_scheme_mismatch);
    BOOST_TEST(argument(last.findings[0], "right_url") == server->url("https"));
    options.comfyui_url = server->url("https");
    BOOST_TEST(run(run_of("local.server")).findings.empty());
    BOOST_TEST(context.found.server->base_url == server->url("https"));
    // Found without being named: its own scheme is simply used.
    context.found.server.reset();
    options.comfyui_url.clear();
    surroundings.usual_ports = {static_cast<std::uint16_t>(server->port())};
    BOOST_TEST(run(run_of("local.server")).findings.empty());
    BOOST_TEST(context.found.server->base_url == server->url("https"));
    // Nor is its port known but by its process.
    context.found.server.reset();
    surroundings.usual_ports = {static_cast<std::uint16_t>(free_port())};
    BOOST_TEST(run(run_of("local.server")).findings.empty());
    BOOST_TEST(context.found.server->base_url == server->url("https"));

    const PythonServer plain("comfyui.py", {root()});
    options.comfyui_url = plain.url("https");
    expect(run(run_of("local.server")), Cause::local_scheme_mismatch);
    BOOST_TEST(argument(last.findings[0], "right_url") == plain.url());
}

BOOST_AUTO_TEST_CASE(waiting_until_it_is_up) {
    const int port = free_port();
    options.comfyui_url = "http://127.0.0.1:" + std::to_string(port);
    options.wait = std::chrono::milliseconds(15000);
    int told = 0;
    context.progress = [&](const Message& message) { told += message.id == "progress.waiting-for-server" ? 1 : 0; };
    ProcessOptions none;
    const BackgroundProcess slow({"/usr/bin/python3", server_script("comfyui.py"), root(), "--port",
                                  std::to_string(port), "--slow-start", "1.5"},
                                 none);
    BOOST_TEST(run(run_of("local.server")).findings.empty());
    BOOST_TEST(context.found.server.has_value());
    BOOST_TEST(told > 0);
}

BOOST_AUTO_TEST_CASE(another_install_answers) {
    const TemporaryFolder other;
    const auto other_root = make_comfyui(other);
    const PythonServer wrong("comfyui.py", {other_root.string()});
    options.comfyui_url = wrong.url();
    const CheckResult result = run(run_of("local.server"));
    expect(result, Cause::install_server_mismatch);
    BOOST_TEST((result.findings[0].severity == Severity::warning));
    BOOST_TEST(!context.found.server->is_examined_install.value_or(true));
    BOOST_TEST(argument(result.findings[0], "server_dir") == (other_root / "custom_nodes").string());
}

BOOST_AUTO_TEST_CASE(a_folder_that_was_moved_under_a_running_server_is_no_other_machine) {
    const TemporaryFolder other;
    const fs::path before = make_comfyui(other);
    const fs::path after = other.path() / "moved";
    const auto variant_with = [&](const std::string& working_directory) {
        ProcessOptions started;
        started.working_directory = working_directory;
        BackgroundProcess moved({"/usr/bin/python3", server_script("comfyui.py"), before.string()}, started);
        const std::optional<std::string> line = moved.read_line();
        BOOST_REQUIRE(line.has_value());
        fs::rename(before, after);
        options.comfyui_url = "http://127.0.0.1:" + line->substr(line->find_first_of("0123456789"));
        const CheckResult result = run(run_of("local.server"));
        fs::rename(after, before);
        expect(result, Cause::install_server_mismatch);
        return argument(result.findings[0], "variant");
    };
    BOOST_TEST(variant_with(before.string()) == "moved");
    BOOST_TEST(variant_with("/") == "elsewhere");
}

// In a mount namespace of its own, as in a container: its folder has a name that is not here, or leads elsewhere here.
BOOST_AUTO_TEST_CASE(a_mounted_folder_is_the_same_one_under_another_name, *boost::unit_test::precondition(may_mount)) {
    const fs::path nodes = fs::path(root()) / "custom_nodes";
    const fs::path inside = folder.path() / "only-inside";
    const auto look_at_contained = [&](const std::string& mounts, const std::string& tree) {
        ProcessOptions started;
        started.working_directory = "/";
        const std::string script = mounts + " && cp " + server_script("comfyui.py") + " " + tree + "/main.py && cd " +
                                   tree + " && exec /usr/bin/python3 main.py " + tree;
        BackgroundProcess contained({"/usr/bin/unshare", "-m", "/bin/sh", "-c", script}, started);
        const std::optional<std::string> line = contained.read_line();
        BOOST_REQUIRE(line.has_value());
        options.comfyui_url = "http://127.0.0.1:" + line->substr(line->find_first_of("0123456789"));
        context.look_at_listeners.reset();  // that of an earlier server
        const CheckResult result = run(run_of("local.server"));
        return result.findings.empty() ? std::string("same") : argument(result.findings[0], "variant");
    };
    fs::create_directories(inside);
    const std::string fill = "mount -t tmpfs none " + inside.string() + " && mkdir -p " + inside.string() +
                             "/app/custom_nodes/mine && mount --bind ";
    const std::string tree = (inside / "app").string();
    BOOST_TEST(look_at_contained(fill + nodes.string() + " " + tree + "/custom_nodes", tree) == "same");
    // Told by elimination: a port can lead anywhere.
    BOOST_TEST(!context.found.server->is_examined_install.has_value());
    const std::string plugin = context.found.install->plugin_dir.string();
    BOOST_TEST(look_at_contained(fill + plugin + " " + tree + "/custom_nodes/mine", tree) == "same");
    BOOST_TEST(look_at_contained(fill + "/usr/share " + tree + "/custom_nodes/mine", tree).empty());
    // The same name for another folder.
    const fs::path copy = folder.path() / "copy";
    fs::copy(nodes, copy, fs::copy_options::recursive);
    BOOST_TEST(look_at_contained("mount --bind " + copy.string() + " " + nodes.string(), root()) == "same-name");
}

// Its Python lies where only the server's own process sees it: no command for this machine names it.
BOOST_AUTO_TEST_CASE(a_python_that_only_the_server_sees_is_one_of_a_container,
                     *boost::unit_test::precondition(may_mount)) {
    const fs::path inside = folder.path() / "only-inside";
    fs::create_directories(inside);
    ProcessOptions started;
    started.working_directory = root();
    const std::string python = (inside / "bin/python3").string();
    const std::string script = "mount -t tmpfs none " + inside.string() + " && mkdir " + inside.string() +
                               "/bin && cp -L /usr/bin/python3 " + python + " && exec " + python + " " +
                               server_script("comfyui.py") + " " + root();
    BackgroundProcess contained({"/usr/bin/unshare", "-m", "/bin/sh", "-c", script}, started);
    const std::optional<std::string> line = contained.read_line();
    BOOST_REQUIRE(line.has_value());
    options.comfyui_url = "http://127.0.0.1:" + line->substr(line->find_first_of("0123456789"));
    surroundings.search_machine = true;
    run(run_of("local.server"));
    const std::optional<ProcessPython> seen = python_of_process(context);
    BOOST_REQUIRE(seen.has_value());
    BOOST_TEST(seen->path == python);
    BOOST_TEST(seen->is_elsewhere);
    BOOST_TEST(fs::exists(seen->seen_at));
    context.look_at_listeners.reset();
    look();
    const std::optional<ProcessPython> own = python_of_process(context);
    BOOST_REQUIRE(own.has_value());
    BOOST_TEST(!own->is_elsewhere);
}

BOOST_AUTO_TEST_CASE(of_two_servers_the_one_with_the_examined_plugin_counts) {
    const TemporaryFolder other;
    const PythonServer first("comfyui.py", {make_comfyui(other).string()});
    const PythonServer second("comfyui.py", {root()});
    surroundings.usual_ports = {static_cast<std::uint16_t>(first.port()), static_cast<std::uint16_t>(second.port())};
    BOOST_TEST(run(run_of("local.server")).findings.empty());
    BOOST_TEST(context.found.server->base_url == second.url());
    // Also where only its process tells the port.
    surroundings.usual_ports = {static_cast<std::uint16_t>(first.port())};
    BOOST_TEST(run(run_of("local.server")).findings.empty());
    BOOST_TEST(context.found.server->base_url == second.url());
}

BOOST_AUTO_TEST_CASE(an_address_copied_with_the_pages_own_prefix) {
    look();
    options.comfyui_url += "/api/";
    BOOST_TEST(run(run_of("local.server")).findings.empty());
    BOOST_TEST(context.found.server->base_url == server->url());
}

BOOST_AUTO_TEST_CASE(a_linked_plugin_folder_is_the_same_install) {
    const auto plugin = context.found.install->plugin_dir;
    const auto elsewhere = folder.path() / "checkout";
    std::filesystem::rename(plugin, elsewhere);
    std::filesystem::create_directory_symlink(elsewhere, plugin);
    context.found.install->plugin_dir = elsewhere;
    BOOST_TEST(look().findings.empty());
    BOOST_TEST(context.found.server->is_examined_install.value_or(false));
}

BOOST_AUTO_TEST_CASE(custom_nodes_switched_off_by_the_command_line) {
    expect(look({"--no-nodes"}), Cause::install_plugin_disabled);
    BOOST_TEST(argument(last.findings[0], "variant") == "command-line");
    BOOST_TEST(look({"--no-nodes", "--excepted=comfyui-banana"}).findings.empty());
    expect(look({"--no-nodes", "--excepted=another"}), Cause::install_plugin_disabled);
    BOOST_TEST(argument(last.findings[0], "fix_variant") == "not-excepted");
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(route_registration, Fixture)

BOOST_AUTO_TEST_CASE(registered_before_the_freeze) {
    look();
    const CheckResult result = run(run_of("route.registration"));
    BOOST_TEST(result.findings.empty());
    BOOST_TEST(context.found.route->with_api_prefix);
    BOOST_TEST(context.found.route->without_api_prefix);
}

BOOST_AUTO_TEST_CASE(registered_after_the_freeze) {
    look({"--late"});
    // A source without the known registration may have another route.
    expect(run(run_of("route.registration")), Cause::route_registered_late);
    BOOST_TEST(last.findings[0].inferred);
    // One that names another path there does.
    context.found.install->landmarks["ensure-route-call"] = {};
    expect(run(run_of("route.registration")), Cause::route_not_registered);
    BOOST_TEST(argument(last.findings[0], "variant") == "");
    context.found.install->landmarks["route-decorator"] = {};
    expect(run(run_of("route.registration")), Cause::route_registered_late);
    BOOST_TEST(!last.findings[0].inferred);
    BOOST_TEST(!context.found.route.has_value());
    // Where the script is not served either, something else is wrong.
    look({"--late", "--no-extensions"});
    expect(run(run_of("route.registration")), Cause::route_not_registered);
    BOOST_TEST(argument(last.findings[0], "variant") == "no-script");
}

BOOST_AUTO_TEST_CASE(an_old_server_without_the_prefix) {
    look({"--no-api"});
    expect(run(run_of("route.registration")), Cause::route_api_prefix_missing);
    BOOST_TEST(context.found.route->without_api_prefix);
    BOOST_TEST(!context.found.route->with_api_prefix);
    BOOST_TEST(argument(last.findings[0], "variant") == "replaced");  // ComfyUI's own 404, for other routes too
    look({"--lone-route"});
    expect(run(run_of("route.registration")), Cause::route_api_prefix_missing);
    BOOST_TEST(argument(last.findings[0], "variant") == "only-this-route");
    BOOST_TEST(last.findings[0].evidence.back().value == "/api/system_stats: HTTP 200 OK");
    context.found.server->version.clear();
    expect(run(run_of("route.registration")), Cause::route_api_prefix_missing);
    BOOST_TEST(argument(last.findings[0], "variant") == "no-version");
}

BOOST_AUTO_TEST_CASE(the_node_that_replaces_the_registration_is_named) {
    context.found.install.emplace();
    context.found.install->plugin_dir = fs::path(root()) / "custom_nodes" / "plugin";
    const fs::path own = fs::path(root()) / "custom_nodes" / "other-node" / "src";
    fs::create_directories(own);
    std::ofstream(own / "api.py") << "import server\n# server.PromptServer.add_routes = x\nself.app.add_routes(r)\n"
                                     "server.PromptServer.add_routes=mine\n";
    // No ComfyUI server is spoken of, or an attribute of an object's own is set.
    const fs::path harmless = fs::path(root()) / "custom_nodes" / "other";
    fs::create_directories(harmless);
    std::ofstream(harmless / "api.py") << "web.Application.add_routes = mine\nsetattr(app, 'add_routes', mine)\n";
    std::ofstream(harmless / "own.py") << "from server import PromptServer\nself.add_routes = []\n";
    look({"--no-api"});
    expect(run(run_of("route.registration")), Cause::route_api_prefix_missing);
    BOOST_TEST(argument(last.findings[0], "variant") == "replaced-by");
    BOOST_TEST(argument(last.findings[0], "nodes") == "other-node");
    BOOST_TEST(last.findings[0].evidence.back().file == "other-node/src/api.py");
    BOOST_TEST(last.findings[0].evidence.back().line.value_or(0) == 4);
    BOOST_TEST(last.findings[0].inferred);  // read, not seen
    // Every answer that is quoted is the one of its own path.
    for (const Evidence& evidence : last.findings[0].evidence) {
        if (evidence.id == "route-with-api") {
            BOOST_TEST(evidence.value.ends_with("HTTP 404 Not Found"), evidence.value);
        }
    }
    // The nodes of a folder that the server does not load are none of its.
    context.found.server->is_examined_install = false;
    expect(run(run_of("route.registration")), Cause::route_api_prefix_missing);
    BOOST_TEST(argument(last.findings[0], "variant") == "replaced");
    BOOST_TEST(!last.findings[0].inferred);  // ComfyUI's process is seen to listen there
    context.found.server->pid.reset();
    expect(run(run_of("route.registration")), Cause::route_api_prefix_missing);
    BOOST_TEST(last.findings[0].inferred);
}

BOOST_AUTO_TEST_CASE(a_404_that_is_not_comfyuis_proves_nothing_of_its_routes) {
    const auto answers = [&](const std::string& body, const std::string& type) {
        folder.write("ComfyUI/custom_nodes/comfyui-banana/Gemini_Imagen_Generator.py",
                     "from aiohttp import web\nfrom server import PromptServer\n\n\n"
                     "@PromptServer.instance.routes.get('/banana/token_usage')\n"
                     "async def answer(request):\n    return web.Response(status=404, text=" +
                         body + ", content_type='" + type +
                         "')\n\n\n"
                         "class N:\n    @classmethod\n    def INPUT_TYPES(cls):\n        return {}\n\n\n"
                         "NODE_CLASS_MAPPINGS = {'BananaImageNode': N}\n");
        look();
        return run(run_of("route.registration"));
    };
    expect(answers("'404: Not Found'", "text/plain"), Cause::route_registered_late);
    expect(answers("'<html><h1>404 Not Found</h1></html>'", "text/html"), Cause::route_not_registered);
    BOOST_TEST(argument(last.findings[0], "variant") == "other-answer");
}

BOOST_AUTO_TEST_CASE(nothing_of_the_plugin_is_loaded) {
    std::filesystem::remove_all(context.found.install->plugin_dir);
    look();
    expect(run(run_of("route.registration")), Cause::route_not_registered);
    BOOST_TEST(argument(last.findings[0], "variant") == "nothing");
}

BOOST_AUTO_TEST_CASE(the_script_without_the_node) {
    folder.write("ComfyUI/custom_nodes/comfyui-banana/Gemini_Imagen_Generator.py",
                 "import a_module_that_is_not_there\n");
    look();
    expect(run(run_of("route.registration")), Cause::route_not_registered);
    BOOST_TEST(argument(last.findings[0], "variant") == "extension-only");
}

BOOST_AUTO_TEST_CASE(an_answer_that_is_no_json_of_ours_is_still_an_answer) {
    const auto answers = [&](const std::string& body, const std::string& type) {
        folder.write("ComfyUI/custom_nodes/comfyui-banana/Gemini_Imagen_Generator.py",
                     "from aiohttp import web\nfrom server import PromptServer\n\n\n"
                     "@PromptServer.instance.routes.get('/banana/token_usage')\n"
                     "async def answer(request):\n    return web.Response(text=" +
                         body + ", content_type='" + type + "')\n");
        context.found.route.reset();
        look();
        return run(run_of("route.registration"));
    };
    BOOST_TEST(answers("'{\"success\": true, \"data\": {\"total_used\": NaN}}'", "application/json").findings.empty());
    BOOST_TEST(answers("'{\"success\": true, \"data\": {\"total_used\": NaN}}'", "text/plain").findings.empty());
    BOOST_TEST(answers("'[' * 100000", "application/json").findings.empty());
    BOOST_TEST(context.found.route.has_value());
    expect(answers("'<html></html>'", "text/html"), Cause::route_not_registered);
    BOOST_TEST(argument(last.findings[0], "variant") == "other-answer");
    BOOST_TEST(argument(last.findings[0], "page_answer") == "HTTP 200 OK");
    BOOST_TEST(!context.found.route.has_value());
}

BOOST_AUTO_TEST_CASE(a_fork_has_the_node_only) {
    const auto plugin = context.found.install->plugin_dir;
    std::filesystem::remove_all(plugin);
    folder.write("ComfyUI/custom_nodes/comfyui-banana/__init__.py",
                 "class N:\n    @classmethod\n    def INPUT_TYPES(cls):\n        return {}\n"
                 "NODE_CLASS_MAPPINGS = {'BananaImageNode': N}\n");
    context.found.install->family = Family::fork;
    look();
    expect(run(run_of("route.registration")), Cause::route_not_registered);
    BOOST_TEST(argument(last.findings[0], "variant") == "node-only");
}

BOOST_AUTO_TEST_CASE(a_route_that_appears_while_waiting) {
    std::filesystem::rename(context.found.install->plugin_dir, folder.path() / "aside");
    look();
    // The same port, first without and then with the plugin: a restart during --wait.
    const std::string port = port_text(*server);
    server.reset();
    auto without = std::make_unique<BackgroundProcess>(
        std::vector<std::string>{"/usr/bin/python3", server_script("comfyui.py"), root(), "--port", port});
    BOOST_REQUIRE(without->read_line().has_value());
    std::filesystem::rename(folder.path() / "aside", context.found.install->plugin_dir);
    options.wait = std::chrono::milliseconds(20000);
    std::unique_ptr<BackgroundProcess> with;
    context.progress = [&](const Message&) {
        if (without) {
            without->signal(SIGTERM);
            without->wait();
            without.reset();
            with = std::make_unique<BackgroundProcess>(
                std::vector<std::string>{"/usr/bin/python3", server_script("comfyui.py"), root(), "--port", port});
        }
    };
    const CheckResult result = run(run_of("route.registration"));
    BOOST_TEST(result.findings.empty());
    BOOST_TEST(result.summary.id == "summary.route.registration.late");
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(frontend_extension, Fixture)

BOOST_AUTO_TEST_CASE(the_first_version_never_sends_the_nodes_key) {
    look();
    expect(run(run_of("frontend.extension")), Cause::frontend_key_not_sent);
    BOOST_TEST((last.findings[0].severity == Severity::warning));
    BOOST_TEST(argument(last.findings[0], "sent") == "base_url, refresh");
    options.as_node = true;
    run(run_of("frontend.extension"));
    BOOST_TEST((last.findings[0].severity == Severity::warning));  // a rule makes it an error
    BOOST_TEST(!context.found.frontend->sends_node_key.value_or(true));
}

BOOST_AUTO_TEST_CASE(the_second_version_fits_its_route) {
    install("plugin_v2", Family::v2);
    look();
    BOOST_TEST(run(run_of("frontend.extension")).findings.empty());
    BOOST_TEST(context.found.frontend->sends_node_key.value_or(false));
    BOOST_TEST(last.facts.at("called_path").as_string() == "/banana/token_usage");
}

BOOST_AUTO_TEST_CASE(a_new_script_over_an_old_route) {
    install("plugin_v2", Family::v2);
    std::filesystem::copy_file(
        std::filesystem::path(BANANA_SOURCE_DIR) / "tests/fixtures/plugin_v3/web/extensions/token-balance.js",
        context.found.install->plugin_dir / "web/extensions/token-balance.js",
        std::filesystem::copy_options::overwrite_existing);
    look();
    expect(run(run_of("frontend.extension")), Cause::frontend_key_not_sent);
    BOOST_TEST(argument(last.findings[0], "variant") == "other-name");
    BOOST_TEST(argument(last.findings[0], "parameter") == "banana_api_key");
}

BOOST_AUTO_TEST_CASE(a_script_without_parameters_or_with_a_body) {
    const auto reads = [&](const std::string& script) {
        folder.write("ComfyUI/custom_nodes/comfyui-banana/web/extensions/token-balance.js",
                     script + "app.registerExtension({});\n");
        look();
        return run(run_of("frontend.extension"));
    };
    expect(reads("api.fetchApi('/banana/token_usage');\n"), Cause::frontend_key_not_sent);
    BOOST_TEST(argument(last.findings[0], "variant") == "nothing");
    BOOST_TEST(reads("api.fetchApi('/banana/token_usage', {method: 'POST', body: made(api_key)});\n").findings.empty());
    BOOST_TEST(last.incomplete);
}

BOOST_AUTO_TEST_CASE(a_folder_name_that_the_server_spells_in_two_ways) {
    const auto plugin = context.found.install->plugin_dir;
    const auto renamed = plugin.parent_path() / "comfyui-banana (1)";
    std::filesystem::rename(plugin, renamed);
    context.found.install->plugin_dir = renamed;
    context.found.install->folder_name = "comfyui-banana (1)";
    look();
    expect(run(run_of("frontend.extension")), Cause::frontend_extension_missing);
    BOOST_TEST(argument(last.findings[0], "variant") == "folder-name");
    BOOST_TEST(argument(last.findings[0], "folder") == "comfyui-banana (1)");
}

BOOST_AUTO_TEST_CASE(no_script_among_the_extensions) {
    look({"--no-extensions"});
    expect(run(run_of("frontend.extension")), Cause::frontend_extension_missing);
}

BOOST_AUTO_TEST_CASE(a_script_that_holds_no_query) {
    const auto reads = [&](const std::string& script) {
        folder.write("ComfyUI/custom_nodes/comfyui-banana/web/extensions/token-balance.js", script);
        look();
        return run(run_of("frontend.extension"));
    };
    expect(reads("\n // moved\n"), Cause::frontend_extension_missing);
    BOOST_TEST(argument(last.findings[0], "variant") == "no-query");
    BOOST_TEST(!last.findings[0].inferred);
    expect(reads("import { app } from '../../../scripts/app.js';\napp.registerExtension({ name: 'another' });\n"),
           Cause::frontend_extension_missing);
    BOOST_TEST(last.findings[0].inferred);
    BOOST_TEST(reads("const path = atob('L2JhbmFuYS90b2tlbl91c2FnZQ=='); api.fetchApi(path);\n").findings.empty());
    BOOST_TEST(last.incomplete);
}

BOOST_AUTO_TEST_CASE(a_script_that_is_not_whole) {
    install("plugin_v2", Family::v2);
    const std::string path = "ComfyUI/custom_nodes/comfyui-banana/web/extensions/token-balance.js";
    std::ifstream file(context.found.install->plugin_dir / "web/extensions/token-balance.js");
    const std::string whole((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
    for (const std::string& script :
         {std::string(), std::string(64, '\0'), whole.substr(0, whole.find("app.registerExtension")),
          "<<<<<<< HEAD\n" + whole, std::string("<!DOCTYPE html><title>Log in</title>")}) {
        folder.write(path, script);
        look();
        expect(run(run_of("frontend.extension")), Cause::frontend_extension_missing);
        BOOST_TEST(argument(last.findings[0], "variant") == "damaged");
    }
}

BOOST_AUTO_TEST_CASE(a_script_may_leave_its_registration_to_another_file) {
    install("plugin_v2", Family::v2);
    folder.write("ComfyUI/custom_nodes/comfyui-banana/web/extensions/token-balance.js",
                 "import { register } from './ui.js';\n"
                 "register(api.fetchApi(`/banana/token_usage?refresh=1&api_key=${key}`));\n");
    look();
    BOOST_TEST(run(run_of("frontend.extension")).findings.empty());
}

BOOST_AUTO_TEST_CASE(an_unreadable_script_leaves_the_question_open) {
    folder.write("ComfyUI/custom_nodes/comfyui-banana/web/extensions/token-balance.js", "import './other.js';\n");
    look();
    BOOST_TEST(run(run_of("frontend.extension")).findings.empty());
    BOOST_TEST(last.incomplete);
}

BOOST_AUTO_TEST_SUITE_END()
