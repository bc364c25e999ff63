#include <boost/test/unit_test.hpp>

#include "log_scanner.hpp"
#include "log_text.hpp"
#include "python_packages.hpp"
#include "support/log_samples.hpp"
#include "support/plugin_fixture.hpp"

using namespace banana;
using namespace banana::test;

BOOST_AUTO_TEST_SUITE(test_log_scanner)

BOOST_AUTO_TEST_CASE(a_healthy_start) {
    const LogScan log = scan(kStart + kLoaded + kReady);
    BOOST_TEST(log.start_seen);
    BOOST_TEST(log.server_ready);
    BOOST_TEST(log.loader_titles == 1);
    BOOST_TEST(log.node_file_loaded.value());
    BOOST_TEST(!log.load_error.has_value());
    BOOST_TEST(!log.fatal.has_value());
    BOOST_TEST(log.python == "/opt/comfy/venv/bin/python");
    BOOST_REQUIRE_EQUAL(log.notes.size(), 4U);
    BOOST_TEST(log.notes[1].number == 6);
    BOOST_TEST(log.notes[1].text == "✅ 成功加载节点文件: Gemini_Imagen_Generator.py");
}

BOOST_AUTO_TEST_CASE(only_the_last_start_counts) {
    const std::string broken = failed("No module named 'PIL'");
    BOOST_TEST(!scan(broken + kStart + kLoaded + kReady).load_error.has_value());
    BOOST_TEST(scan(kStart + kLoaded + kReady + broken).load_error.has_value());
    BOOST_TEST(!scan(kStart + kLoaded + kReady + broken).node_file_loaded.value());
    // The beginning of a start spreads over several lines that all belong to it.
    BOOST_TEST(scan("[START] Security scan\n" + kStart + kLoaded).start_seen);
}

BOOST_AUTO_TEST_CASE(lines_of_the_route_and_of_queries) {
    const LogScan log =
        scan(kStart + kLoaded + "检测到已有 /banana/token_usage GET 路由，跳过重复注册以避免 HEAD 冲突\n" + kReady +
             "❌ 读取配置文件失败: File contains no section headers.\n"
             "❌ 余额查询失败，错误摘要: 网络错误 (SSLError)\n"
             "❌ 余额查询失败，错误摘要: HTTP 错误\n"
             "❌ /banana/token_usage 刷新失败: 余额查询失败\n");
    BOOST_TEST(log.route_taken.has_value());
    BOOST_TEST(log.config_error.has_value());
    BOOST_TEST(log.failure_summary == "HTTP 错误");
}

BOOST_AUTO_TEST_CASE(without_the_beginning_lines_have_no_numbers) {
    BOOST_TEST(scan(failed("No module named 'PIL'"), false).load_error->line.number == 0);
    BOOST_TEST(!scan(kLoaded).start_seen);
    BOOST_TEST(scan(kLoaded).node_file_loaded.value());
    BOOST_TEST(!scan("").node_file_loaded.has_value());
}

BOOST_AUTO_TEST_CASE(lines_with_a_value) {
    BOOST_TEST(lines_containing("a\nkey\nb key key\n", "key") == (std::vector<int>{2, 3}),
               boost::test_tools::per_element());
    BOOST_TEST(lines_containing("a\n", "").empty());
}

BOOST_AUTO_TEST_CASE(a_refused_origin_is_told_with_both_names) {
    const LogScan told = scan_log(
        "[12:00:00] [WARNING] WARNING: request with non matching host and origin 127.0.0.1 != my-pc.lan, returning "
        "403\n"
        "request with non matching host and origin\n",
        "", true);
    BOOST_REQUIRE(told.refused_origin);
    BOOST_TEST(told.refused_origin->host == "127.0.0.1");
    BOOST_TEST(told.refused_origin->origin == "my-pc.lan");
    BOOST_TEST(told.refused_origin->line.number == 1);
    BOOST_TEST(!scan_log("no origin is refused here\n", "", true).refused_origin);
}

BOOST_AUTO_TEST_SUITE_END()
