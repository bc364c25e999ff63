// Installs that are odd in ways that no scenario foresees: the true cause or an honest doubt, never a wrong certainty.
#include "banana/json_member.hpp"
#include "support/real_chain.hpp"

#include <openssl/evp.h>
#include <algorithm>

using namespace banana;
using namespace banana::test;
namespace fs = std::filesystem;
namespace json = boost::json;

namespace {

std::string verdict(const json::value& report) {
    return std::string(report.at("verdict").as_string());
}

const json::value* finding(const json::value& report, std::string_view id, std::string_view code) {
    for (const json::value& entry : check(report, id).at("findings").as_array()) {
        if (entry.at("code").as_string() == code) {
            return &entry;
        }
    }
    return nullptr;
}

bool is_other(const json::value& report, std::string_view code) {
    const json::array& others = report.at("diagnosis").at("others").as_array();
    return std::any_of(others.begin(), others.end(),
                       [&](const json::value& cause) { return cause.at("code").as_string() == code; });
}

std::string argument(const json::value& finding, std::string_view name) {
    return std::string(text_member(finding.at("args").as_object(), name));
}

struct BehindProxy : RealChain {
    void start_proxy(std::vector<std::string> more) {
        std::vector<std::string> command{kPython, "-u", server_script("reverse_proxy.py"), url};
        command.insert(command.end(), more.begin(), more.end());
        proxy_ = std::make_unique<BackgroundProcess>(command);
        url = "http://127.0.0.1:" + listening_port(*proxy_);
    }

private:
    std::unique_ptr<BackgroundProcess> proxy_;
};

std::string closed_https_url() {
    return "https://localhost:" + std::to_string(free_port()) + "/login";
}

// A copy that the next start would load first; gone with the tree.
fs::path add_copy_in_front(const fs::path& plugin) {
    const fs::path folder = plugin.parent_path();
    for (int number = 0; number < 50; ++number) {
        const fs::path copy = folder / ("banana copy " + std::to_string(number));
        fs::copy(plugin, copy, fs::copy_options::recursive);
        if (fs::directory_iterator(folder)->path() == copy) {
            return copy;
        }
        fs::remove_all(copy);
    }
    throw std::runtime_error("no name comes first");
}

std::string examined_config(const json::value& report) {
    return std::string(check(report, "config.key").at("facts").at("file").as_string());
}

struct ShortKeyAccepted : RealChain {
    ShortKeyAccepted() : RealChain(made_up_key(21).substr(0, 40)) {}
};

struct SentElsewhere : RealChain {
    SentElsewhere() : RealChain(made_up_key(21), {"--redirect-to", closed_https_url()}) {}
};

struct PythonRefused : RealChain {
    PythonRefused() : RealChain(made_up_key(21), {"--refuse-requests"}) {}
};

}  // namespace

BOOST_FIXTURE_TEST_CASE(comfyui_on_a_port_that_nobody_named, RealChain) {
    configure(good_key);
    start_comfyui();
    const std::string where = url;
    url.clear();
    const json::value report = diagnose({}, 0);
    BOOST_TEST(check(report, "local.server").at("facts").at("url").as_string() == where);
    BOOST_TEST(check(report, "proxy.round-trip").at("facts").at("success").as_bool());
}

BOOST_FIXTURE_TEST_CASE(an_address_copied_from_the_browser, RealChain) {
    configure(good_key);
    start_comfyui();
    url += "/?lang=zh#workflow";
    diagnose({}, 0);
}

BOOST_FIXTURE_TEST_CASE(a_reverse_proxy_has_another_environment_than_comfyui, BehindProxy) {
    configure(good_key);
    start_comfyui();
    start_proxy({"--prefix", "/comfy"});
    const std::string root = url;
    url = root + "/comfy";
    const json::value through = diagnose({}, 0);
    BOOST_TEST(check(through, "upstream.api").at("status").as_string() != "fail");
    // Without the prefix something else answers; that is all that is wrong.
    url = root;
    const json::value wrong = diagnose({}, 1);
    BOOST_TEST(primary(wrong) == "local.not-comfyui");
    BOOST_TEST(!is_other(wrong, "upstream.tls-untrusted"));
}

BOOST_FIXTURE_TEST_CASE(a_reverse_proxy_that_gives_up_is_not_the_plugin, BehindProxy) {
    configure(good_key);
    start_comfyui();
    start_proxy({"--gives-up"});
    const json::value report = diagnose({}, 1);
    BOOST_TEST(primary(report) == "proxy.bad-response");
    BOOST_TEST(report.at("diagnosis").at("primary").at("confidence").as_string() == "possible");
    const json::value* said = finding(report, "proxy.round-trip", "proxy.bad-response");
    BOOST_REQUIRE(said != nullptr);
    BOOST_TEST(argument(*said, "variant") == "gateway");
}

BOOST_FIXTURE_TEST_CASE(nothing_cached_is_the_plugins_own_answer, BehindProxy) {
    configure(good_key);
    start_comfyui();
    start_proxy({"--drops-query"});
    const json::value report = diagnose({}, 1);
    BOOST_TEST(primary(report) == "proxy.bad-response");
    BOOST_TEST(report.at("diagnosis").at("primary").at("confidence").as_string() == "possible");
    BOOST_TEST(argument(*finding(report, "proxy.round-trip", "proxy.bad-response"), "variant") == "not-cached");
}

BOOST_FIXTURE_TEST_CASE(a_crash_of_the_routes_code_is_quoted_with_its_line, RealChain) {
    const fs::path source = config_file.parent_path() / "Gemini_Imagen_Generator.py";
    std::string text = read_file(source);
    const std::string handler = "async def handle_token_usage(request):\n";
    const std::size_t at = text.find(handler);
    BOOST_REQUIRE(at != std::string::npos);
    const auto line = std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(at), '\n') + 2;
    text.insert(at + handler.size(), "            if request.query.get(\"refresh\") == \"1\": {}[\"no_such_table\"]\n");
    folder.write(source, text);
    configure(good_key);
    start_comfyui();
    const json::value report = diagnose({}, 1);
    BOOST_TEST(primary(report) == "proxy.bad-response");
    const json::value* said = finding(report, "proxy.round-trip", "proxy.bad-response");
    BOOST_REQUIRE(said != nullptr);
    BOOST_TEST(argument(*said, "variant") == "server-error");
    BOOST_TEST(argument(*said, "exception") == "KeyError: 'no_such_table'");
    BOOST_TEST(said->at("args").at("line").to_number<long>() == line);
}

BOOST_FIXTURE_TEST_CASE(a_fork_with_another_route_is_not_said_to_register_it_late, RealChain) {
    const fs::path plugin = config_file.parent_path();
    for (const fs::path& file : {plugin / "Gemini_Imagen_Generator.py", plugin / "web/extensions/token-balance.js"}) {
        std::string text = read_file(file);
        const std::string known = "/banana/token_usage";
        for (std::size_t at = text.find(known); at != std::string::npos; at = text.find(known, at)) {
            text.replace(at, known.size(), "/mybanana/usage");
        }
        folder.write(file, text);
    }
    configure(good_key);
    start_comfyui({}, {"--extensions"});
    const json::value report = diagnose({}, 3);
    BOOST_TEST(verdict(report) == "inconclusive");
    BOOST_TEST(check(report, "route.registration").at("facts").at("page_asks").as_string() == "/mybanana/usage");
}

BOOST_FIXTURE_TEST_CASE(a_plugin_that_came_after_the_start, RealChain) {
    configure(good_key);
    const fs::path plugin = config_file.parent_path();
    const fs::path aside = comfyui / "aside";
    fs::rename(plugin, aside);
    start_comfyui({}, {"--extensions"});
    fs::copy(aside, plugin, fs::copy_options::recursive);
    const json::value report = diagnose({}, 1);
    BOOST_TEST(primary(report) == "route.not-registered");
    const json::value* said = finding(report, "route.registration", "route.not-registered");
    BOOST_REQUIRE(said != nullptr);
    BOOST_TEST(argument(*said, "variant") == "put-there-since");
}

BOOST_FIXTURE_TEST_CASE(the_nodes_key_is_not_judged_by_the_fall_back, RealChain) {
    configure("YOUR_API_KEY_HERE");
    start_comfyui();  // without a list of extensions: what the page sends is not known
    const fs::path key_file = folder.write("key.txt", good_key + "\n");
    const json::value report = diagnose({"--as-node", "--api-key-file", key_file.string()}, 3);
    BOOST_TEST(verdict(report) == "inconclusive");
    // Nor does the fall-back's balance prove the node's key.
    configure(good_key);
    folder.write(key_file, made_up_key(22) + "\n");
    BOOST_TEST(primary(diagnose({"--as-node", "--api-key-file", key_file.string()}, 1)) == "upstream.key-rejected");
}

BOOST_FIXTURE_TEST_CASE(a_short_key_that_the_service_accepts_is_no_fault, ShortKeyAccepted) {
    configure(good_key);
    const json::value report = diagnose({}, 1);  // ComfyUI does not run: no round trip to prove the chain
    BOOST_TEST(primary(report) == "local.server-down");
    BOOST_TEST(!is_other(report, "config.key-malformed"));
}

BOOST_FIXTURE_TEST_CASE(where_a_redirect_leads_is_its_effect, SentElsewhere) {
    configure(good_key);
    start_comfyui();
    const json::value report = diagnose({}, 1);
    BOOST_TEST(primary(report) == "upstream.redirected");
    BOOST_TEST(!is_other(report, "proxy.upstream-failed"));
}

BOOST_FIXTURE_TEST_CASE(a_good_key_is_not_to_be_replaced, PythonRefused) {
    configure(good_key);
    start_comfyui();
    const json::value report = diagnose({}, 1);
    BOOST_TEST(primary(report) == "proxy.key-rejected");
    BOOST_TEST(report.at("diagnosis").at("primary").at("confidence").as_string() == "possible");
    const json::value* said = finding(report, "proxy.round-trip", "proxy.key-rejected");
    BOOST_REQUIRE(said != nullptr);
    BOOST_TEST(argument(*said, "variant") == "works-directly");
}

BOOST_FIXTURE_TEST_CASE(the_file_that_was_edited_has_another_name_or_place, RealChain) {
    start_comfyui();
    const fs::path hidden_extension = config_file.parent_path() / "config.ini.txt";
    folder.write(hidden_extension, "[gemini]\napi_key = " + good_key + "\n");
    json::value report = diagnose({}, 1);
    BOOST_TEST(primary(report) == "config.file-missing");
    BOOST_TEST(argument(*finding(report, "config.key", "config.file-missing"), "found") == "config.ini.txt");
    // By now the plugin has written its sample: the sample key is the cause, and the other file is still named.
    report = diagnose({}, 1);
    BOOST_TEST(primary(report) == "config.key-placeholder");
    BOOST_TEST(last.out.find("config.ini.txt") != std::string::npos);

    fs::remove(hidden_extension);
    fs::remove(config_file);
    folder.write(config_file.parent_path().parent_path() / "config.ini", "[gemini]\napi_key = " + good_key + "\n");
    report = diagnose({}, 1);
    BOOST_TEST(primary(report) == "config.file-missing");
    BOOST_TEST(argument(*finding(report, "config.key", "config.file-missing"), "variant") == "misplaced");
}

BOOST_FIXTURE_TEST_CASE(another_node_that_took_the_route_is_not_the_plugin, RealChain) {
    const fs::path plugin = config_file.parent_path();
    fs::remove_all(plugin);
    folder.write(plugin / "__init__.py",
                 "from aiohttp import web\nfrom server import PromptServer\n\n\n"
                 "@PromptServer.instance.routes.get('/banana/token_usage')\n"
                 "async def answer(request):\n    return web.json_response({'status': 'ok'})\n");
    start_comfyui();
    const json::value report = diagnose({"--base-url", base_url}, 1);
    BOOST_TEST(primary(report) == "proxy.bad-response");
    BOOST_TEST(report.at("diagnosis").at("primary").at("confidence").as_string() == "possible");
    BOOST_TEST((finding(report, "install.plugin", "install.plugin-not-found") != nullptr));
    BOOST_TEST((finding(report, "install.plugin", "install.files-missing") == nullptr));
}

BOOST_FIXTURE_TEST_CASE(a_copy_put_beside_the_running_one_is_not_examined_in_its_place, RealChain) {
    configure(good_key);
    start_comfyui({}, {"--extensions"});
    const fs::path copy = add_copy_in_front(config_file.parent_path());
    folder.write(copy / "config.ini", "[gemini]\napi_key = YOUR_API_KEY_HERE\n");
    const json::value healthy = diagnose({}, 0);
    BOOST_TEST(examined_config(healthy) == config_file.string());
    const json::value* said = finding(healthy, "install.plugin", "install.plugin-duplicate");
    BOOST_REQUIRE(said != nullptr);
    BOOST_TEST(argument(*said, "other") == copy.string());
    // The key stands in the copy that nobody reads.
    configure("YOUR_API_KEY_HERE");
    folder.write(copy / "config.ini", "[gemini]\napi_key = " + good_key + "\n");
    const json::value report = diagnose({}, 1);
    BOOST_TEST(primary(report) == "config.key-placeholder");
    BOOST_TEST(examined_config(report) == config_file.string());
}

BOOST_FIXTURE_TEST_CASE(the_node_names_the_running_copy_where_no_extension_does, RealChain) {
    configure(good_key);
    start_comfyui();
    const fs::path copy = add_copy_in_front(config_file.parent_path());
    folder.write(copy / "config.ini", "[gemini]\napi_key = YOUR_API_KEY_HERE\n");
    BOOST_TEST(examined_config(diagnose({}, 0)) == config_file.string());
}

BOOST_FIXTURE_TEST_CASE(the_test_mode_of_comfyuis_own_environment_counts, RealChain) {
    const fs::path plugin = config_file.parent_path();
    fs::remove_all(plugin);
    fs::copy(fs::path(BANANA_SOURCE_DIR) / "tests/fixtures/plugin_v2", plugin, fs::copy_options::recursive);
    // What the fixture leaves out: the test file's section stands in for [gemini].
    std::string source = read_file(plugin / "config_manager.py");
    const std::string options = "    def _options(self):\n";
    source.insert(source.find(options) + options.size(),
                  "        if os.environ.get('BANANA_GEMINI_USE_LOCAL_TEST') == '1':\n"
                  "            parser = configparser.ConfigParser()\n"
                  "            parser.read(os.path.join(os.path.dirname(self.path), 'banana_gemini_test.local.ini'))\n"
                  "            return parser['gemini_test']\n");
    folder.write(plugin / "config_manager.py", source);
    std::string encoded_base;
    for (const char c : base_url) {
        encoded_base += static_cast<char>(c ^ 7);
    }
    std::string base64(4 * (encoded_base.size() + 2) / 3 + 1, '\0');
    base64.resize(static_cast<std::size_t>(EVP_EncodeBlock(reinterpret_cast<unsigned char*>(base64.data()),
                                                           reinterpret_cast<const unsigned char*>(encoded_base.data()),
                                                           static_cast<int>(encoded_base.size()))));
    configure("YOUR_API_KEY_HERE");
    folder.write(plugin / "banana_gemini_test.local.ini",
                 "[gemini_test]\napi_key = " + good_key + "\napi_base_url_enc = " + base64 + "\n");
    start_comfyui({{"BANANA_GEMINI_USE_LOCAL_TEST", "1"}});
    const json::value report = diagnose({}, 0);
    BOOST_TEST(report.at("subject").at("base_url").as_string() == base_url);
    BOOST_TEST(report.at("subject").at("key_under_test").at("source").as_string() == "banana_gemini_test.local.ini");
    BOOST_TEST(check(report, "config.key").at("summary").as_string().find("test mode") != json::string::npos);
    BOOST_TEST(check(report, "proxy.round-trip").at("facts").at("success").as_bool());
}

BOOST_FIXTURE_TEST_CASE(a_folder_renamed_under_the_running_server_is_not_what_runs, RealChain) {
    configure(good_key);
    start_comfyui({}, {"--extensions"});
    const fs::path plugin = config_file.parent_path();
    const fs::path renamed = plugin.parent_path() / "banana";
    fs::rename(plugin, renamed);
    folder.write(renamed / "config.ini", "[gemini]\napi_key = YOUR_API_KEY_HERE\n");
    const json::value report = diagnose({}, 1);
    BOOST_TEST(primary(report) == "install.server-mismatch");
    BOOST_TEST(report.at("diagnosis").at("primary").at("confidence").as_string() == "likely");
    BOOST_TEST(argument(*finding(report, "local.server", "install.server-mismatch"), "variant") == "moved");
    BOOST_TEST(last.out.find("is well-formed") == std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(comfyui_listens_elsewhere_or_not_yet, RealChain) {
    configure(good_key);
    start_comfyui();
    const std::string where = url;
    url = "http://127.0.0.1:" + std::to_string(free_port());
    const json::value elsewhere = diagnose({}, 1);
    const json::value* down = finding(elsewhere, "local.server", "local.server-down");
    BOOST_REQUIRE(down != nullptr);
    BOOST_TEST(argument(*down, "right_url") == where);
    url = "http：//127.0.0.1：8188";
    BOOST_TEST(argument(*finding(diagnose({}, 1), "local.server", "local.server-down"), "variant") == "no-address");
    // A second one, in whose folder something else listens.
    comfyui = folder.path() / "second" / "ComfyUI";
    install();
    ProcessOptions beside;
    beside.working_directory = comfyui.string();
    BackgroundProcess notebook({"/usr/bin/python3", "-u", "-m", "http.server", "0", "--bind", "127.0.0.1"}, beside);
    BOOST_REQUIRE(notebook.read_line().has_value());
    url = "http://127.0.0.1:" + std::to_string(free_port());
    BOOST_TEST(argument(*finding(diagnose({}, 1), "local.server", "local.server-down"), "variant") == "given");
    // Its process runs but does not listen.
    folder.write(comfyui / "main.py", "import time\nprint('begun', flush=True)\ntime.sleep(60)\n");
    ProcessOptions options;
    options.working_directory = comfyui.string();
    BackgroundProcess hanging({"/usr/bin/python3", "main.py"}, options);
    BOOST_REQUIRE(hanging.read_line().has_value());
    url = "http://127.0.0.1:" + std::to_string(free_port());
    BOOST_TEST(argument(*finding(diagnose({}, 1), "local.server", "local.server-down"), "variant") == "starting");
}
