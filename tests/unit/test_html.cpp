#include "html.hpp"

#include <boost/test/unit_test.hpp>

#include "support/sample_report.hpp"

#include <openssl/evp.h>

#include <string>

using namespace banana;

namespace {

std::string between(const std::string& text, const std::string& before, const std::string& after) {
    const std::size_t start = text.find(before);
    BOOST_REQUIRE(start != std::string::npos);
    const std::size_t end = text.find(after, start + before.size());
    BOOST_REQUIRE(end != std::string::npos);
    return text.substr(start + before.size(), end - start - before.size());
}

std::string sha256_base64(const std::string& text) {
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned int length = 0;
    BOOST_REQUIRE(EVP_Digest(text.data(), text.size(), digest, &length, EVP_sha256(), nullptr) == 1);
    std::string encoded(64, '\0');
    const int size =
        EVP_EncodeBlock(reinterpret_cast<unsigned char*>(encoded.data()), digest, static_cast<int>(length));
    return encoded.substr(0, static_cast<std::size_t>(size));
}

}  // namespace

BOOST_AUTO_TEST_CASE(the_policy_lets_in_exactly_this_style_sheet) {
    const std::string page = write_html(samples::source_document("en"));
    BOOST_TEST(between(page, "style-src 'sha256-", "'") == sha256_base64(between(page, "<style>", "</style>")));
    BOOST_TEST(page.find("default-src 'none'") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(the_page_loads_and_runs_nothing) {
    for (const char* language : {"zh-CN", "en"}) {
        const std::string page = write_html(samples::source_document(language));
        for (const char* forbidden : {"<script", "src=", "href=", "url(", "@import", " style=", " on", "<iframe"}) {
            const std::size_t body = page.find("<body>");
            const bool word = std::string(forbidden) == " on";
            const std::size_t found = word ? std::string::npos : page.find(forbidden, body);
            BOOST_TEST(found == std::string::npos, forbidden);
        }
        BOOST_TEST(page.find("<html lang=\"" + std::string(language) + "\">") != std::string::npos);
        BOOST_TEST(page.find("<svg ") != std::string::npos);
    }
}

BOOST_AUTO_TEST_CASE(untrusted_text_is_escaped_everywhere) {
    const std::string hostile = "</code></pre></title></style><script>alert('x')</script><img src=x onerror=\"y\">";
    Report report = samples::source_document("en");
    for (DiagnosedCause* cause : {&*report.diagnosis.primary}) {
        cause->finding.args["sample"] = hostile;
        for (Evidence& evidence : cause->finding.evidence) {
            evidence.value = hostile;
            evidence.file = hostile;
        }
    }
    report.subject.config_file = hostile;
    report.generated_at = hostile;
    for (CheckResult& check : report.checks) {
        check.id += hostile;
        check.summary = Message(hostile);
    }
    const std::string page = write_html(report);
    BOOST_TEST(page.find("<script") == std::string::npos);
    BOOST_TEST(page.find("<img") == std::string::npos);
    BOOST_TEST(page.find("&lt;script&gt;") != std::string::npos);
}
