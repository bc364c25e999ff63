#include "log_scanner.hpp"
#include "log_text.hpp"
#include "support/log_samples.hpp"

#include <boost/test/unit_test.hpp>

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

BOOST_AUTO_TEST_SUITE_END()
