#include "netrc.hpp"

#include <array>
#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>
#include <string>
#include <vector>

using namespace banana;

BOOST_AUTO_TEST_SUITE(test_netrc)

namespace {

struct Folder {
    Folder() {
        std::string pattern = (std::filesystem::temp_directory_path() / "banana-netrc-XXXXXX").string();
        path = mkdtemp(pattern.data());
    }
    ~Folder() { std::filesystem::remove_all(path); }
    std::filesystem::path path;
};

void write(const std::filesystem::path& file, const std::string& text) {
    std::ofstream(file, std::ios::binary) << text;
}

// Python's own answer for each text: "-" where it raises, "0" for no entry, "1" for one.
std::vector<std::string> ask_python(const std::filesystem::path& folder, const std::vector<std::string>& texts) {
    for (std::size_t index = 0; index < texts.size(); ++index) {
        write(folder / std::to_string(index), texts[index]);
    }
    const std::filesystem::path script = folder / "peer.py";
    write(script,
          "import netrc, sys\n"
          "for i in range(int(sys.argv[2])):\n"
          "    try:\n"
          "        print('1' if netrc.netrc(f'{sys.argv[1]}/{i}').authenticators('host') else '0')\n"
          "    except netrc.NetrcParseError:\n"
          "        print('-')\n");
    const std::string command =
        "/usr/bin/python3 " + script.string() + " " + folder.string() + " " + std::to_string(texts.size());
    std::vector<std::string> answers;
    FILE* pipe = popen(command.c_str(), "r");
    BOOST_REQUIRE(pipe != nullptr);
    std::array<char, 16> line{};
    while (fgets(line.data(), line.size(), pipe) != nullptr) {
        answers.emplace_back(1, line[0]);
    }
    pclose(pipe);
    return answers;
}

}  // namespace

BOOST_AUTO_TEST_CASE(an_entry_for_the_host_is_found_with_its_line) {
    const auto entry =
        netrc_entry_in("machine other login a password b\nmachine host\n login a\n password b\n", "host");
    BOOST_REQUIRE(entry);
    BOOST_TEST(entry->line == 2);
    BOOST_TEST(!entry->is_default);
    BOOST_TEST(!netrc_entry_in("machine other login a password b\n", "host"));
}

BOOST_AUTO_TEST_CASE(the_default_entry_serves_other_hosts) {
    const auto entry = netrc_entry_in("machine other login a password b\ndefault login x password y\n", "host");
    BOOST_REQUIRE(entry);
    BOOST_TEST(entry->is_default);
    BOOST_TEST(entry->line == 2);
}

BOOST_AUTO_TEST_CASE(an_error_makes_the_whole_file_ignored) {
    BOOST_TEST(!netrc_entry_in("machine host login a password b\nnonsense\n", "host"));
    BOOST_TEST(!netrc_entry_in("macdef init\nno end", "host"));
}

BOOST_AUTO_TEST_CASE(the_file_is_netrc_then_home) {
    const Folder folder;
    write(folder.path / ".netrc", "machine host login a password b\n");
    write(folder.path / "named", "machine elsewhere login a password b\n");
    const Environment plain(std::map<std::string, std::string>{});
    BOOST_TEST(find_netrc_entry("host", plain, folder.path).has_value());
    const Environment named({{"NETRC", (folder.path / "named").string()}});
    BOOST_TEST(!find_netrc_entry("host", named, folder.path));
    BOOST_TEST(find_netrc_entry("elsewhere", named, folder.path).has_value());
    const Environment home({{"HOME", folder.path.string()}});
    BOOST_TEST(find_netrc_entry("host", home, "/nowhere").has_value());
    std::filesystem::rename(folder.path / ".netrc", folder.path / "_netrc");
    BOOST_TEST(find_netrc_entry("host", plain, folder.path).has_value());
    std::filesystem::create_directory(folder.path / ".netrc");
    BOOST_TEST(!find_netrc_entry("host", plain, folder.path));
}

BOOST_AUTO_TEST_CASE(generated_files_get_pythons_own_answer) {
    const std::vector<std::string> words{"machine",  "host",     "other",   "default", "login", "user",
                                         "a",        "password", "account", "macdef",  "#",     "#x",
                                         "\"host\"", "ho\\st",   "\"",      "\\"};
    const std::vector<std::string> gaps{" ", " ", "\n", "\n", "\t", "\r\n", "\n\n"};
    const std::vector<std::string> whole{"machine host login a password b\n", "default login a password b\n",
                                         "# comment\n", "macdef m\nx\n\n"};
    std::mt19937 random(20251112);
    std::vector<std::string> texts;
    for (int index = 0; index < 3000; ++index) {
        std::string text;
        for (unsigned count = random() % 12; count > 0; --count) {
            text += random() % 3 == 0 ? whole[random() % whole.size()]
                                      : words[random() % words.size()] + gaps[random() % gaps.size()];
        }
        texts.push_back(text);
    }
    const Folder folder;
    const std::vector<std::string> answers = ask_python(folder.path, texts);
    BOOST_REQUIRE(answers.size() == texts.size());
    int with_entry = 0;
    for (std::size_t index = 0; index < texts.size(); ++index) {
        const bool found = netrc_entry_in(texts[index], "host").has_value();
        BOOST_TEST(found == (answers[index] == "1"), "case " << index << ": " << texts[index]);
        with_entry += found ? 1 : 0;
    }
    BOOST_TEST(with_entry > 100);
}

BOOST_AUTO_TEST_SUITE_END()
