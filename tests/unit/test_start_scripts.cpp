// The proxies that the files name which start ComfyUI.
#include "platform.hpp"
#include "start_scripts.hpp"
#include "support/plugin_fixture.hpp"

#include <boost/test/unit_test.hpp>
#include <optional>
#include <string>

using namespace banana;
using namespace banana::test;

namespace {

// "NAME=url NAME=url", in the script's order.
std::string named(std::string_view text, bool is_batch) {
    std::string told;
    for (const ScriptProxy& proxy : proxies_in_script(text, is_batch)) {
        told += (told.empty() ? "" : " ") + proxy.variable + "=" + proxy.url;
    }
    return told;
}

}  // namespace

// What cmd.exe assigns, by what `set` lists after the line.
BOOST_AUTO_TEST_CASE(batch_files) {
    BOOST_TEST(named("@echo off\r\nset HTTPS_PROXY=http://127.0.0.1:7890\r\n", true) ==
               "HTTPS_PROXY=http://127.0.0.1:7890");
    BOOST_TEST(named("SET \"https_proxy=http://h:1\" extra", true) == "https_proxy=http://h:1");
    BOOST_TEST(named("@set HTTPS_PROXY=http://h:1&& set ALL_PROXY=socks5://h:2", true) ==
               "HTTPS_PROXY=http://h:1 ALL_PROXY=socks5://h:2");
    BOOST_TEST(named("set HTTPS_PROXY=http://h:1 && python main.py", true) == "HTTPS_PROXY=http://h:1 ");
    BOOST_TEST(named("if \"%1\"==\"p\" (set HTTPS_PROXY=http://h:1)", true) == "HTTPS_PROXY=http://h:1");
    for (const char* none : {"rem set HTTPS_PROXY=x", ":: set HTTPS_PROXY=y", "@REM set HTTPS_PROXY=z",
                             "set HTTPS_PROXY=", "set HTTPS_PROXY=http://%HOST%:1", "set HTTPS_PROXY=http://!H!:1",
                             "echo HTTPS_PROXY=http://h:1", "set NO_PROXY=localhost", "set HTTP_PROXY=http://h:1",
                             "set MY_HTTPS_PROXY_X=1"}) {
        BOOST_TEST(named(none, true).empty(), none);
    }
}

BOOST_AUTO_TEST_CASE(shell_files) {
    BOOST_TEST(named("#!/bin/sh\nexport HTTPS_PROXY=http://h:1 all_proxy='socks5h://h:2'\n", false) ==
               "HTTPS_PROXY=http://h:1 all_proxy=socks5h://h:2");
    BOOST_TEST(named("https_proxy=\"http://h:1\" exec python main.py", false) == "https_proxy=http://h:1");
    BOOST_TEST(named("export https_proxy=http://h:1; python main.py", false) == "https_proxy=http://h:1");
    for (const char* none : {"# export HTTPS_PROXY=x", "export HTTPS_PROXY=\"$PROXY\"", "export HTTPS_PROXY=`proxy`",
                             "HTTPS_PROXY=", "curl --proxy http://h:1"}) {
        BOOST_TEST(named(none, false).empty(), none);
    }
}

BOOST_AUTO_TEST_CASE(a_line_that_grows_is_not_followed) {
    std::string text = "set A=" + std::string(1'000, 'x') + "\r\n";
    for (const char* next : {"B", "C", "D"}) {
        text += "set " + std::string(next) + "=";
        for (int count = 0; count < 1'000; ++count) {
            text += "%A%";
        }
        text += "\r\n";
    }
    BOOST_TEST(named(text + "set HTTPS_PROXY=%D%", true).empty());
    BOOST_TEST(proxies_in_script(std::string(60'000, '='), true).empty());
}

// Those of this system count: a batch file under Windows, else a shell's.
BOOST_AUTO_TEST_CASE(scripts_of_an_install) {
    constexpr bool kBatch = platform::kShell == Shell::windows;
    const std::string own = kBatch ? ".bat" : ".sh";
    const std::string foreign = kBatch ? ".sh" : ".bat";
    const auto set = [](const std::string& name, const std::string& number) {
        return (kBatch ? "set " : "export ") + name + "=http://h:" + number + "\n";
    };
    const TemporaryFolder folder;
    const std::filesystem::path root = make_comfyui(folder);
    const auto first = [&] {
        const std::optional<ScriptProxy> found = proxy_of_start_scripts(root);
        return found ? found->script.filename().string() + " " + found->url : std::string();
    };
    folder.write("a_of_another_system" + foreign, set("HTTPS_PROXY", "0") + "python ComfyUI/main.py\n");
    folder.write("a_neighbours" + own, set("HTTPS_PROXY", "1") + "python ComfyUI-dev/main.py\n");
    folder.write("b_update" + own, set("HTTPS_PROXY", "2") + "cd ComfyUI && git pull\n");
    folder.write("c_http" + own, set("HTTP_PROXY", "3") + "python ComfyUI/main.py\n");
    BOOST_TEST(first().empty());
    folder.write("d_run" + own, set("HTTPS_PROXY", "4") + "cd ./ComfyUI\npython main.py\n");
    BOOST_TEST(first() == "d_run" + own + " http://h:4");
    folder.write("ComfyUI/z_own" + own, set("HTTPS_PROXY", "5") + "python main.py\n");
    BOOST_TEST(first() == "z_own" + own + " http://h:5");
    BOOST_TEST(!proxy_of_start_scripts({}).has_value());
}
