#include "displayable_text.hpp"

#include "support/temporary_folder.hpp"

#include <boost/test/unit_test.hpp>

#include <string>
#include <vector>

using namespace banana;

BOOST_AUTO_TEST_SUITE(test_displayable_text)

using banana::test::made_up_key;

BOOST_AUTO_TEST_CASE(nothing_of_a_config_line_that_could_be_a_key_is_shown) {
    const std::string key = made_up_key(31).substr(3);
    std::string spaced;
    for (std::size_t at = 0; at < 40; at += 5) {
        spaced += key.substr(at, 5) + " ";
    }
    for (const auto& [line, shown] :
         std::vector<std::pair<std::string, std::string>>{{key.substr(0, 21), "…"},
                                                          {"# " + key.substr(0, 8), "# …"},
                                                          {"= " + key.substr(0, 21), "= …"},
                                                          {"; 密钥 " + key.substr(0, 21), "; 密钥 …"},
                                                          {"max_workers = " + key.substr(0, 20), "max_workers = …"},
                                                          {"pwd = " + std::string(40, 'q'), "pwd = …"},
                                                          {"abcd.efgh.ijkl.mnop", "…"},
                                                          {"\uFF53\uFF4B\uFF0D\uFF41\uFF42\uFF43\uFF44\uFF45", "…"}}) {
        BOOST_TEST(mask_possible_keys(line) == shown);
    }
    const std::string masked = mask_possible_keys(spaced);
    BOOST_TEST(masked.find_first_of("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz") ==
               std::string::npos);
}

BOOST_AUTO_TEST_CASE(ordinary_config_lines_stay) {
    for (const std::string line :
         {"[gemini]", "api_key = YOUR_API_KEY_HERE", "balance_cost_factor = 0.5", "max_workers = 8", "# my key",
          "; 把下面的示例换成你自己的密钥", "api_key = <YOUR-KEY>", "network_workers_cap = 99999999999",
          "// see the wiki", "bypass_proxy = true", "modelscope_api_key ="}) {
        BOOST_TEST(mask_possible_keys(line) == line);
    }
}

BOOST_AUTO_TEST_CASE(a_key_given_as_a_path_is_not_shown) {
    const std::string key = made_up_key(32).substr(3, 44);
    for (const std::string& path : {key, key + "/x", "/tmp/" + key + ".txt", std::string("secretword")}) {
        BOOST_TEST(displayable_path(path) == "…");
    }
    for (const std::string path : {"/srv/people/key.txt", "key.txt", "banana-diag-report-20251112T164900Z.md"}) {
        BOOST_TEST(displayable_path(path) == path);
    }
}

BOOST_AUTO_TEST_CASE(secret_options_of_a_command_line_are_shown_without_their_value) {
    const std::vector<std::string> given{"main.py", "--port",          "8188",       "--api-token",
                                         "abc",     "--authToken=abc", "--password", "--listen"};
    const std::vector<std::string> shown{"main.py", "--port",        "8188",       "--api-token",
                                         "…",       "--authToken=…", "--password", "--listen"};
    BOOST_TEST(masked_arguments(given) == shown, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()
