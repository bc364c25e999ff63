// A certificate that the list named by a variable does not cover, and this system's does.
#include "banana/cause.hpp"
#include "support/run_check.hpp"
#include "upstream_finding_parts.hpp"

#include <boost/test/unit_test.hpp>

using namespace banana;

namespace {

// What the check says where the list of `source` and this system's disagree.
Finding said_of(const std::string& source) {
    test::CheckStage stage;
    OutboundSettings outbound;
    outbound.trust.source = source;
    outbound.trust.trust.bundle = "/srv/list.pem";
    UpstreamSubject subject;
    subject.context = &stage.context;
    subject.url = *parse_web_url("https://api.example.net/");
    subject.outbound = &outbound;
    Exchange exchange;
    exchange.error.emplace(Phase::tls, NetworkFailure::tls_untrusted, "unable to get local issuer certificate");
    exchange.tls.emplace();
    exchange.tls->chain.resize(2);
    exchange.tls->second_opinion = true;
    return tls_finding(subject, exchange);
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_list_that_a_variable_names_is_told_as_the_cause) {
    for (const char* variable : {"REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"}) {
        const Finding finding = said_of(variable);
        BOOST_TEST((finding.code == Cause::upstream_tls_untrusted), variable);
        BOOST_TEST(finding.args.at("variant").as_string() == "own-list");
        BOOST_TEST(finding.args.at("file").as_string() == "/srv/list.pem");
        BOOST_TEST(finding.args.at("store").as_string() == variable);
        BOOST_TEST(!finding.inferred);
    }
}

BOOST_AUTO_TEST_CASE(the_list_that_python_brings_along_shows_a_program_in_between) {
    BOOST_TEST((said_of("certifi").code == Cause::upstream_intercepted));
}
