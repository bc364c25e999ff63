#include "shell_command.hpp"

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

BOOST_AUTO_TEST_SUITE_END()
