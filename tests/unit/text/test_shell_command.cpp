#include "shell_command.hpp"

#include "banana/system_name.hpp"

#include <boost/test/unit_test.hpp>

using namespace banana;

BOOST_AUTO_TEST_SUITE(test_shell_command)

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

BOOST_AUTO_TEST_CASE(an_editor_opens_exactly_this_file) {
    BOOST_TEST(editor_command(SystemName::gnu_linux, "/opt/ComfyUI/config.ini") == "nano /opt/ComfyUI/config.ini");
    BOOST_TEST(editor_command(SystemName::gnu_linux, "~/绘画 1/it's/$(x)/config.ini") ==
               "nano ~/绘画\\ 1/it\\'s/\\$\\(x\\)/config.ini");
    BOOST_TEST(editor_command(SystemName::macos, "~/ComfyUI/config.ini") == "open -e ~/ComfyUI/config.ini");
    BOOST_TEST(editor_command(SystemName::windows, "~\\AI 1\\config.ini") ==
               "notepad \"%USERPROFILE%\\AI 1\\config.ini\"");
    for (const char* path : {"", "/a\nb/config.ini", "/cut…/config.ini"}) {
        BOOST_TEST(editor_command(SystemName::gnu_linux, path).empty(), path);
    }
    BOOST_TEST(editor_command(SystemName::windows, "C:\\%PATH%\\config.ini").empty());
}

BOOST_AUTO_TEST_CASE(a_literal_ends_where_it_is_meant_to) {
    BOOST_TEST(shell_literal("it's $HOME") == "'it'\\''s $HOME'");
}

BOOST_AUTO_TEST_SUITE_END()
