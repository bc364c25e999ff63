#include "address_elsewhere.hpp"

#include "plugin_source.hpp"
#include "python_statements.hpp"
#include "support/plugin_fixture.hpp"

#include <boost/test/unit_test.hpp>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

using namespace banana;

namespace {

constexpr std::string_view kDefault = "https://api.aabao.top";

bool leads_elsewhere(const std::string& source) {
    return takes_address_from_elsewhere(PythonFile{"config_manager.py", python_statements(source)}, kDefault);
}

// The route's handler with that line, and what it calls.
std::string handler(const std::string& line) {
    return "@routes.get('/banana/token_usage')\nasync def answer(request):\n    " + line +
           "\n    return await fetch(base_url, key)\n";
}

}  // namespace

BOOST_AUTO_TEST_SUITE(test_address_elsewhere)

BOOST_AUTO_TEST_CASE(an_address_on_the_way_that_is_not_the_default) {
    BOOST_TEST(leads_elsewhere(handler("base_url = 'https://mirror.example.net'")));
    BOOST_TEST(leads_elsewhere(handler("base_url = base_url_of(request).replace('api.aabao.top', 'm.example.net')")));
    BOOST_TEST(
        leads_elsewhere("def fetch(base_url, key):\n    return get('https://m.example.net' + '/api/usage/token')\n"));
    BOOST_TEST(
        leads_elsewhere("def fetch(base_url, key):\n    return get(f'https://m.example.net/api/usage/token')\n"));
    BOOST_TEST(leads_elsewhere("def base_url(self):\n    return 'https://' + '.'.join(['m', 'example', 'net'])\n"));
    BOOST_TEST(
        leads_elsewhere("def base_url(self):\n    with open(path) as file:\n        return json.load(file)['url']\n"));
    BOOST_TEST(leads_elsewhere("USAGE = 'https://m.example.net/api/usage/token'\n"));
    BOOST_TEST(leads_elsewhere("def fetch(key):\n    return get(f'https://{area}.example.net/api/usage/token')\n"));
    // However the route is registered.
    BOOST_TEST(
        leads_elsewhere("ROUTE = '/banana/token_usage'\n@routes.get(ROUTE)\nasync def answer(request):\n"
                        "    base_url = 'https://m.example.net'\n"));
    BOOST_TEST(
        leads_elsewhere("async def answer(request):\n    base_url = 'https://m.example.net'\n"
                        "app.router.add_get('/banana/token_usage', answer)\n"));
    BOOST_TEST(leads_elsewhere("def base_url(self):\n    return os.environ.get('BANANA_API', DEFAULT)\n"));
    BOOST_TEST(leads_elsewhere(handler("base_url = os.getenv('BANANA_API') or DEFAULT")));
}

// Not on the query's way, but the module of the settings hands it on.
BOOST_AUTO_TEST_CASE(an_address_that_the_settings_look_up) {
    const auto settings = [](const std::string& value) {
        return "def load_config():\n    base_url = " + value + "\n    return Settings(key, base_url)\n";
    };
    BOOST_TEST(leads_elsewhere(settings("os.environ.get('XB_BASE', DEFAULT_BASE_URL)")));
    BOOST_TEST(leads_elsewhere(settings("os.environ['XB_BASE']")));
    BOOST_TEST(leads_elsewhere(settings("os.getenv('XB_HOST') or DEFAULT_BASE_URL")));
    BOOST_TEST(leads_elsewhere(settings("json.load(open(FILE))['host']")));
    BOOST_TEST(leads_elsewhere(settings("parser.get('network', 'endpoint', fallback=DEFAULT_BASE_URL)")));
    BOOST_TEST(leads_elsewhere("DEFAULT_API_BASE_URL = os.environ.get('XB_BASE', 'https://api.aabao.top')\n"));
    BOOST_TEST(!leads_elsewhere(settings("DEFAULT_BASE_URL")));
    BOOST_TEST(!leads_elsewhere(settings("parser.get('gemini', 'api_base_url', fallback='https://api.aabao.top')")));
    BOOST_TEST(!leads_elsewhere(settings("(await request.json()).get('url') or DEFAULT_BASE_URL")));
    BOOST_TEST(!leads_elsewhere("MODELSCOPE_BASE_URL = os.environ.get('MS', 'https://models.example.net')\n"));
    BOOST_TEST(!leads_elsewhere("def load_config():\n    key = os.environ.get('XB_KEY') or stored\n"));
}

BOOST_AUTO_TEST_CASE(a_question_put_together_without_the_address) {
    const auto fetch = [](const std::string& url) {
        return "def fetch_token_usage(base_url, key):\n    answer = session.get(" + url + ", timeout=15)\n";
    };
    BOOST_TEST(leads_elsewhere(fetch("'{}://{}/api/usage/token'.format('https', 'm.example')")));
    BOOST_TEST(leads_elsewhere(fetch("relay_hosts.ENDPOINT + '/api/usage/token'")));
    BOOST_TEST(
        leads_elsewhere("def fetch_token_usage(base_url, key):\n    base_url = MIRRORS[0]\n"
                        "    answer = session.get(base_url + '/api/usage/token')\n"));
    BOOST_TEST(
        leads_elsewhere("def fetch_token_usage(key):\n    for base_url in MIRRORS:\n"
                        "        answer = session.get(base_url + '/api/usage/token')\n"));
    BOOST_TEST(!leads_elsewhere(fetch("base_url.rstrip('/') + '/api/usage/token'")));
    BOOST_TEST(!leads_elsewhere(fetch("f'{base}/api/usage/token'")));
    BOOST_TEST(
        !leads_elsewhere("def fetch(base_url, key):\n    base_url = base_url or DEFAULT_BASE_URL\n"
                         "    logger.info('GET /api/usage/token')\n"));
    BOOST_TEST(!leads_elsewhere("USAGE_PATH = '/api/usage/token'\n"));
}

BOOST_AUTO_TEST_CASE(other_addresses_of_a_source_say_nothing) {
    BOOST_TEST(!leads_elsewhere(handler("base_url = request.query.get('base_url') or DEFAULT_API_BASE_URL")));
    BOOST_TEST(!leads_elsewhere(handler("base_url = 'https://api.aabao.top/'")));
    BOOST_TEST(!leads_elsewhere(handler("base_url = base_url.replace('/v1', '')")));
    BOOST_TEST(!leads_elsewhere(handler("base_url = f'https://{base_url}'")));
    BOOST_TEST(!leads_elsewhere(handler("base_url = 'https://' + base_url")));
    BOOST_TEST(!leads_elsewhere(handler("hint = 'https://help.example.net'")));
    BOOST_TEST(
        !leads_elsewhere("def fetch(base_url, key):\n    return get(base_url.rstrip('/') + '/api/usage/token')\n"));
    BOOST_TEST(!leads_elsewhere("def draw(base_url):\n    base_url = 'https://images.example.net'\n"));
    BOOST_TEST(!leads_elsewhere("MODELSCOPE_BASE_URL = 'https://models.example.net'\n"));
    BOOST_TEST(!leads_elsewhere("def base_url(self):\n    return ''.join(map(chr, POINTS))\n"));
    BOOST_TEST(
        !leads_elsewhere("def fetch(base_url, key):\n    proxy = os.environ.get('HTTPS_PROXY')\n"
                         "    return get(base_url + '/api/usage/token', proxies=proxy)\n"));
}

// The releases that are known ask what their constants say.
BOOST_AUTO_TEST_CASE(known_releases_ask_their_default) {
    int files = 0;
    for (const char* folder : {"plugin_v1", "plugin_v2", "families/v1_report", "families/v1_late", "families/v2"}) {
        std::vector<SourceFile> sources;
        for (const auto& entry : std::filesystem::recursive_directory_iterator(
                 std::filesystem::path(BANANA_SOURCE_DIR) / "tests/fixtures" / folder)) {
            if (entry.path().extension() == ".py") {
                std::ifstream in(entry.path(), std::ios::binary);
                sources.push_back({entry.path().filename().string(), {std::istreambuf_iterator<char>(in), {}}});
                ++files;
            }
        }
        const PluginSource source = scan_plugin_source(sources);
        BOOST_TEST(!source.address_from_elsewhere, folder);
        BOOST_TEST(source.plain_url_option.empty(), folder);
    }
    BOOST_TEST(files > 5);
}

BOOST_AUTO_TEST_CASE(a_plain_option_whatever_holds_the_file) {
    const auto option = [](std::string text) {
        return scan_plugin_source(std::vector<SourceFile>{{"config_manager.py", std::move(text)}}).plain_url_option;
    };
    BOOST_TEST(option("url = self._options().get('api_base_url', '')\n") == "api_base_url");
    BOOST_TEST(option("url = values[\"api_base_url\"]\n") == "api_base_url");
    BOOST_TEST(option("url = request.query.get('api_base_url')\n") == "");
    BOOST_TEST(option("boxes = {'api_base_url': ('STRING', {'default': ''}), 'mode': (['one'], {})}\n") == "");
}

BOOST_AUTO_TEST_SUITE_END()
