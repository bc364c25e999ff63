// Hostile answers through the real program: whatever a server, a plugin or a folder's name holds, every output keeps
// its format, nothing reaches the terminal as a command, and the run ends in time.
#include "certificate_authority.hpp"
#include "support/hostile_server.hpp"
#include "support/process.hpp"
#include "support/temporary_folder.hpp"

#include <cmark-gfm-core-extensions.h>
#include <cmark-gfm.h>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <regex>
#include <string>
#include <vector>

namespace {

using namespace banana::test;
namespace fs = std::filesystem;
namespace json = boost::json;

// Everything at once: terminal, bidirectional controls, Markdown, HTML, Mermaid, Prometheus, and what is no UTF-8.
const std::string& poison() {
    static const std::string text =
        "\x1b[31m\x1b]0;owned\x07\x1b]8;;http://evil.example\x1b\\\xc2\x9b"
        "2J\b\r\xe2\x80\xae\xe2\x81\xa6\xe2\x80\x8b\xef\xbb\xbf<script>alert(1)</script><img src=x onerror=alert(1)>"
        "![x](http://evil.example/p.png) [y](javascript:alert(1)) <http://evil.example> `a``b```c\n```\n# head\n"
        "~~~\n| a | b |\n--> end;\nA->>B: x\nclick A \"http://evil.example\"\n</text></svg></code></pre>"
        "\"} 1\nbanana_diag_up 7\n\\\" {x=\"y\"} {{key}} {key|word} %s %n ${HOME} $(id) \xff\xfe\xc0\xaf\xed\xa0\x80";
    return text;
}

// As the content of a JSON string; octets that are no UTF-8 stay as they are.
std::string in_json(const std::string& text) {
    std::string out;
    for (const char c : text) {
        switch (c) {
            case '"': out += "\\\""; break;
            case '\\': out += "\\\\"; break;
            case '\n': out += "\\n"; break;
            case '\r': out += "\\r"; break;
            case '\b': out += "\\b"; break;
            default:
                if (static_cast<unsigned char>(c) < 0x20) {
                    out += c == '\x1b' ? "\\u001b" : "\\u0007";
                } else {
                    out += c;
                }
        }
    }
    return out;
}

std::string in_header(std::string text) {
    std::erase_if(text, [](char c) { return c == '\n' || c == '\r' || c == '\b' || c == '\x07' || c == '\x1b'; });
    return text;
}

bool is_utf8(std::string_view text) {
    for (std::size_t at = 0; at < text.size();) {
        const auto first = static_cast<unsigned char>(text[at]);
        const std::size_t length = first < 0x80   ? 1
                                   : first < 0xC2 ? 0
                                   : first < 0xE0 ? 2
                                   : first < 0xF0 ? 3
                                   : first < 0xF5 ? 4
                                                  : 0;
        if (length == 0 || at + length > text.size()) {
            return false;
        }
        for (std::size_t index = 1; index < length; ++index) {
            if ((static_cast<unsigned char>(text[at + index]) & 0xC0U) != 0x80) {
                return false;
            }
        }
        at += length;
    }
    return true;
}

bool has_controls(std::string_view text) {
    const bool ascii = std::any_of(text.begin(), text.end(), [](char c) {
        return (static_cast<unsigned char>(c) < 0x20 && c != '\n') || c == 0x7F;
    });
    // C1 controls, bidirectional controls, zero-width space.
    static const std::regex others("\xc2[\x80-\x9f]|\xe2\x80[\x8b\x8e\x8f\xaa-\xae]|\xe2\x81[\xa6-\xa9]");
    return ascii || std::regex_search(text.begin(), text.end(), others);
}

// Links and images that lead to what the poison names, and raw HTML.
std::string trouble_in_markdown(const std::string& markdown) {
    cmark_gfm_core_extensions_ensure_registered();
    const std::unique_ptr<cmark_parser, void (*)(cmark_parser*)> parser(cmark_parser_new(CMARK_OPT_DEFAULT),
                                                                        cmark_parser_free);
    for (const char* name : {"table", "autolink", "strikethrough", "tasklist"}) {
        cmark_parser_attach_syntax_extension(parser.get(), cmark_find_syntax_extension(name));
    }
    cmark_parser_feed(parser.get(), markdown.data(), markdown.size());
    const std::unique_ptr<cmark_node, void (*)(cmark_node*)> root(cmark_parser_finish(parser.get()), cmark_node_free);
    const std::unique_ptr<cmark_iter, void (*)(cmark_iter*)> walk(cmark_iter_new(root.get()), cmark_iter_free);
    for (cmark_event_type event = cmark_iter_next(walk.get()); event != CMARK_EVENT_DONE;
         event = cmark_iter_next(walk.get())) {
        cmark_node* node = cmark_iter_get_node(walk.get());
        const cmark_node_type type = cmark_node_get_type(node);
        if (type == CMARK_NODE_IMAGE || type == CMARK_NODE_HTML_INLINE) {
            return cmark_node_get_type_string(node);
        }
        if (type == CMARK_NODE_HTML_BLOCK) {
            const std::string literal = cmark_node_get_literal(node);
            if (!literal.starts_with("<!-- banana-diag report ") || literal.find('>') + 2 != literal.size()) {
                return "HTML block: " + literal;
            }
        }
        if (type == CMARK_NODE_LINK) {
            const std::string url = cmark_node_get_url(node);
            if (url.find("evil.example") != std::string::npos || url.starts_with("javascript:")) {
                return "link: " + url;
            }
        }
        if (type == CMARK_NODE_HEADING && event == CMARK_EVENT_ENTER) {
            cmark_node* child = cmark_node_first_child(node);
            const char* literal = child == nullptr ? nullptr : cmark_node_get_literal(child);
            if (literal != nullptr && std::string_view(literal) == "head") {
                return "heading";
            }
        }
    }
    return {};
}

std::string trouble_in_html(std::string html) {
    // The report's data, in letters and digits that no browser reads.
    static const std::regex data("<!-- banana-diag report data 1 [0-9]+ [A-Za-z0-9+/=]* -->");
    html = std::regex_replace(html, data, "", std::regex_constants::format_first_only);
    static const std::regex tag("<[^>]*>");
    static const std::regex harmless(
        "<!DOCTYPE "
        "html>|</?(html|head|meta|title|style|body|main|header|footer|article|section|h[1-6]|p|ul|ol|li|table|"
        "thead|tbody|tr|th|td|pre|code|strong|blockquote|hr|div|span|details|summary|svg|g|rect|line|path|text|tspan|"
        "title|desc|defs|marker|polygon|polyline|circle|figure|figcaption|br|em)( [^<]*)?/?>");
    for (auto found = std::sregex_iterator(html.begin(), html.end(), tag); found != std::sregex_iterator(); ++found) {
        const std::string text = found->str();
        if (!std::regex_match(text, harmless) || text.find(" on") != std::string::npos ||
            text.find("javascript:") != std::string::npos || text.find("evil") != std::string::npos) {
            return text;
        }
    }
    return {};
}

std::string trouble_in_metrics(const std::string& metrics) {
    static const std::regex line(
        R"re((# (HELP|TYPE) [a-z_0-9]+ .*)|([a-z_:0-9]+(\{([a-z_0-9]+="([^"\\\n]|\\[\\"n])*",?)*\})? ([-+0-9.eE]+|[-+]Inf|NaN)))re");
    std::size_t at = 0;
    while (at < metrics.size()) {
        const std::size_t end = metrics.find('\n', at);
        const std::string text = metrics.substr(at, end - at);
        if (!std::regex_match(text, line) || text.starts_with("banana_diag_up 7")) {
            return text;
        }
        at = end == std::string::npos ? metrics.size() : end + 1;
    }
    return {};
}

// A machine whose ComfyUI and upstream are the hostile server.
struct Machine {
    Machine() { server.start(); }

    void diagnose(const std::string& what) {
        ProcessOptions options;
        options.working_directory = folder.path().string();
        options.environment["HOME"] = folder.path().string();
        for (const char* file : {"r.md", "r.json", "r.html", "r.prom"}) {
            fs::remove(folder.path() / file);
        }
        std::vector<std::string> arguments{"run",       "-v",     "--comfyui-dir", (folder.path() / "ComfyUI").string(),
                                           "--timeout", "1.5",    "--deadline",    "8",
                                           "--lang",    "en",     "--output",      "r.md",
                                           "--output",  "r.json", "--output",      "r.html",
                                           "--output",  "r.prom"};
        arguments.insert(arguments.end(),
                         {"--comfyui-url", server.url(), "--base-url", base_url.empty() ? server.url() : base_url});
        arguments.insert(arguments.end(), more.begin(), more.end());
        const ProcessResult result = run_banana(arguments, options);
        BOOST_TEST_CONTEXT(what) {
            BOOST_TEST(!result.timed_out);
            BOOST_TEST((result.exit_code == 0 || result.exit_code == 1 || result.exit_code == 3), result.err);
            BOOST_TEST((is_utf8(result.out) && is_utf8(result.err)));
            BOOST_TEST((!has_controls(result.out) && !has_controls(result.err)));
            report = json::value();
            const std::string text = read_file(folder.path() / "r.json");
            BOOST_TEST(is_utf8(text));
            boost::system::error_code bad;
            report = json::parse(text, bad);
            BOOST_TEST(!bad);
            const std::string markdown = read_file(folder.path() / "r.md");
            BOOST_TEST((is_utf8(markdown) && !has_controls(markdown) && !markdown.empty()));
            BOOST_TEST(trouble_in_markdown(markdown) == "");
            const std::string html = read_file(folder.path() / "r.html");
            BOOST_TEST((is_utf8(html) && !has_controls(html) && !html.empty()));
            BOOST_TEST(trouble_in_html(html) == "");
            const std::string metrics = read_file(folder.path() / "r.prom");
            BOOST_TEST((is_utf8(metrics) && !metrics.empty()));
            BOOST_TEST(trouble_in_metrics(metrics) == "");
        }
    }

    std::string crashed() const {
        for (const json::value& check : report.at("checks").as_array()) {
            for (const json::value& finding : check.at("findings").as_array()) {
                if (finding.at("code").as_string() == "internal.check-failed") {
                    return json::serialize(check);
                }
            }
        }
        return {};
    }

    TemporaryFolder folder;
    HostileServer server;
    std::string base_url;
    std::vector<std::string> more;
    json::value report;
    fs::path plugin = install_plugin(folder, "ComfyUI", "comfyui-banana-gemini", made_up_key(61));
};

}  // namespace

BOOST_FIXTURE_TEST_CASE(the_harmless_machine_is_healthy, Machine) {
    diagnose("harmless");
    BOOST_TEST(report.at("verdict").as_string() != "inconclusive");
    BOOST_TEST(crashed() == "");
}

BOOST_FIXTURE_TEST_CASE(poison_in_every_field, Machine) {
    const std::string text = in_json(poison());
    const std::string header = in_header(poison());
    const std::string figures = R"({"total_available":1,"total_granted":2,"total_used":1,"unlimited_quota":false,")" +
                                text + R"(":1,"expires_at":0})";
    struct Case {
        const char* file;
        std::string octets;
    };
    const std::vector<Case> cases{
        {"system_stats", json_answer(R"({"system":{"os":")" + text + R"(","comfyui_version":")" + text +
                                     R"(","python_version":")" + text + R"(","argv":[")" + text + R"(",")" + text +
                                     R"("]},"devices":[{"name":")" + text + R"("}]})")},
        {"extensions", json_answer(R"(["/extensions/)" + text + R"(/x.js","/extensions/comfyui-banana-gemini/)" + text +
                                   R"(/token-balance.js"])")},
        {"extensions_comfyui-banana-gemini_extensions_token-balance.js",
         http_answer(200, "text/javascript",
                     "api.fetchApi(`/banana/token_usage?" + header + "=${x}&refresh=1`); //" + poison())},
        {"internal_logs_raw",
         json_answer(R"({"entries":[{"t":")" + text + R"(","m":"❌ 加载节点文件失败 Gemini_Imagen_Generator.py: )" +
                     text + R"(\n"},{"t":"","m":"[ERROR] 余额查询失败，错误摘要: )" + text + R"(\n"}]})")},
        {"object_info_BananaImageNode", json_answer(R"({"BananaImageNode":{"name":")" + text + R"("}})")},
        {"banana_token_usage", json_answer(R"({"success":false,"message":")" + text + R"("})", 400)},
        {"banana_token_usage", json_answer(R"({"success":true,"data":)" + figures + R"(,"raw":")" + text +
                                           R"(","summary":")" + text + R"(","cost_factor":")" + text + R"("})")},
        {"banana_token_usage", http_answer(502, "text/html", "<title>" + poison() + "</title>",
                                           "Server: " + header + "\r\nLocation: " + header + "\r\n")},
        {"usage_token", json_answer(R"({"success":false,"message":")" + text + R"("})", 401)},
        {"usage_token", json_answer(R"({"error":{"message":")" + text + R"(","code":")" + text + R"("}})", 403)},
        {"usage_token", json_answer(R"({"code":true,"data":)" + figures + R"(,"message":")" + text + R"("})")},
        {"usage_token", json_answer(R"({"code":true,"data":{"total_available":")" + text + R"("}})")},
        {"usage_token",
         http_answer(403, header, "<html><title>" + poison() + "</title>", "Server: " + header + "\r\n")},
        {"usage_token", http_answer(302, "text/html", "", "Location: https://evil.example/" + header + "\r\n")},
        {"usage_token", "HTTP/1.1 418 " + header + "\r\nX: " + header + "\r\n\r\n"}};
    for (const Case& each : cases) {
        server.answer(each.file, each.octets);
        diagnose(std::string(each.file) + " " + each.octets.substr(0, 15));
        BOOST_TEST(crashed() == "");
    }
}

BOOST_FIXTURE_TEST_CASE(poison_on_the_disk, Machine) {
    fs::remove_all(plugin);
    std::string name = "b <script>alert(1)</script> \x1b[31m\xe2\x80\xae`](x) |\n# head\n{{key}} \xff";
    std::erase(name, '/');
    plugin = install_plugin(folder, "ComfyUI", name, "\x1b[31m<script>sk-`" + poison().substr(0, 20) + "\xe2\x80\xae");
    folder.write(plugin / "__init__.py",
                 read_file(plugin / "__init__.py") + "\n__version__ = '" + in_header(poison()) + "'\n");
    folder.write(plugin / "pyproject.toml", "version = \"" + in_header(poison()) + "\"\n");
    folder.write(fs::path("ComfyUI") / "comfyui.log", poison() + "\n❌ 加载节点文件失败 x.py: " + poison() + "\n");
    diagnose("folder, version, configuration and log");
    BOOST_TEST(crashed() == "");
}

BOOST_FIXTURE_TEST_CASE(poison_in_a_certificate, Machine) {
    using namespace banana::world;
    const CertificateAuthority authority("Root <script>alert(1)</script>");
    LeafRequest leaf;
    leaf.names = {"evil.example", "x<script>alert(1)</script>`[y](z)|\x1b[31m.example"};
    leaf.not_before = std::chrono::system_clock::now() - std::chrono::hours(1);
    leaf.not_after = std::chrono::system_clock::now() + std::chrono::hours(24 * 90);
    const TlsIdentity identity = authority.issue(leaf);
    HostileServer secure;
    secure.start({folder.write("chain.pem", identity.chain_pem).string(),
                  folder.write("key.pem", identity.private_key_pem).string()});
    base_url = secure.url("https");
    more = {"--ca-file", folder.write("root.pem", authority.certificate_pem()).string()};
    diagnose("names in a certificate");
    BOOST_TEST(json::serialize(report).find("upstream.tls-hostname") != std::string::npos);
    BOOST_TEST(crashed() == "");
}

BOOST_FIXTURE_TEST_CASE(answers_that_are_too_much_or_no_answers, Machine) {
    const std::string big(3'000'000, 'x');
    std::string deep = R"({"code":true,"data":)";
    for (int level = 0; level < 100'000; ++level) {
        deep += "[";
    }
    const std::vector<std::pair<const char*, std::string>> answers{
        {"oversize header", "HTTP/1.1 200 OK\r\nX: " + big + "\r\n\r\n{}"},
        {"many headers",
         [] {
             std::string text = "HTTP/1.1 200 OK\r\n";
             for (int index = 0; index < 20'000; ++index) {
                 text += "X-" + std::to_string(index) + ": y\r\n";
             }
             return text + "\r\n{}";
         }()},
        {"oversize body", json_answer("{\"a\":\"" + big + "\"}")},
        {"endless headers", "#! endless\nHTTP/1.1 200 OK\r\nX: y\r\n"},
        {"endless chunks", "#! endless\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n"},
        {"endless body", "#! endless\nHTTP/1.1 200 OK\r\n\r\nx\r\nx\r\n"},
        {"endless interim answers", "#! endless\nHTTP/1.1 100 Continue\r\n\r\n\r\n"},
        {"deep JSON", json_answer(deep)},
        {"deep objects", json_answer([] {
             std::string text;
             for (int level = 0; level < 100'000; ++level) {
                 text += "{\"a\":";
             }
             return text;
         }())},
        {"invalid UTF-8", json_answer("{\"success\":false,\"message\":\"\xff\xc0\xaf\xed\xa0\x80\"}", 401)},
        {"numbers beyond double",
         json_answer(R"({"code":true,"data":{"total_available":1e999,"total_granted":-1e999,"total_used":1e-999,)"
                     R"("expires_at":99999999999999999999999,"unlimited_quota":false}})")},
        {"huge expiry", json_answer(R"({"code":true,"data":{"total_available":9223372036854775807,)"
                                    R"("total_granted":-9223372036854775808,"total_used":18446744073709551615,)"
                                    R"("expires_at":9223372036854775807,"unlimited_quota":false}})")},
        {"duplicate keys",
         json_answer(R"({"code":true,"code":false,"data":{"total_available":1,"total_available":"x"},)"
                     R"("data":{"total_available":2,"total_granted":3,"total_used":1}})")},
        {"two lengths", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 9\r\n\r\n{}"},
        {"length and chunks",
         "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n"},
        {"folded header", "HTTP/1.1 200 OK\r\nX: a\r\n Location: http://evil.example\r\nContent-Length: 2\r\n\r\n{}"},
        {"bare line feeds", "HTTP/1.1 200 OK\nContent-Length: 2\n\n{}"},
        {"negative length", "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n{}"},
        {"absurd chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFFF\r\n{}"},
        {"status of six digits", "HTTP/1.1 200000 OK\r\n\r\n{}"},
        {"HTTP/0.9", "just text"},
        {"other protocol", "SSH-2.0-OpenSSH_9.2p1\r\n"},
        {"nothing", ""},
        {"slow drip", "#! drip 0.2\nHTTP/1.1 200 OK\r\nContent-Length: 200\r\n\r\n" + std::string(200, '{')},
        {"silence", "#! hang\n"},
        {"redirect to itself", http_answer(302, "text/html", "", "Location: @PATH@\r\n")},
        {"redirect to a file", http_answer(302, "text/html", "", "Location: file:///etc/passwd\r\n")},
        {"redirect nowhere", http_answer(302, "text/html", "", "Location: http://[::1:bad/\r\n")},
        {"coded body", http_answer(200, "application/json", "\x1f\x8b\x08 no gzip", "Content-Encoding: gzip\r\n")}};
    for (const auto& [what, octets] : answers) {
        for (const char* file : {"usage_token", "banana_token_usage", "system_stats"}) {
            server.answer(file, octets);
        }
        diagnose(what);
        BOOST_TEST(crashed() == "");
    }
}

BOOST_FIXTURE_TEST_CASE(an_answer_before_the_question, Machine) {
    server.answer("default", "#! early\n" + json_answer(R"({"system":{},"devices":[]})"));
    diagnose("early");
    BOOST_TEST(crashed() == "");
}
