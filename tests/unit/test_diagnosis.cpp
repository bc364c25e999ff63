#include "diagnosis.hpp"

#include <boost/test/unit_test.hpp>

#include "banana/cause.hpp"
#include "banana/lookup.hpp"
#include "banana/variant.hpp"
#include "support/sample_diagnosis.hpp"

#include <algorithm>

using namespace banana;
using samples::about_given_key;
using samples::add;
using samples::Codes;
using samples::codes_of;
using samples::diagnosis_of;
using samples::has_effect;
using samples::passing_checks;
using samples::primary_of;
using samples::round_trip_fails;
using samples::round_trip_succeeds;
using samples::upstream_failure;

BOOST_AUTO_TEST_CASE(every_error_of_the_configured_key_explains_that_the_plugin_has_none) {
    for (const CauseInfo& entry : kCauses) {
        if (!entry.code.starts_with("config.") || entry.severity != Severity::error) {
            continue;
        }
        std::vector<CheckResult> checks = passing_checks();
        add(checks, check_id::config_key, Finding(entry.cause));
        round_trip_fails(checks, Finding(Cause::proxy_no_key), "no key");
        const Diagnosis diagnosis = diagnosis_of(checks);
        BOOST_TEST(primary_of(diagnosis) == entry.code);
        BOOST_TEST(has_effect(diagnosis, Cause::proxy_no_key), entry.code);
        BOOST_TEST(diagnosis.others.empty());
    }
}

BOOST_AUTO_TEST_CASE(the_source_document_is_one_cause_with_the_refusal_as_its_effect) {
    const Report report = samples::source_document("zh-CN");
    BOOST_TEST((report.diagnosis.verdict == Verdict::broken));
    BOOST_TEST(primary_of(report.diagnosis) == "config.key-placeholder");
    BOOST_TEST((report.diagnosis.primary->confidence == Confidence::proved));
    BOOST_TEST(has_effect(report.diagnosis, Cause::proxy_key_rejected));
    BOOST_TEST(report.diagnosis.others.empty());
    BOOST_TEST(report.exit_code == 1);
    BOOST_TEST(report.diagnosis.primary->leads_to.size() == 4u);
}

BOOST_AUTO_TEST_CASE(a_sample_that_the_plugin_knows_explains_a_refusal_that_was_only_inferred_no_more) {
    std::vector<CheckResult> checks = passing_checks();
    Finding sample(Cause::config_key_placeholder);
    sample.args = {{"variant", "known"}};
    add(checks, check_id::config_key, sample);
    Finding refused(Cause::proxy_key_rejected);
    refused.inferred = true;
    round_trip_fails(checks, refused, "?");
    const Diagnosis diagnosis = diagnosis_of(checks);
    BOOST_TEST(primary_of(diagnosis) == "config.key-placeholder");
    BOOST_TEST(codes_of(diagnosis.others) == Codes{"proxy.key-rejected"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_refusal_that_was_seen_outranks_what_the_source_says_of_the_sample) {
    std::vector<CheckResult> checks = passing_checks();
    add(checks, check_id::config_key, Finding(Cause::config_key_placeholder)).args = {{"variant", "known"}};
    round_trip_fails(checks, Finding(Cause::proxy_key_rejected), "余额查询失败: HTTP 401");
    resolve_severities(checks, Subject{});
    const Diagnosis diagnosis = diagnosis_of(checks);
    BOOST_TEST(primary_of(diagnosis) == "config.key-placeholder");
    BOOST_TEST(has_effect(diagnosis, Cause::proxy_key_rejected));
    BOOST_TEST(diagnosis.others.empty());
    BOOST_TEST((variant_of(diagnosis.primary->finding) == Variant::sample_sent));
}

BOOST_AUTO_TEST_CASE(a_plugin_that_says_that_it_has_no_key_was_seen_to_know_the_sample) {
    std::vector<CheckResult> checks = passing_checks();
    add(checks, check_id::config_key, Finding(Cause::config_key_placeholder)).args = {{"variant", "sent"}};
    round_trip_fails(checks, Finding(Cause::proxy_no_key), "未配置有效的 API Key");
    resolve_severities(checks, Subject{});
    BOOST_TEST((variant_of(samples::check(checks, check_id::config_key).findings.front()) == Variant::sample_known));
}

BOOST_AUTO_TEST_CASE(an_upstream_error_explains_the_plugins_failure_of_the_same_kind_only) {
    std::vector<CheckResult> checks = passing_checks();
    add(checks, check_id::upstream_api, Finding(Cause::upstream_dns_failure));
    round_trip_fails(checks, upstream_failure("dns"), "dns");
    BOOST_TEST(has_effect(diagnosis_of(checks), Cause::proxy_upstream_failed));

    checks = passing_checks();
    add(checks, check_id::upstream_api, Finding(Cause::upstream_dns_failure));
    round_trip_fails(checks, upstream_failure("tls"), "tls");
    const Diagnosis diagnosis = diagnosis_of(checks);
    BOOST_TEST(primary_of(diagnosis) == "upstream.dns-failure");
    BOOST_TEST(codes_of(diagnosis.others) == Codes{"proxy.upstream-failed"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(no_key_is_to_blame_for_what_fails_before_the_service_sees_it) {
    for (const Cause cause : {Cause::config_key_malformed, Cause::config_key_placeholder}) {
        std::vector<CheckResult> checks = passing_checks();
        add(checks, check_id::config_key, Finding(cause));
        round_trip_fails(checks, upstream_failure("tls"), "tls");
        const Diagnosis diagnosis = diagnosis_of(checks);
        BOOST_TEST(primary_of(diagnosis) == code_of(cause));
        BOOST_TEST(codes_of(diagnosis.others) == Codes{"proxy.upstream-failed"}, boost::test_tools::per_element());
        BOOST_TEST(diagnosis.primary->leads_to.back().id == "chain.error-expected.at-line");
    }
}

BOOST_AUTO_TEST_CASE(the_routes_answer_is_told_only_of_the_cause_that_it_comes_from) {
    std::vector<CheckResult> checks = passing_checks();
    add(checks, check_id::config_key, Finding(Cause::config_file_missing));
    add(checks, check_id::upstream_api, Finding(Cause::upstream_connection_refused));
    round_trip_fails(checks, Finding(Cause::proxy_no_key), "未配置有效的 API Key");
    const Diagnosis diagnosis = diagnosis_of(checks);
    BOOST_TEST(diagnosis.primary->leads_to.back().id == "chain.node-shows.at-line");
    BOOST_TEST(diagnosis.others.at(0).leads_to.back().id == "chain.error-expected.at-line");
}

BOOST_AUTO_TEST_CASE(without_the_page_script_nobody_asks) {
    for (const Cause cause : {Cause::route_load_failed, Cause::route_not_registered}) {
        std::vector<CheckResult> checks = passing_checks();
        samples::skip(checks, check_id::proxy_round_trip, "need:route.registration");
        samples::check(checks, check_id::route_registration).facts = boost::json::object();
        add(checks, check_id::route_registration, Finding(cause));
        const Diagnosis with_button = diagnosis_of(checks);
        BOOST_TEST_REQUIRE(primary_of(with_button) == code_of(cause));
        BOOST_TEST(with_button.primary->leads_to.back().id.starts_with("chain.page-gets"));
        add(checks, check_id::frontend_extension, Finding(Cause::frontend_extension_missing));
        const Diagnosis without_button = diagnosis_of(checks);
        BOOST_TEST_REQUIRE(primary_of(without_button) == code_of(cause));
        BOOST_TEST(without_button.primary->leads_to.back().id == "chain.no-button");
    }
}

BOOST_AUTO_TEST_CASE(a_refused_given_key_does_not_explain_the_refusal_of_the_configured_one) {
    std::vector<CheckResult> checks = passing_checks();
    add(checks, check_id::config_key, Finding(Cause::config_key_empty));
    add(checks, check_id::upstream_api, about_given_key(Cause::upstream_key_rejected, Severity::error));
    round_trip_fails(checks, Finding(Cause::proxy_no_key), "no key");
    const Diagnosis diagnosis = diagnosis_of(checks);
    BOOST_TEST(primary_of(diagnosis) == "config.key-empty");
    BOOST_TEST(codes_of(diagnosis.others) == Codes{"upstream.key-rejected"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(as_node_blames_the_page_that_does_not_send_the_key_and_not_the_fall_back) {
    std::vector<CheckResult> checks = passing_checks();
    add(checks, check_id::config_key, Finding(Cause::config_key_placeholder, Severity::warning));
    add(checks, check_id::frontend_extension, Finding(Cause::frontend_key_not_sent, Severity::error));
    round_trip_fails(checks, Finding(Cause::proxy_no_key), "no key");
    const Diagnosis diagnosis = diagnosis_of(checks);
    BOOST_TEST(primary_of(diagnosis) == "frontend.key-not-sent");
    BOOST_TEST(has_effect(diagnosis, Cause::proxy_no_key));
    BOOST_TEST(diagnosis.others.empty());
}

BOOST_AUTO_TEST_CASE(a_warning_of_another_trust_store_explains_no_failure) {
    std::vector<CheckResult> checks = passing_checks();
    add(checks, check_id::upstream_api, Finding(Cause::upstream_intercepted, Severity::warning));
    round_trip_fails(checks, upstream_failure("unknown"), "?");
    BOOST_TEST(primary_of(diagnosis_of(checks)) == "proxy.upstream-failed");
    samples::check(checks, check_id::upstream_api).findings.front().severity = Severity::error;
    BOOST_TEST(primary_of(diagnosis_of(checks)) == "upstream.intercepted");
}

BOOST_AUTO_TEST_CASE(each_upstream_code_knows_the_words_that_the_plugin_has_for_it) {
    const std::vector<std::pair<Cause, std::string>> pairs = {
        {Cause::upstream_connection_reset, "not-json"}, {Cause::upstream_connection_refused, "connection"},
        {Cause::upstream_unexpected_status, "reset"},   {Cause::upstream_unexpected_status, "not-json"},
        {Cause::upstream_unexpected_status, "proxy"},   {Cause::upstream_redirected, "bad-url"},
        {Cause::upstream_proxy_failure, "bad-url"},     {Cause::upstream_bad_shape, "api-error"}};
    for (const auto& [code, kind] : pairs) {
        std::vector<CheckResult> checks = passing_checks();
        add(checks, check_id::upstream_api, Finding(code));
        round_trip_fails(checks, upstream_failure(kind), "?");
        const Diagnosis diagnosis = diagnosis_of(checks);
        BOOST_TEST(primary_of(diagnosis) == code_of(code));
        BOOST_TEST(diagnosis.others.empty(), code_of(code) << ' ' << kind);
    }
}

BOOST_AUTO_TEST_CASE(as_node_the_fall_back_that_is_sent_is_not_to_blame_either) {
    std::vector<CheckResult> checks = passing_checks();
    add(checks, check_id::config_key, Finding(Cause::config_key_placeholder, Severity::warning));
    add(checks, check_id::upstream_api, Finding(Cause::upstream_key_rejected, Severity::warning)).key_source =
        "config.ini";
    add(checks, check_id::frontend_extension, Finding(Cause::frontend_key_not_sent, Severity::error));
    round_trip_fails(checks, Finding(Cause::proxy_key_rejected), "401");
    const Diagnosis diagnosis = diagnosis_of(checks);
    BOOST_TEST(primary_of(diagnosis) == "frontend.key-not-sent");
    BOOST_TEST(diagnosis.others.empty());
}

BOOST_AUTO_TEST_CASE(the_primary_cause_is_the_first_in_order_whatever_the_number_of_its_effects) {
    std::vector<CheckResult> checks = passing_checks();
    add(checks, check_id::upstream_api, Finding(Cause::upstream_key_expired));
    add(checks, check_id::config_key, Finding(Cause::config_bom));
    round_trip_fails(checks, Finding(Cause::proxy_key_rejected), "401");
    const Diagnosis diagnosis = diagnosis_of(checks);
    BOOST_TEST(primary_of(diagnosis) == "config.bom");
    BOOST_TEST(codes_of(diagnosis.others) == Codes{"upstream.key-expired"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(the_wrong_clock_is_the_cause_of_the_expired_certificate) {
    std::vector<CheckResult> checks = passing_checks();
    add(checks, check_id::upstream_api, Finding(Cause::system_clock_skew));
    add(checks, check_id::upstream_api, Finding(Cause::upstream_tls_expired));
    const Diagnosis diagnosis = diagnosis_of(checks);
    BOOST_TEST(primary_of(diagnosis) == "system.clock-skew");
    BOOST_TEST(has_effect(diagnosis, Cause::upstream_tls_expired));
}

BOOST_AUTO_TEST_CASE(the_clock_is_not_to_blame_for_a_certificate_that_is_wrong_whatever_the_clock) {
    for (const char* variant : {"certificate", "both", "intermediate"}) {
        std::vector<CheckResult> checks = passing_checks();
        add(checks, check_id::upstream_api, Finding(Cause::system_clock_skew));
        add(checks, check_id::upstream_api, Finding(Cause::upstream_tls_expired)).args = {{"variant", variant}};
        const Diagnosis diagnosis = diagnosis_of(checks);
        BOOST_TEST(primary_of(diagnosis) == "upstream.tls-expired", variant);
        BOOST_TEST(diagnosis.others.empty(), variant);
    }
}

BOOST_AUTO_TEST_CASE(of_two_findings_of_a_code_the_one_about_the_key_in_use_counts) {
    std::vector<CheckResult> checks = passing_checks();
    add(checks, check_id::config_key, Finding(Cause::config_key_malformed));
    add(checks, check_id::upstream_api, about_given_key(Cause::upstream_key_rejected, Severity::error));
    add(checks, check_id::upstream_api, Finding(Cause::upstream_key_rejected)).key_source = "config.ini";
    round_trip_fails(checks, Finding(Cause::proxy_key_rejected), "401");
    const Diagnosis diagnosis = diagnosis_of(checks);
    BOOST_TEST(primary_of(diagnosis) == "config.key-malformed");
    BOOST_TEST(diagnosis.primary->finding.key_source.empty());
    BOOST_TEST(has_effect(diagnosis, Cause::upstream_key_rejected));
    BOOST_TEST(diagnosis.others.empty());
}

BOOST_AUTO_TEST_CASE(of_two_findings_of_a_code_the_one_that_was_seen_counts) {
    std::vector<CheckResult> checks = passing_checks();
    add(checks, check_id::install_plugin, Finding(Cause::install_plugin_duplicate)).inferred = true;
    add(checks, check_id::startup_log, Finding(Cause::install_plugin_duplicate));
    samples::check(checks, check_id::route_registration).facts.clear();
    BOOST_REQUIRE(primary_of(diagnosis_of(checks)) == "install.plugin-duplicate");
    BOOST_TEST((diagnosis_of(checks).primary->confidence == Confidence::proved));
}

BOOST_AUTO_TEST_CASE(a_route_taken_by_another_plugin_explains_what_that_one_answers) {
    for (const Cause code : {Cause::proxy_no_key, Cause::proxy_key_rejected, Cause::proxy_upstream_failed}) {
        std::vector<CheckResult> checks = passing_checks();
        add(checks, check_id::startup_log, Finding(Cause::route_duplicate));
        round_trip_fails(checks, Finding(code), "?");
        BOOST_TEST(primary_of(diagnosis_of(checks)) == "route.duplicate", code_of(code));
        BOOST_TEST(diagnosis_of(checks).others.empty(), code_of(code));
    }
}

BOOST_AUTO_TEST_CASE(causes_reach_through_other_effects_and_take_the_skipped_checks_along) {
    std::vector<CheckResult> checks = passing_checks();
    add(checks, check_id::install_plugin, Finding(Cause::install_plugin_duplicate));
    add(checks, check_id::local_server, Finding(Cause::local_server_down));
    add(checks, check_id::startup_log, Finding(Cause::local_crashed_at_start));
    samples::skip(checks, check_id::route_registration, "need:local.server");
    samples::skip(checks, check_id::proxy_round_trip, "need:route.registration");
    const Diagnosis diagnosis = diagnosis_of(checks);
    BOOST_TEST(primary_of(diagnosis) == "install.plugin-duplicate");
    BOOST_TEST(diagnosis.primary->effects.size() == 2u);
    BOOST_TEST(diagnosis.primary->skipped == (Codes{"route.registration", "proxy.round-trip"}),
               boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(confidence_follows_from_the_evidence) {
    std::vector<CheckResult> checks = passing_checks();
    round_trip_fails(checks, Finding(Cause::proxy_bad_response), "?");
    BOOST_TEST((diagnosis_of(checks).primary->confidence == Confidence::possible));

    checks = passing_checks();
    add(checks, check_id::route_registration, Finding(Cause::route_not_registered));
    BOOST_TEST((diagnosis_of(checks).primary->confidence == Confidence::possible));

    checks = passing_checks();
    Finding inferred(Cause::route_registered_late);
    inferred.inferred = true;
    add(checks, check_id::route_registration, inferred);
    BOOST_TEST((diagnosis_of(checks).primary->confidence == Confidence::likely));
}

BOOST_AUTO_TEST_CASE(what_was_not_finished_is_no_verdict_but_what_was_not_asked_for_is_no_gap) {
    std::vector<CheckResult> checks = passing_checks();
    round_trip_succeeds(checks);
    BOOST_TEST((diagnosis_of(checks).verdict == Verdict::healthy));
    for (const char* reason : {"deadline", "interrupted", "internal.check-failed"}) {
        auto open = checks;
        samples::skip(open, check_id::startup_log, reason);
        BOOST_TEST((diagnosis_of(open).verdict == Verdict::inconclusive), reason);
    }
    for (const char* reason : {"not-selected", "not-applicable"}) {
        auto closed = checks;
        samples::skip(closed, check_id::startup_log, reason);
        BOOST_TEST((diagnosis_of(closed).verdict == Verdict::healthy), reason);
    }
    auto nothing = passing_checks();
    for (CheckResult& check : nothing) {
        check.skip_reason = skip_reason::not_applicable;
    }
    BOOST_TEST((diagnosis_of(nothing).verdict == Verdict::inconclusive));
    auto incomplete = passing_checks();
    samples::check(incomplete, check_id::upstream_api).incomplete = true;
    BOOST_TEST((diagnosis_of(incomplete).verdict == Verdict::inconclusive));
    add(incomplete, check_id::config_key, Finding(Cause::config_key_empty));
    BOOST_TEST((diagnosis_of(incomplete).verdict == Verdict::broken));
}

BOOST_AUTO_TEST_CASE(a_crashed_check_is_never_a_cause) {
    std::vector<CheckResult> checks = passing_checks();
    samples::skip(checks, check_id::startup_log, "internal.check-failed");
    samples::check(checks, check_id::startup_log).findings.emplace_back(Cause::internal_check_failed);
    const Diagnosis diagnosis = diagnosis_of(checks);
    BOOST_TEST((diagnosis.verdict == Verdict::inconclusive));
    BOOST_TEST(diagnosis.others.empty());
}

BOOST_AUTO_TEST_CASE(only_warnings_make_attention_with_the_causes_listed) {
    std::vector<CheckResult> checks = passing_checks();
    round_trip_succeeds(checks);
    add(checks, check_id::config_key, Finding(Cause::config_key_exposed));
    add(checks, check_id::upstream_api, Finding(Cause::upstream_tls_expiring));
    const Diagnosis diagnosis = diagnosis_of(checks);
    BOOST_TEST((diagnosis.verdict == Verdict::attention));
    BOOST_TEST(codes_of(diagnosis.others) == (Codes{"config.key-exposed", "upstream.tls-expiring"}),
               boost::test_tools::per_element());
    BOOST_TEST(exit_code_of(diagnosis.verdict) == 0);
    BOOST_TEST(exit_code_of(Verdict::inconclusive) == 3);
}

BOOST_AUTO_TEST_CASE(a_key_that_is_only_in_the_node_is_told_of_as_node) {
    const Report report = samples::source_document("en");
    const auto& ways = report.diagnosis.primary->alternatives;
    BOOST_TEST(
        std::any_of(ways.begin(), ways.end(), [](const Message& way) { return way.id == "alternative.as-node"; }));
    BOOST_TEST(ways.front().id == "alternative.node-key-box.not-sent.at-line");
}

BOOST_AUTO_TEST_CASE(a_success_without_data_is_told_as_such) {
    auto checks = passing_checks();
    add(checks, "upstream.api", Finding(Cause::upstream_api_error));
    round_trip_fails(checks, upstream_failure("api-error"), "record not found");
    boost::json::object& facts = samples::check(checks, check_id::proxy_round_trip).facts;
    facts["http_status"] = 200;
    facts["summary_lines"] = boost::json::array{"- / -"};
    const Diagnosis diagnosis = diagnosis_of(checks);
    const auto tells = [](const std::vector<Message>& messages, std::string_view id) {
        return std::any_of(messages.begin(), messages.end(), [&](const Message& message) { return message.id == id; });
    };
    BOOST_TEST(tells(diagnosis.primary->because, "because.round-trip-without-data"));
    BOOST_TEST(tells(diagnosis.primary->leads_to, "chain.answer-without-data"));
}

// Nothing is wrong with the examined config.ini, and the plugin found no key: of two copies the other one answered.
BOOST_AUTO_TEST_CASE(of_two_copies_the_one_that_answered_is_named) {
    std::vector<CheckResult> checks = passing_checks();
    boost::json::object& install = samples::check(checks, check_id::install_plugin).facts;
    install["plugin_dir"] = "/c/custom_nodes/a";
    install["copies"] = {"/c/custom_nodes/b"};
    Finding copies(Cause::install_plugin_duplicate, Severity::warning);
    copies.args["variant"] = "v3";
    add(checks, check_id::install_plugin, copies);
    const auto names_the_other = [](const Diagnosis& made) {
        const std::vector<Message>& because = made.primary->because;
        return std::any_of(because.begin(), because.end(),
                           [](const Message& reason) { return reason.id == "because.other-copy-answers"; });
    };
    add(checks, check_id::proxy_round_trip, Finding(Cause::proxy_no_key));
    const Diagnosis diagnosis = diagnose(checks, Subject());
    BOOST_REQUIRE(diagnosis.primary.has_value());
    BOOST_TEST((diagnosis.primary->finding.code == Cause::install_plugin_duplicate));
    BOOST_TEST(names_the_other(diagnosis));
    BOOST_TEST((diagnosis.primary->confidence == Confidence::likely));
    install["copies"] = boost::json::array{"/c/custom_nodes/b", "/c/custom_nodes/d"};
    BOOST_TEST(!names_the_other(diagnose(checks, Subject())));
}

// Starting ComfyUI again mends what it takes up at its start, and nothing that stands before it or at another address.
BOOST_AUTO_TEST_CASE(a_restart_is_a_step_only_where_it_can_help) {
    struct Case {
        Cause cause;
        Variant variant;
        bool restart;
    };
    const Case cases[] = {
        {Cause::local_access_denied, Variant::none, false},
        {Cause::local_not_comfyui, Variant::none, false},
        {Cause::local_scheme_mismatch, Variant::none, false},
        {Cause::local_server_unresponsive, Variant::none, false},
        {Cause::install_comfyui_not_found, Variant::none, false},
        {Cause::install_plugin_not_found, Variant::none, true},
        {Cause::install_plugin_not_found, Variant::given, false},
        {Cause::install_plugin_not_found, Variant::closed, false},
        {Cause::route_api_prefix_missing, Variant::none, true},
        {Cause::route_api_prefix_missing, Variant::behind_proxy, false},
        {Cause::route_registered_late, Variant::none, true},
        {Cause::proxy_bad_response, Variant::server_error, true},
        {Cause::proxy_bad_response, Variant::other, false},
        {Cause::proxy_upstream_failed, Variant::none, true},
        {Cause::proxy_upstream_failed, Variant::no_words, false},
        {Cause::proxy_upstream_failed, Variant::comes_and_goes, false},
    };
    for (const Case& entry : cases) {
        Finding finding(entry.cause);
        if (entry.variant == Variant::other) {
            finding.args["variant"] = "login-form";
        } else {
            set_variant(finding, entry.variant);
        }
        CheckResult found;
        found.id = check_id::local_server;
        found.findings.push_back(finding);
        const Diagnosis diagnosis = diagnosis_of({found});
        BOOST_REQUIRE_MESSAGE(diagnosis.primary, code_of(entry.cause));
        BOOST_TEST(primary_of(diagnosis) == code_of(entry.cause));
        BOOST_TEST(diagnosis.primary->remedy.restart == entry.restart, code_of(entry.cause)
                                                                           << " " << variant_name(entry.variant));
    }
}
