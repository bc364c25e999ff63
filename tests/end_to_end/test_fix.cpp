// `fix` against the embedded world: each repair from the fault to a balance and back, and each reason not to touch
// anything.
#include "fix.hpp"

#include "file_change.hpp"
#include "scenario.hpp"

#include <pty.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iostream>
#include <string>
#include <utility>
#include <vector>

#include "support/access_list.hpp"
#include "support/fix_stage.hpp"
#include "support/temporary_folder.hpp"

namespace {

using namespace banana;
using namespace banana::test;
using namespace banana::world;
namespace fs = std::filesystem;

std::string in_utf16(const std::string& ascii) {
    std::string bytes = "\xFF\xFE";
    for (const char c : ascii) {
        bytes += std::string{c, '\0'};
    }
    return bytes;
}

struct Case {
    std::string name;
    std::string before;
    std::string after;
    bool give_key = false;
};

const std::string kRest = "balance_cost_factor = 0.5\r\n; mine\r\nmax_workers = 8\r\n";

std::vector<Case> cases() {
    const std::string sound = "[gemini]\r\napi_key = {key}\r\n" + kRest;
    return {
        {"byte order mark", "\xEF\xBB\xBF" + sound, sound},
        {"GBK", "# \xc3\xdc\xd4\xbf\r\n" + sound, "# 密钥\r\n" + sound},
        {"UTF-16", in_utf16(filled_in(sound)), sound},
        {"Latin-1", "# caf\xe9\r\n" + sound, "# café\r\n" + sound},
        {"text before the header", "我的配置\r\n" + sound, "# 我的配置\r\n" + sound},
        {"full width", "［gemini］\r\napi_key＝{key}\r\n" + kRest, "[gemini]\r\napi_key={key}\r\n" + kRest},
        {"Markdown fence", "```ini\r\n" + sound + "```\r\n", sound},
        {"option twice", sound + "api_key = {key}\r\n", sound + "# api_key = {key}\r\n"},
        {"section twice", "[gemini]\r\n" + sound, "[gemini]\r\n# " + sound},
        {"slashes", "[gemini]\r\n// mine\r\napi_key = {key}\r\n" + kRest,
         "[gemini]\r\n# mine\r\napi_key = {key}\r\n" + kRest},
        {"control-Z", sound + "\x1A", sound},
        {"key over lines", "[gemini]\r\napi_key = {head}\r\n{tail}\r\n" + kRest, sound},
        {"section misnamed", "[Gemini]\r\napi_key = {key}\r\n" + kRest, sound},
        {"option misnamed", "[gemini]\r\napi-key = {key}\r\n" + kRest, sound},
        {"key missing", "[gemini]\r\n" + kRest, sound, true},
        {"key empty", "[gemini]\r\napi_key =\r\n" + kRest, sound, true},
        {"sample key", "[gemini]\r\napi_key = YOUR_API_KEY_HERE\r\n" + kRest, sound, true},
        {"refused key", "[gemini]\r\napi_key = {other-key}\r\n" + kRest, sound, true},
        {"quotes", "[gemini]\r\napi_key = \"{key}\"\r\n" + kRest, sound},
        {"blank inside", "[gemini]\r\napi_key = {head} {tail}\r\n" + kRest, sound},
        {"Bearer", "[gemini]\r\napi_key = Bearer {key}\r\n" + kRest, sound},
        {"invisible", "[gemini]\r\napi_key = {key}\xE2\x80\x8B\r\n" + kRest, sound},
        {"comment behind it", "[gemini]\r\napi_key = {key} # Li's\r\n" + kRest,
         "[gemini]\r\n# Li's\r\napi_key = {key}\r\n" + kRest},
        {"three at once", "\xEF\xBB\xBF[Gemini]\r\napi-key = \"{key}\"\r\n" + kRest, sound},
    };
}

// As a process that is gone would have named a file.
std::string leftover_name() {
    const pid_t child = ::fork();
    if (child == 0) {
        ::_exit(0);
    }
    ::waitpid(child, nullptr, 0);
    return std::string(platform::kTemporaryPrefix) + std::to_string(child) + "-1";
}

void require_untouched(Stage& stage, std::string_view sentence) {
    const auto before = stage.contents();
    const Outcome outcome = stage.run();
    BOOST_TEST(outcome.text.find(sentence) != std::string::npos, outcome.text);
    BOOST_TEST((stage.contents() == before), outcome.text);
    BOOST_TEST(outcome.code == 1);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(fix)

BOOST_AUTO_TEST_CASE(from_the_fault_to_a_balance_and_back) {
    for (const Case& each : cases()) {
        BOOST_TEST_CONTEXT(each.name) {
            Stage stage(with_config(each.before));
            if (each.give_key) {
                stage.give_key(0);
            }
            ::chmod(stage.config().c_str(), 0640);
            const std::string before = test::read_file(stage.config());
            const Outcome fixed = stage.run();
            BOOST_TEST(fixed.code == 0, fixed.text);
            BOOST_TEST(fixed.text.find("Fixed: the balance query works") != std::string::npos, fixed.text);
            BOOST_TEST(test::read_file(stage.config()) == filled_in(each.after));
            BOOST_TEST((fs::status(stage.config()).permissions() == fs::perms(0640)));
            const std::vector<fs::path> backups = stage.backups();
            BOOST_REQUIRE(backups.size() == 1U);
            BOOST_TEST(test::read_file(backups.front()) == before);
            BOOST_TEST((fs::status(backups.front()).permissions() == fs::perms(0640)));
            // Long paths are wrapped in the terminal; the report has them whole.
            BOOST_REQUIRE(fixed.report.repairs.size() == 1U);
            BOOST_TEST(fixed.report.repairs.front().backup == backups.front().string());
            BOOST_TEST(fixed.can_undo);

            const Outcome undone = stage.undo();
            BOOST_TEST(test::read_file(stage.config()) == before, undone.text);
            BOOST_TEST((fs::status(stage.config()).permissions() == fs::perms(0640)));
            BOOST_TEST(stage.backups().empty());
            BOOST_TEST(!undone.can_undo);
            BOOST_TEST(stage.world().foreign_key_hosts().empty());
        }
    }
}

BOOST_AUTO_TEST_CASE(a_file_with_another_name) {
    Stage stage([](WorldFaults& world) { world.plugin.config.reset(); });
    const std::string text = filled_in("[gemini]\napi_key = {key}\nmax_workers = 3\n");
    std::ofstream(stage.plugin() / "config.ini.txt", std::ios::binary) << "\xEF\xBB\xBF" << text;
    const Outcome fixed = stage.run();
    BOOST_TEST(fixed.code == 0, fixed.text);
    BOOST_TEST(test::read_file(stage.config()) == text);
    BOOST_TEST(fs::exists(stage.plugin() / "config.ini.txt"));
    stage.undo();
    // The plugin had written a sample when it was asked.
    BOOST_TEST((!fs::exists(stage.config()) ||
                test::read_file(stage.config()).find("your-api-key-here") != std::string::npos));
}

BOOST_AUTO_TEST_CASE(no_file_and_no_server) {
    Stage stage([](WorldFaults& world) {
        world.plugin.config.reset();
        world.comfyui.state = ComfyuiState::down;
    });
    std::ofstream(stage.plugin() / "config.ini.example", std::ios::binary) << "[gemini]\napi_key = YOUR_API_KEY_HERE\n";
    stage.give_key(0);
    const Outcome fixed = stage.run();
    BOOST_TEST(fixed.code == 1, fixed.text);
    BOOST_TEST(fixed.text.find("does not work yet") != std::string::npos, fixed.text);
    BOOST_TEST(test::read_file(stage.config()) == filled_in("[gemini]\napi_key = {key}\n"));
    stage.undo();
    BOOST_TEST(!fs::exists(stage.config()));
}

// There is nothing to take away any more, and what was done before can be put back.
BOOST_AUTO_TEST_CASE(a_file_that_was_taken_away_is_undone_already) {
    Stage stage([](WorldFaults& world) {
        world.plugin.config.reset();
        world.comfyui.state = ComfyuiState::down;
    });
    std::ofstream(stage.plugin() / "config.ini.example", std::ios::binary) << "[gemini]\napi_key = YOUR_API_KEY_HERE\n";
    stage.give_key(0);
    stage.run();
    BOOST_REQUIRE(stage.backups().size() == 1U);
    fs::remove(stage.config());
    stage.line.dry_run = true;
    stage.undo();
    BOOST_TEST(stage.backups().size() == 1U);
    stage.line.dry_run = false;
    const Outcome undone = stage.undo();
    BOOST_TEST(undone.text.find("Put back: config.ini") != std::string::npos, undone.text);
    BOOST_TEST(stage.backups().empty());
    BOOST_TEST(stage.undo().code == 2);
}

BOOST_AUTO_TEST_CASE(a_key_found_beside_the_file) {
    for (const char* name : {"config.ini.bak", "config.example.ini"}) {
        Stage stage(with_config("[gemini]\napi_key = YOUR_API_KEY_HERE\n"));
        std::ofstream(stage.plugin() / name) << filled_in("[gemini]\napi_key = {key}\n");
        const Outcome fixed = stage.run();
        BOOST_TEST(fixed.code == 0, fixed.text);
        BOOST_TEST(fixed.text.find(std::string("Found a key in ") + name) != std::string::npos, fixed.text);
        BOOST_TEST(test::read_file(stage.config()) == filled_in("[gemini]\napi_key = {key}\n"));
    }
    Stage stage(with_config("[gemini]\napi_key = YOUR_API_KEY_HERE\n"));
    std::ofstream(stage.plugin() / "config.ini.bak") << filled_in("[gemini]\napi_key = {other-key}\n");
    require_untouched(stage, "Not written: ");
}

BOOST_AUTO_TEST_CASE(a_file_that_others_can_read) {
    Stage stage([](WorldFaults& world) { world.plugin.readable_by_all = true; });
    const std::string before = test::read_file(stage.config());
    const auto mode = fs::status(stage.config()).permissions();
    const Outcome fixed = stage.run();
    BOOST_TEST(fixed.code == 0, fixed.text);
    BOOST_TEST((fs::status(stage.config()).permissions() == fs::perms(0600)));
    BOOST_REQUIRE(stage.backups().size() == 1U);
    BOOST_TEST((fs::status(stage.backups().front()).permissions() == fs::perms(0600)));
    stage.undo();
    BOOST_TEST((fs::status(stage.config()).permissions() == mode));
    BOOST_TEST(test::read_file(stage.config()) == before);
    BOOST_TEST(stage.backups().empty());
}

// What cannot be done is not asked for.
BOOST_AUTO_TEST_CASE(the_mode_of_a_file_that_is_gone_is_not_asked_for) {
    Stage stage([](WorldFaults& world) { world.plugin.readable_by_all = true; });
    stage.run();
    fs::remove(stage.config());
    const Outcome undone = stage.undo();
    BOOST_TEST(undone.text.find("could not be changed") != std::string::npos, undone.text);
    BOOST_TEST(undone.text.find("earlier mode back") == std::string::npos, undone.text);
}

// Whom the access list names is meant to read the file; the bits of the group bound what the list grants.
BOOST_AUTO_TEST_CASE(who_is_on_the_access_list_may_still_read_the_file,
                     *boost::unit_test::precondition(test::has_access_lists)) {
    Stage stage([](WorldFaults& world) { world.plugin.readable_by_all = true; });
    const std::string list = test::list_with_one_reader(test::Others::read);
    BOOST_REQUIRE(::setxattr(stage.config().c_str(), "system.posix_acl_access", list.data(), list.size(), 0) == 0);
    const Outcome fixed = stage.run();
    BOOST_TEST(fixed.code == 0, fixed.text);
    BOOST_TEST((fs::status(stage.config()).permissions() == fs::perms(0640)));
    BOOST_TEST((test::list_of(stage.config()) == test::list_with_one_reader(test::Others::nothing)));
    stage.undo();
    BOOST_TEST((test::list_of(stage.config()) == list));
}

// A copy of the file as it was would leave the key where the repair takes it from.
BOOST_AUTO_TEST_CASE(no_copy_of_a_file_that_others_can_read_stays_readable) {
    Stage stage([](WorldFaults& world) {
        world.plugin.readable_by_all = true;
        world.plugin.config = "[gemini]\napi_key = \"{key}\"\n";
    });
    const std::string before = test::read_file(stage.config());
    const auto mode = fs::status(stage.config()).permissions();
    const Outcome fixed = stage.run();
    BOOST_TEST(fixed.code == 0, fixed.text);
    BOOST_TEST(stage.backups().size() == 2U);
    for (const fs::directory_entry& entry : fs::directory_iterator(stage.plugin())) {
        if (entry.path().filename().string().starts_with("config.ini") && entry.path().extension() != ".example") {
            BOOST_TEST((entry.status().permissions() == fs::perms(0600)), entry.path());
        }
    }
    stage.undo();
    BOOST_TEST(test::read_file(stage.config()) == before);
    BOOST_TEST((fs::status(stage.config()).permissions() == mode));
    BOOST_TEST(stage.backups().empty());
}

BOOST_AUTO_TEST_CASE(a_folder_that_is_switched_off) {
    for (const char* folder : {"comfyui-banana-gemini.disabled", ".disabled/comfyui-banana-gemini"}) {
        Stage stage([folder](WorldFaults& world) { world.plugin.folder = folder; });
        const Outcome fixed = stage.run();
        BOOST_TEST(fs::is_regular_file(stage.config()), fixed.text);
        BOOST_TEST(!fs::exists(stage.nodes() / folder));
        BOOST_TEST(fixed.text.find("Restart ComfyUI") != std::string::npos, fixed.text);
        const auto install = std::find_if(fixed.report.checks.begin(), fixed.report.checks.end(),
                                          [](const CheckResult& check) { return check.id == "install.plugin"; });
        BOOST_TEST((install->status == Status::pass));
        const Outcome undone = stage.undo();
        BOOST_TEST(fs::is_regular_file(stage.nodes() / folder / "config.ini"), undone.text);
        BOOST_TEST(!fs::exists(stage.plugin()));
    }
}

BOOST_AUTO_TEST_CASE(a_folder_one_level_too_deep) {
    Stage stage([](WorldFaults& world) { world.comfyui.state = ComfyuiState::down; });
    fs::create_directories(stage.nodes() / "banana-main");
    fs::rename(stage.plugin(), stage.nodes() / "banana-main" / "comfyui-banana-gemini");
    const Outcome fixed = stage.run();
    BOOST_TEST(fs::is_regular_file(stage.config()), fixed.text);
    stage.undo();
    BOOST_TEST(fs::is_regular_file(stage.nodes() / "banana-main" / "comfyui-banana-gemini" / "config.ini"));
}

// ---- nothing is touched ----

BOOST_AUTO_TEST_CASE(nothing_without_consent) {
    Stage stage(with_config("\xEF\xBB\xBF[gemini]\napi_key = {key}\n"));
    stage.line.yes = false;
    require_untouched(stage, "There is nobody to ask here");
    stage.line.dry_run = true;
    require_untouched(stage, "This was a preview");
    BOOST_TEST(!fs::exists(stage.line.outputs.front() + "x"));
}

BOOST_AUTO_TEST_CASE(a_dry_run_asks_for_no_key) {
    Stage stage(with_config("[gemini]\napi_key = YOUR_API_KEY_HERE\n"));
    stage.line.dry_run = true;
    require_untouched(stage, "+ api_key = <YOUR-KEY>");
}

BOOST_AUTO_TEST_CASE(nothing_with_a_refused_key) {
    Stage stage(with_config("[gemini]\napi_key = YOUR_API_KEY_HERE\n"));
    stage.give_key(1);
    require_untouched(stage, "does not accept the given key");
}

BOOST_AUTO_TEST_CASE(nothing_where_no_key_is_at_hand) {
    Stage stage(with_config("[gemini]\napi_key = YOUR_API_KEY_HERE\n"));
    require_untouched(stage, "There is nobody to ask for a key");
}

BOOST_AUTO_TEST_CASE(nothing_where_it_is_not_certain) {
    Stage stage(with_config("[gemini]\napi_key = {key}\napi_key = {other-key}\n"));
    require_untouched(stage, "cannot be fixed automatically");
}

BOOST_AUTO_TEST_CASE(nothing_in_a_copy_that_is_not_read) {
    Stage elsewhere([](WorldFaults& world) {
        with_config("\xEF\xBB\xBF[gemini]\napi_key = {key}\n")(world);
        world.comfyui.other_tree_config = filled_in("[gemini]\napi_key = YOUR_API_KEY_HERE\n");
    });
    require_untouched(elsewhere, "uses another plugin folder");

    Stage copies([](WorldFaults& world) {
        with_config("\xEF\xBB\xBF[gemini]\napi_key = {key}\n")(world);
        world.plugin.kind = PluginKind::v3;
        world.plugin.second_folder = "comfyui-banana-li";
        world.comfyui.state = ComfyuiState::down;
    });
    require_untouched(copies, "installed several times");

    Stage test_mode([](WorldFaults& world) {
        with_config("\xEF\xBB\xBF[gemini]\napi_key = {key}\n")(world);
        world.run.environment["BANANA_GEMINI_USE_LOCAL_TEST"] = "1";
    });
    std::ofstream(test_mode.plugin() / "banana_gemini_test.local.ini")
        << filled_in("[gemini_test]\napi_key = {other-key}\n");
    // Nor is what is wrong with the file that is not read said to be the cause.
    require_untouched(test_mode, "The upstream does not accept the key");
    test_mode.give_key(0);
    require_untouched(test_mode, "The plugin is in test mode and reads another file.");
}

BOOST_AUTO_TEST_CASE(links) {
    Stage stage(with_config("[gemini]\napi_key = {key}\n"));
    const test::TemporaryFolder outside;
    const fs::path other = outside.write("other.ini", filled_in("\xEF\xBB\xBF[gemini]\napi_key = {key}\n"));
    fs::remove(stage.config());
    fs::create_symlink(other, stage.config());
    require_untouched(stage, "a link to a file outside");
    BOOST_TEST(test::read_file(other).starts_with("\xEF\xBB\xBF"));

    // Within the folder it is followed, and stays a link.
    fs::remove(stage.config());
    std::ofstream(stage.plugin() / "real.ini") << filled_in("\xEF\xBB\xBF[gemini]\napi_key = {key}\n");
    fs::create_symlink("real.ini", stage.config());
    const Outcome fixed = stage.run();
    BOOST_TEST(fixed.code == 0, fixed.text);
    BOOST_TEST(fs::is_symlink(stage.config()));
    BOOST_TEST(test::read_file(stage.plugin() / "real.ini") == filled_in("[gemini]\napi_key = {key}\n"));
}

// A `fix` that was killed may leave a second name of the file, which nobody could change any more.
BOOST_AUTO_TEST_CASE(leftovers_of_a_killed_fix_do_not_stand_in_the_way) {
    Stage stage(with_config("\xEF\xBB\xBF[gemini]\napi_key = {key}\n"));
    const fs::path leftover = stage.plugin() / leftover_name();
    fs::create_hard_link(stage.config(), leftover);
    stage.line.dry_run = true;
    stage.run();
    BOOST_TEST(fs::exists(leftover));
    stage.line.dry_run = false;
    // Nor is anything removed before there was a yes.
    stage.line.yes = false;
    stage.run();
    BOOST_TEST(fs::exists(leftover));
    stage.line.yes = true;
    const Outcome fixed = stage.run();
    BOOST_TEST(fixed.code == 0, fixed.text);
    BOOST_TEST(!fs::exists(leftover));
    fs::create_hard_link(stage.config(), leftover);
    stage.line.yes = false;
    stage.undo();
    BOOST_TEST(fs::exists(leftover));
    stage.line.yes = true;
    BOOST_TEST(stage.undo().text.find("Put back:") != std::string::npos);
    BOOST_TEST(!fs::exists(leftover));
    BOOST_TEST(test::read_file(stage.config()).starts_with("\xEF\xBB\xBF"));
}

BOOST_AUTO_TEST_CASE(nothing_to_undo) {
    Stage stage(with_config("[gemini]\napi_key = {key}\n"));
    BOOST_TEST(stage.undo().code == 2);
    // What only looks like a backup does not count.
    fs::create_symlink("/etc/hostname", stage.plugin() / "config.ini.banana-diag-20261128-101500.bak");
    std::ofstream(stage.plugin() / "config.ini.banana-diag-2026.bak") << "x";
    BOOST_TEST(stage.undo().code == 2);
}

// ---- at the terminal ----

namespace {

// Types what belongs to each question; what the terminal showed comes back.
std::string typed_session(const std::string& lang, const std::function<void(WorldFaults&)>& inject,
                          const std::vector<std::pair<std::string, std::string>>& answers, int& code) {
    int terminal = -1;
    winsize size{40, 100, 0, 0};
    const pid_t child = ::forkpty(&terminal, nullptr, nullptr, &size);
    BOOST_REQUIRE(child >= 0);
    if (child == 0) {
        int result = 99;
        {
            Stage stage(inject);
            stage.line.yes = false;
            stage.line.lang = lang;
            result = run_fix(stage.session());
            std::cout << std::flush;
        }
        ::_exit(result);
    }
    std::string shown;
    std::size_t next = 0;
    std::size_t from = 0;
    for (char c = 0; ::read(terminal, &c, 1) == 1;) {
        shown += c;
        if (next < answers.size() && shown.find(answers[next].first, from) != std::string::npos && c == ' ') {
            from = shown.size();
            const std::string line = filled_in(answers[next++].second) + "\n";
            BOOST_REQUIRE(::write(terminal, line.data(), line.size()) == static_cast<ssize_t>(line.size()));
        }
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    ::close(terminal);
    code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    if (const char* folder = std::getenv("BANANA_TRANSCRIPTS")) {
        std::ofstream(fs::path(folder) / ("fix-" + lang + "-" + std::to_string(answers.size()) + ".txt")) << shown;
    }
    return shown;
}

}  // namespace

// A key that is typed wrong is said to be wrong before anything is written; no key shows.
BOOST_AUTO_TEST_CASE(as_a_person_would) {
    const auto inject = with_config("[gemini]\napi_key = YOUR_API_KEY_HERE\nmax_workers = 8\n");
    for (const auto& [lang, question, confirm, refused, done] :
         {std::array<std::string, 5>{"en", "Enter alone changes nothing):", "[y/N]", "Not written: ", "✔ Fixed"},
          std::array<std::string, 5>{"zh-CN", "直接按回车就不改）：", "[y/N]", "没有写入：接口不接受这个 Key",
                                     "✔ 修好了"}}) {
        int code = -1;
        const std::string shown =
            typed_session(lang, inject, {{question, "{other-key}"}, {question, " {key} "}, {confirm, "y"}}, code);
        BOOST_TEST(code == 0, shown);
        BOOST_TEST(shown.find(refused) != std::string::npos, shown);
        BOOST_TEST(shown.find(done) != std::string::npos, shown);
        BOOST_TEST(shown.find("+ api_key = " + demo_key(0).masked()) != std::string::npos, shown);
        for (const unsigned number : {0U, 1U}) {
            BOOST_TEST(shown.find(demo_key(number).reveal().substr(10, 20)) == std::string::npos, shown);
        }
    }
    int code = -1;
    const std::string shown =
        typed_session("en", with_config("\xEF\xBB\xBF[gemini]\napi_key = {key}\n"), {{"[y/N]", ""}}, code);
    BOOST_TEST(code == 1);
    BOOST_TEST(shown.find("No file was changed") != std::string::npos, shown);
}

BOOST_AUTO_TEST_SUITE_END()
