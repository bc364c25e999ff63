#include "banana/bounds.hpp"
#include "log_scanner.hpp"
#include "log_text.hpp"
#include "phrase_search.hpp"
#include "support/log_samples.hpp"
#include "support/temporary_folder.hpp"
#include "utf8.hpp"

#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <fstream>

using namespace banana;
using namespace banana::test;

BOOST_AUTO_TEST_SUITE(test_log_text)

namespace {

std::string utf16(const std::string& ascii, bool big, bool mark) {
    std::string out = !mark ? "" : big ? "\xFE\xFF" : "\xFF\xFE";
    for (const char c : ascii) {
        out += big ? std::string{'\0', c} : std::string{c, '\0'};
    }
    return out;
}

std::string many_lines(std::size_t bytes) {
    std::string text;
    while (text.size() < bytes) {
        text += "[2025-11-12 16:49:00.123] Prompt executed in 12.34 seconds\n";
    }
    return text;
}

}  // namespace

BOOST_AUTO_TEST_CASE(time_stamps_of_every_writer_are_passed_over) {
    for (const char* prefix : {"", "[2025-11-12 16:40:00.123] ", "[INFO] ", "[2025-11-12 16:40:00.123] [INFO] "}) {
        const LogScan log = scan(kStart + prefix + "[16:40:03][Main]   ❌ 加载节点文件失败 " +
                                 "Gemini_Imagen_Generator.py: No module named 'PIL'\n");
        BOOST_REQUIRE(log.load_error.has_value());
        BOOST_TEST(log.load_error->line.text == "❌ 加载节点文件失败 Gemini_Imagen_Generator.py: No module named 'PIL'");
    }
}

BOOST_AUTO_TEST_CASE(any_encoding) {
    // "加载节点文件失败" in GBK.
    const std::string gbk = "\xBC\xD3\xD4\xD8\xBD\xDA\xB5\xE3\xCE\xC4\xBC\xFE\xCA\xA7\xB0\xDC";
    BOOST_TEST(decode_log(gbk) == "加载节点文件失败");
    const LogScan log =
        scan(kStart + "加载子包 a 失败\n" + gbk + " Gemini_Imagen_Generator.py: No module named 'x'\r\n");
    BOOST_TEST(log.load_error.has_value());
    const std::string ascii = "Total VRAM 1\r\nTo see the GUI go to: http://127.0.0.1:8188\r\n";
    for (const bool big : {false, true}) {
        for (const bool mark : {false, true}) {
            const LogScan wide = scan(utf16(ascii, big, mark));
            BOOST_TEST(wide.start_seen);
            BOOST_TEST(wide.server_ready);
        }
    }
    BOOST_TEST(decode_log("\xEF\xBB\xBFx\n") == "x\n");
    BOOST_TEST(decode_log("a\xFF\xFF"
                          "b\n") ==
               "a\xEF\xBF\xBD\xEF\xBF\xBD"
               "b\n");
    BOOST_TEST(decode_log("\x1b[31mred\x1b[0m\r\nplain\n") == "red\nplain\n");
}

BOOST_AUTO_TEST_CASE(progress_bars_do_not_hide_lines) {
    const LogScan log = scan(kStart + "  0%|\r 50%|\r100%|\rTo see the GUI go to: http://127.0.0.1:8188\n");
    BOOST_TEST(log.server_ready);
}

BOOST_AUTO_TEST_CASE(the_last_start_far_from_the_end_is_found) {
    const TemporaryFolder folder;
    const std::string text = kStart + failed("No module named 'old'") + many_lines(3'000'000) + kStart + kLoaded +
                             kReady + many_lines(9'000'000) + "the last line\n";
    const LogText log = read_last_start(folder.write("comfyui.log", text), start_marks());
    BOOST_TEST(!log.complete);
    BOOST_TEST(log.text.size() < 2'000'000U);
    BOOST_TEST(log.text.ends_with("the last line\n"));
    const LogScan told = scan_log(log.text, kFolder, log.complete);
    BOOST_TEST(told.start_seen);
    BOOST_TEST(told.server_ready);
    BOOST_TEST(told.node_file_loaded.value_or(false));
    BOOST_TEST(!told.load_error);
}

BOOST_AUTO_TEST_CASE(the_last_start_in_a_log_of_powershell) {
    const TemporaryFolder folder;
    const auto wide = [](const std::string& text) {
        std::string units;
        for (std::size_t at = 0; at < text.size();) {
            const char32_t code = utf8::next(text, at);
            units += {static_cast<char>(code & 0xFFU), static_cast<char>(code >> 8U)};
        }
        return units;
    };
    for (const char* mark : {"\xFF\xFE", ""}) {
        const std::string text = mark + wide(many_lines(1'000'000) + kStart + kLoaded + kReady + many_lines(2'000'000));
        const LogText log = read_last_start(folder.write("comfyui.log", text), start_marks());
        BOOST_TEST(!log.complete);
        BOOST_TEST(log.has_gap);
        const LogScan told = scan_log(log.text, kFolder, log.complete);
        BOOST_TEST(told.start_seen);
        BOOST_TEST(told.server_ready);
        BOOST_TEST(told.node_file_loaded.value_or(false));
    }
}

BOOST_AUTO_TEST_CASE(without_a_start_near_the_end_only_that_is_read) {
    const TemporaryFolder folder;
    const std::filesystem::path path = folder.write("comfyui.log", kStart + kLoaded + kReady + many_lines(20'000'000));
    const LogText log = read_last_start(path, start_marks());
    BOOST_TEST(!log.complete);
    BOOST_TEST(log.text.size() <= bounds::kLogTailBytes);
    BOOST_TEST(!scan_log(log.text, kFolder, log.complete).start_seen);

    const LogText small = read_last_start(folder.write("small.log", kStart + kLoaded), start_marks());
    BOOST_TEST(small.complete);
    BOOST_TEST(small.text == decode_log(kStart + kLoaded));
}

BOOST_AUTO_TEST_CASE(a_huge_log_is_read_from_its_end) {
    const TemporaryFolder folder;
    const std::filesystem::path path = folder.write("comfyui.log", failed("No module named 'old'"));
    // A sparse file: a gigabyte by its size.
    std::filesystem::resize_file(path, 1024UL * 1024 * 1024);
    {
        std::ofstream stream(path, std::ios::binary | std::ios::app);
        stream << "\n" << kStart << kLoaded << kReady;
    }
    const LogText log = read_last_start(path, start_marks());
    BOOST_TEST(!log.problem.has_value());
    BOOST_TEST(!log.complete);
    BOOST_TEST(log.text.size() <= 3 * bounds::kLogTailBytes + 16);  // an empty octet becomes U+FFFD
    BOOST_TEST(scan_log(log.text, kFolder, log.complete).node_file_loaded.value());
}

BOOST_AUTO_TEST_CASE(what_is_no_readable_file) {
    const TemporaryFolder folder;
    BOOST_TEST((read_last_start(folder.path(), start_marks()).problem == FileProblem::folder));
    BOOST_TEST((read_last_start(folder.path() / "none", start_marks()).problem == FileProblem::missing));
    std::filesystem::create_symlink("loop", folder.path() / "loop");
    BOOST_TEST((read_last_start(folder.path() / "loop", start_marks()).problem == FileProblem::link_loop));
    BOOST_TEST(read_last_start(folder.write("empty.log", ""), start_marks()).complete);
}

BOOST_AUTO_TEST_CASE(the_last_of_several_phrases) {
    const PhraseSearch search({"Total VRAM ", "abc", "** start:"});
    BOOST_TEST(search.longest() == 11U);
    BOOST_TEST(search.last_in("abc Total VRAM 4 and more") == 4U);
    BOOST_TEST(search.last_in("Total VRAM 4 abc") == 13U);
    BOOST_TEST(search.last_in("** start: ab") == 0U);
    BOOST_TEST(search.last_in("Total VRA") == std::string::npos);
    BOOST_TEST(search.last_in("") == std::string::npos);
    BOOST_TEST(search.last_in("abc") == 0U);
    BOOST_TEST(PhraseSearch({}).last_in("abc") == std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
