#include "banana/cause.hpp"
#include "banana/lookup.hpp"
#include "markdown.hpp"

#include <boost/test/unit_test.hpp>

#include "document.hpp"
#include "support/sample_report.hpp"

#include <cmark-gfm-core-extensions.h>
#include <cmark-gfm.h>
#include <cstdlib>
#include <string>
#include <vector>

using namespace banana;

namespace {

// As GitHub renders it; raw HTML shows as a comment, so a trial of it is seen.
std::string rendered(const std::string& markdown) {
    cmark_gfm_core_extensions_ensure_registered();
    cmark_parser* parser = cmark_parser_new(CMARK_OPT_DEFAULT);
    for (const char* name : {"table", "autolink", "strikethrough", "tasklist", "tagfilter"}) {
        cmark_parser_attach_syntax_extension(parser, cmark_find_syntax_extension(name));
    }
    cmark_parser_feed(parser, markdown.data(), markdown.size());
    cmark_node* node = cmark_parser_finish(parser);
    char* html = cmark_render_html(node, CMARK_OPT_DEFAULT, cmark_parser_get_syntax_extensions(parser));
    std::string result(html);
    std::free(html);
    cmark_node_free(node);
    cmark_parser_free(parser);
    return result;
}

std::string html_of(std::vector<Block> blocks) {
    Document document;
    document.blocks = std::move(blocks);
    return rendered(write_markdown(document));
}

std::string escaped(std::string_view text) {
    std::string result;
    for (const char c : text) {
        switch (c) {
            case '<': result += "&lt;"; break;
            case '>': result += "&gt;"; break;
            case '&': result += "&amp;"; break;
            case '"': result += "&quot;"; break;
            default: result += c;
        }
    }
    return result;
}

const std::vector<std::string> kHostile = {"[x](http://e.example)",
                                           "![x](http://e.example/a.png)",
                                           "<img src=x onerror=alert(1)>",
                                           "<!-- a -->",
                                           "http://e.example/",
                                           "www.e.example",
                                           "a@e.example",
                                           "@someone",
                                           "**bold**",
                                           "_em_ *em*",
                                           "~~gone~~",
                                           "`code`",
                                           "``two`` `",
                                           "# heading",
                                           "> quote",
                                           "- item",
                                           "1. item",
                                           "1) item",
                                           "+ item",
                                           "| a | b |",
                                           "a | b",
                                           "--- ",
                                           "***",
                                           "&lt;b&gt; &copy;",
                                           "\\*",
                                           "\\",
                                           "a\\|b",
                                           "`|`",
                                           "\\`",
                                           "```",
                                           "~~~",
                                           "===",
                                           "$x$",
                                           "#12",
                                           "[ ] task",
                                           "[^1]",
                                           "```\n```\n# out",
                                           "    indented",
                                           "\ttab",
                                           "a\r\n\r\n# out",
                                           "`` ` ``",
                                           "x`",
                                           "`x",
                                           "中文**粗**体",
                                           "<",
                                           "&amp;"};

bool forms_anything(const std::string& html) {
    for (const char* tag : {"<a ", "<img", "<em>", "<strong>", "<del>", "<h1", "<h2", "<blockquote", "<li", "<hr",
                            "<input", "<!--", "<table", "<pre"}) {
        if (html.find(tag) != std::string::npos) {
            return true;
        }
    }
    return false;
}

}  // namespace

BOOST_AUTO_TEST_CASE(text_forms_nothing_but_text) {
    for (const std::string& text : kHostile) {
        const std::string html = html_of({paragraph(text_span(text))});
        BOOST_TEST(!forms_anything(html), text << " => " << html);
    }
}

BOOST_AUTO_TEST_CASE(code_spans_show_exactly_their_text) {
    for (const std::string& text : kHostile) {
        const std::string clean = one_line(text);
        const std::string html = html_of({paragraph(text_span("see ") + code_span(text) + text_span(" there"))});
        BOOST_TEST(html == "<p>see <code>" + escaped(clean) + "</code> there</p>\n", text);
    }
}

BOOST_AUTO_TEST_CASE(text_and_code_stay_in_their_table_cell) {
    for (const std::string& text : kHostile) {
        Table table;
        table.header = {text_span("a"), text_span("b"), text_span("c")};
        table.rows = {{text_span(text), code_span(text), text_span("end")}};
        const std::string html = html_of({Block(table)});
        BOOST_TEST(html.find("<td>end</td>") != std::string::npos, text << " => " << html);
        BOOST_TEST(html.find("<code>" + escaped(one_line(text)) + "</code>") != std::string::npos,
                   text << " => " << html);
        BOOST_TEST(html.find("<a ") == std::string::npos, text);
        BOOST_TEST(html.find("<img") == std::string::npos, text);
    }
}

BOOST_AUTO_TEST_CASE(code_blocks_hold_what_they_are_given_wherever_they_stand) {
    for (const std::string& text : kHostile) {
        Blocks item;
        item.push_back(paragraph(text_span("step")));
        item.push_back(code_block("", text));
        List list;
        list.items.push_back(item);
        Quote quote;
        quote.blocks.push_back(Block(list));
        const std::string html = html_of({Block(quote), paragraph(text_span("after"))});
        const std::string code = "<pre><code>" + escaped(many_lines(text)) + "\n</code></pre>";
        BOOST_TEST(html.find(code) != std::string::npos, text << " => " << html);
        BOOST_TEST(html.find("</blockquote>\n<p>after</p>") != std::string::npos, text << " => " << html);
    }
}

BOOST_AUTO_TEST_CASE(strong_text_is_strong_beside_letters_and_punctuation) {
    for (const char* text : {"文件：", "(x)", "config.ini", " blank ", "“引用”"}) {
        const std::string html = html_of({paragraph(text_span("前") + strong_span(text) + text_span("后"))});
        BOOST_TEST(html.find("<strong>") != std::string::npos, text << " => " << html);
        BOOST_TEST(html.find("**") == std::string::npos, text << " => " << html);
    }
}

BOOST_AUTO_TEST_CASE(two_lists_in_a_row_stay_two) {
    const std::string html = html_of({bullet_list({text_span("a")}), bullet_list({text_span("b")}),
                                      numbered_list({text_span("c")}), numbered_list({text_span("d")})});
    std::size_t lists = 0;
    for (std::size_t at = html.find("<ul"); at != std::string::npos; at = html.find("<ul", at + 1)) {
        ++lists;
    }
    for (std::size_t at = html.find("<ol"); at != std::string::npos; at = html.find("<ol", at + 1)) {
        ++lists;
    }
    BOOST_TEST(lists == 4u, html);
}

BOOST_AUTO_TEST_CASE(the_source_report_has_its_sections_in_order) {
    const std::string markdown = write_markdown(samples::source_document("zh-CN"));
    std::size_t at = 0;
    for (const char* heading : {"# 余额查询功能诊断报告",
                                "## ✅ 测试结果",
                                "API接口测试 - **正常**",
                                "**实际余额**",
                                "4585000",
                                "5000000",
                                "415000",
                                "## 🔍 可能的失效原因",
                                "### 问题1: ",
                                "**文件**",
                                "**当前值**",
                                "**应该是**",
                                "**影响**",
                                "[gemini]",
                                "balance_cost_factor = 0.5",
                                "**已排除**",
                                "## 🛠️ 诊断步骤",
                                "### 步骤1: 更新config.ini",
                                "nano ",
                                "### 步骤2: 浏览器测试",
                                "fetch(",
                                "**预期结果**",
                                "¥4.5850 / 已用 ¥0.4150",
                                "### 步骤3: 检查节点UI",
                                "## 📝 代码分析",
                                "前端查询流程",
                                "266",
                                "## 🎯 最可能的原因",
                                "**证据",
                                "**结论**",
                                "## ✅ 解决方案",
                                "**立即修复**",
                                "**备选方案**",
                                "973",
                                "<!-- banana-diag report data 1 "}) {
        const std::size_t found = markdown.find(heading, at);
        BOOST_REQUIRE_MESSAGE(found != std::string::npos, heading);
        at = found + 1;
    }
}

BOOST_AUTO_TEST_CASE(a_healthy_report_is_short) {
    const std::string markdown = write_markdown(samples::healthy("zh-CN"));
    BOOST_TEST(markdown.find("## 🔍") == std::string::npos);
    BOOST_TEST(markdown.find("## 📝") == std::string::npos);
    // Its key was given beside the configured one: the balance of each is shown.
    BOOST_TEST(std::count(markdown.begin(), markdown.end(), '\n') <= 60);
}

// Found by fuzzing: cmark-gfm gives up on a code span behind more than 80 backticks, and what was code becomes a link.
BOOST_AUTO_TEST_CASE(a_run_of_backticks_longer_than_parsers_count) {
    for (const std::size_t length : {79U, 80U, 81U, 300U}) {
        const std::string text = "www.example.net" + std::string(length, '`') + "www.example.net";
        BOOST_TEST(!forms_anything(html_of({paragraph(code_span(text))})), length);
        const std::string block = html_of({code_block("", text + "\n" + std::string(length, '`') + "\n# x")});
        BOOST_TEST(block.find("<h1") == std::string::npos, length);
    }
}

BOOST_AUTO_TEST_CASE(the_steps_fit_the_cause) {
    constexpr std::string_view kRestart = "Step 2: Restart ComfyUI";
    const auto report_of = [](std::string_view check, Finding finding) {
        std::vector<CheckResult> checks = samples::passing_checks();
        samples::add(checks, check, std::move(finding));
        return samples::diagnosed(std::move(checks));
    };
    Finding renamed(Cause::config_file_missing);
    renamed.args = {{"variant", "renamed"}, {"found", "config.ini.txt"}, {"file", "config.ini"}};
    const std::string no_editor = write_markdown(report_of(check_id::config_key, renamed));
    BOOST_TEST(no_editor.find("nano ") == std::string::npos);
    const std::string proxy = write_markdown(report_of(check_id::upstream_api, Finding(Cause::upstream_proxy_failure)));
    BOOST_TEST(proxy.find(kRestart) != std::string::npos);
    const std::string crash = write_markdown(report_of(check_id::proxy_round_trip, Finding(Cause::proxy_bad_response)));
    BOOST_TEST(crash.find(kRestart) != std::string::npos);
    Finding works(Cause::proxy_key_rejected);
    const std::string refused = write_markdown(report_of(check_id::proxy_round_trip, works));
    BOOST_TEST(refused.find(kRestart) == std::string::npos);
    works.args = {{"variant", "works-directly"}};
    const std::string once = write_markdown(report_of(check_id::proxy_round_trip, works));
    BOOST_TEST(once.find(kRestart) != std::string::npos);
    const std::string name = write_markdown(report_of(check_id::upstream_api, Finding(Cause::upstream_dns_failure)));
    BOOST_TEST(name.find("reads `config.ini` again") == std::string::npos);
    Report windows = samples::source_document("en");
    windows.subject.config_file = "~\\ComfyUI\\config.ini";
    windows.subject.environment["os"] = "Windows 11";
    const std::string run = write_markdown(windows);
    BOOST_TEST(run.find("Win+R") != std::string::npos);
    BOOST_TEST(run.find("notepad \"%USERPROFILE%\\ComfyUI\\config.ini\"") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(what_the_run_refutes_is_noticed_with_its_reason) {
    std::vector<CheckResult> checks = samples::passing_checks();
    Finding missing(Cause::install_files_missing, Severity::warning);
    missing.args[kRefutationArgument] = {{"id", "because.matters-at-next-start"}, {"args", boost::json::object()}};
    samples::add(checks, check_id::install_plugin, missing);
    samples::round_trip_fails(checks, Finding(Cause::proxy_no_key), "?");
    const std::string text = write_markdown(samples::diagnosed(std::move(checks)));
    const std::size_t noticed = text.find("Also noticed");
    BOOST_REQUIRE(noticed != std::string::npos);
    BOOST_TEST(text.find("at the next start of ComfyUI", noticed) != std::string::npos);
}

BOOST_AUTO_TEST_CASE(hostile_findings_do_not_change_the_reports_structure) {
    const auto count_headings = [](const std::string& html) {
        std::size_t headings = 0;
        for (std::size_t at = html.find("<h"); at != std::string::npos; at = html.find("<h", at + 1)) {
            ++headings;
        }
        return headings;
    };
    const std::size_t usual = count_headings(rendered(write_markdown(samples::source_document("en"))));
    for (const std::string& text : kHostile) {
        Report report = samples::source_document("en");
        Finding& finding = report.diagnosis.primary->finding;
        finding.args["sample"] = text;
        finding.evidence.front().value = text;
        finding.evidence.back().value += text;
        report.subject.config_file = text;
        report.checks.back().facts["message"] = text;
        const std::string html = rendered(write_markdown(report));
        BOOST_TEST(count_headings(html) == usual, text);
        BOOST_TEST(html.find("<a ") == std::string::npos, text);
        BOOST_TEST(html.find("<img") == std::string::npos, text);
    }
}

BOOST_AUTO_TEST_CASE(a_balance_is_shown_for_the_key_it_belongs_to) {
    namespace json = boost::json;
    std::vector<CheckResult> checks = samples::passing_checks();
    json::object& facts = samples::check(checks, check_id::upstream_api).facts;
    const json::value figures = facts.at("balance");
    facts["by_key"] = json::array{json::object{{"key_source", "api-key-file"}, {"balance", nullptr}},
                                  json::object{{"key_source", "config.ini"}, {"balance", figures}}};
    const std::string markdown = write_markdown(samples::diagnosed(std::move(checks), "en"));
    BOOST_TEST(markdown.find("**Actual balance**") == std::string::npos);
    BOOST_TEST(markdown.find("**Balance of the key from config.ini**") != std::string::npos);
    BOOST_TEST(markdown.find("it works") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(the_balance_button_is_quoted_as_this_release_labels_it) {
    using Labels = boost::json::array;
    const auto written = [](Labels labels, const char* lang) {
        Report report = samples::source_document(lang);
        report.subject.plugin["buttons"] = boost::json::object{{"value", std::move(labels)}, {"from", "observed"}};
        return write_markdown(report);
    };
    const auto has = [](const std::string& text, const char* part) { return text.find(part) != std::string::npos; };
    BOOST_TEST(has(written({"二维码", "刷新余额"}, "zh-CN"), "点击“刷新余额”。"));
    BOOST_TEST(has(written({"复制微信号", "查询余额"}, "en"), "Click “查询余额” (query balance)."));
    BOOST_TEST(has(written({"甲", "乙"}, "en"), "Click the balance button."));
    BOOST_TEST(has(written({"甲", "乙"}, "zh-CN"), "点击查询余额的按钮。"));
}
