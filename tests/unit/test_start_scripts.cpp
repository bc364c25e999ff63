// What the files that start ComfyUI set before they do.
#include "start_scripts.hpp"
#include "support/plugin_fixture.hpp"

#include <boost/test/unit_test.hpp>
#include <map>
#include <optional>
#include <string>

using namespace banana;
using namespace banana::test;

namespace {

// "NAME=value NAME-": what is set, and what is taken out; "?" where only running the script would tell.
std::string batch(std::string_view text) {
    const std::optional<VariableChanges> variables = variables_of_script(text, true);
    std::string told = variables ? "" : "?";
    for (const auto& [name, value] : variables.value_or(VariableChanges{})) {
        told += (told.empty() ? "" : " ") + name + (value ? "=" + *value : "-");
    }
    return told;
}

std::string shell(std::string_view text) {
    const std::optional<VariableChanges> variables = variables_of_script(text, false);
    std::string told = variables ? "" : "?";
    for (const auto& [name, value] : variables.value_or(VariableChanges{})) {
        told += (told.empty() ? "" : " ") + name + (value ? "=" + *value : "-");
    }
    return told;
}

constexpr const char* kCall =
    "\r\n.\\python_embeded\\python.exe -s ComfyUI\\main.py --windows-standalone-build\r\npause\r\n";

}  // namespace

// Expected values were taken from cmd.exe, by what `set` lists after the line.
BOOST_AUTO_TEST_CASE(batch_files) {
    const std::string call = kCall;
    BOOST_TEST(batch("@echo off\r\nset HTTPS_PROXY=http://127.0.0.1:7890" + call) ==
               "HTTPS_PROXY=http://127.0.0.1:7890");
    BOOST_TEST(batch("SET \"https_proxy=http://h:1\" extra" + call) == "https_proxy=http://h:1");
    BOOST_TEST(batch("@set HTTP_PROXY=http://h:1 && set HTTPS_PROXY=http://h:2" + call) ==
               "HTTPS_PROXY=http://h:2 HTTP_PROXY=http://h:1 ");
    BOOST_TEST(batch("set P=h:1\r\nset HTTPS_PROXY=http://%p%" + call) == "HTTPS_PROXY=http://h:1");
    BOOST_TEST(batch("set HTTPS_PROXY=a\r\nset https_proxy=b" + call) == "https_proxy=b");
    BOOST_TEST(batch("set HTTPS_PROXY=" + call) == "HTTPS_PROXY-");
    BOOST_TEST(batch("rem set HTTPS_PROXY=x\r\n:: set HTTPS_PROXY=y\r\n@REM set HTTPS_PROXY=z" + call) == "");
    BOOST_TEST(batch("set PATH=%PATH%;C:\\git\r\nset /p HTTPS_PROXY=Proxy?" + call) == "");
    BOOST_TEST(batch("set HTTPS_PROXY=http://%HOST%:7890" + call) == "?");
    BOOST_TEST(batch("set HTTPS_PROXY=http://h:1\r\npython server.py") == "?");
    BOOST_TEST(batch(call + "set HTTPS_PROXY=http://h:1") == "");
}

BOOST_AUTO_TEST_CASE(shell_files) {
    const std::string call = "\npython main.py \"$@\"\n";
    BOOST_TEST(shell("#!/bin/sh\nexport HTTPS_PROXY=http://h:1 NO_PROXY='a,b'" + call) ==
               "HTTPS_PROXY=http://h:1 NO_PROXY=a,b");
    BOOST_TEST(shell("cd /opt\nhttps_proxy=\"http://h:1\" exec python main.py") == "https_proxy=http://h:1");
    BOOST_TEST(shell("unset HTTPS_PROXY http_proxy" + call) == "HTTPS_PROXY- http_proxy-");
    BOOST_TEST(shell("# export HTTPS_PROXY=x" + call) == "");
    BOOST_TEST(shell("export HTTPS_PROXY=\"$PROXY\"" + call) == "?");
    BOOST_TEST(shell("export PATH=$HOME/bin:$PATH" + call) == "");
    BOOST_TEST(shell("export HTTPS_PROXY=http://h:1; python main.py") == "HTTPS_PROXY=http://h:1");
}

BOOST_AUTO_TEST_CASE(scripts_of_an_install) {
    const TemporaryFolder folder;
    const std::filesystem::path root = make_comfyui(folder);
    const std::string set = "set HTTPS_PROXY=http://h:1\r\n";
    const std::string call = ".\\python\\python.exe " + root.filename().string() + "\\main.py\r\n";
    folder.write(folder.path() / "run_gpu.bat", set + call);
    folder.write(folder.path() / "other.bat", set + "python.exe elsewhere\\main.py\r\n");
    folder.write(folder.path() / "update.bat", set + "git pull\r\n");
    std::vector<StartScript> scripts = start_scripts(root);
    BOOST_REQUIRE(scripts.size() == 1U);
    BOOST_TEST(scripts.front().file.filename().string() == "run_gpu.bat");
    BOOST_REQUIRE(agreed_script(scripts) != nullptr);
    BOOST_TEST(agreed_script(scripts)->variables.size() == 1U);

    folder.write(root / "run_cpu.cmd", "python main.py --cpu\r\n");
    scripts = start_scripts(root);
    BOOST_TEST(scripts.size() == 2U);
    BOOST_TEST(agreed_script(scripts) == nullptr);

    folder.write(root / "run_cpu.cmd", set + "python main.py --cpu\r\n");
    BOOST_TEST(agreed_script(start_scripts(root)) != nullptr);
}

BOOST_AUTO_TEST_CASE(names_of_windows_are_case_blind) {
    const Environment windows({{"Https_Proxy", "a"}}, Environment::Names::case_blind);
    BOOST_TEST(windows.with({{"HTTPS_PROXY", "b"}}).get("https_proxy").value_or("") == "b");
    BOOST_TEST(windows.with({{"HTTPS_PROXY", "b"}}).all().size() == 1U);
    BOOST_TEST(!windows.with({{"HTTPS_PROXY", std::nullopt}}).get("https_proxy").has_value());
    BOOST_TEST(Environment(std::map<std::string, std::string>{{"a", "1"}}).with({{"A", "2"}}).all().size() == 2U);
}
