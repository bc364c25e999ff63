#include "diagnosis.hpp"

#include <boost/test/unit_test.hpp>

#include "banana/lookup.hpp"
#include "support/sample_report.hpp"

#include <algorithm>
#include <functional>
#include <set>

using namespace banana;
using samples::add;
using samples::passing_checks;
using samples::round_trip_fails;
using samples::round_trip_succeeds;

namespace {

Diagnosis diagnosis_of(const std::vector<CheckResult>& checks) {
    return diagnose(checks, Subject{});
}

std::string primary_of(const Diagnosis& diagnosis) {
    return diagnosis.primary ? std::string(code_of(diagnosis.primary->finding.code)) : "none";
}

std::vector<std::string> codes_of(const std::vector<DiagnosedCause>& causes) {
    std::vector<std::string> codes;
    for (const DiagnosedCause& cause : causes) {
        codes.emplace_back(code_of(cause.finding.code));
    }
    return codes;
}

bool has_effect(const Diagnosis& diagnosis, Cause code) {
    const auto& effects = diagnosis.primary->effects;
    return std::find(effects.begin(), effects.end(), code) != effects.end();
}

Finding upstream_failure(std::string kind) {
    Finding finding(Cause::proxy_upstream_failed);
    finding.args = {{"kind", std::move(kind)}};
    return finding;
}

Finding about_given_key(Cause code, Severity severity) {
    Finding finding(code, severity);
    finding.key_source = "api-key-file";
    return finding;
}

using Codes = std::vector<std::string>;

}  // namespace

BOOST_AUTO_TEST_CASE(the_explains_relation_has_no_cycle_and_no_edge_to_itself) {
    enum class Seen { no, open, done };
    std::vector<Seen> seen(kCauses.size(), Seen::no);
    const std::function<bool(Cause)> visit = [&](Cause cause) {
        Seen& state = seen[static_cast<std::size_t>(cause)];
        if (state != Seen::no) {
            return state == Seen::done;
        }
        state = Seen::open;
        for (const Explains& edge : info(cause).explains) {
            if (!visit(edge.effect)) {
                return false;
            }
        }
        state = Seen::done;
        return true;
    };
    for (const CauseInfo& entry : kCauses) {
        BOOST_TEST(visit(entry.cause), entry.code);
    }
}

BOOST_AUTO_TEST_CASE(no_code_explains_another_twice_and_the_internal_one_explains_nothing) {
    for (const CauseInfo& entry : kCauses) {
        std::set<Cause> effects;
        for (const Explains& edge : entry.explains) {
            BOOST_TEST(effects.insert(edge.effect).second, entry.code);
            BOOST_TEST((edge.effect != Cause::internal_check_failed));
        }
    }
    BOOST_TEST(info(Cause::internal_check_failed).explains.empty());
}

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

BOOST_AUTO_TEST_CASE(a_sample_that_the_plugin_knows_is_not_sent_and_explains_no_refusal) {
    std::vector<CheckResult> checks = passing_checks();
    Finding sample(Cause::config_key_placeholder);
    sample.args = {{"variant", "known"}};
    add(checks, check_id::config_key, sample);
    round_trip_fails(checks, Finding(Cause::proxy_key_rejected), "401");
    const Diagnosis diagnosis = diagnosis_of(checks);
    BOOST_TEST(primary_of(diagnosis) == "config.key-placeholder");
    BOOST_TEST(codes_of(diagnosis.others) == Codes{"proxy.key-rejected"}, boost::test_tools::per_element());
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

BOOST_AUTO_TEST_CASE(a_round_trip_with_a_balance_turns_errors_into_warnings) {
    for (const Cause code : {Cause::install_plugin_not_found, Cause::config_bom, Cause::upstream_tls_untrusted,
                             Cause::route_not_registered}) {
        std::vector<CheckResult> checks = passing_checks();
        round_trip_succeeds(checks);
        add(checks, check_id::config_key, Finding(code));
        const Diagnosis diagnosis = diagnosis_of(checks);
        BOOST_TEST((diagnosis.verdict == Verdict::attention), code_of(code));
        BOOST_TEST(primary_of(diagnosis) == "none");
        BOOST_REQUIRE(diagnosis.others.size() == 1u);
        BOOST_TEST((diagnosis.others.front().finding.severity == Severity::warning));
        BOOST_TEST(diagnosis.others.front().because.front().id.starts_with("because.seen-differently"));
    }
}

BOOST_AUTO_TEST_CASE(only_a_time_out_is_told_by_the_plugins_patience) {
    const auto told_of = [](Cause code) {
        std::vector<CheckResult> checks = passing_checks();
        round_trip_succeeds(checks);
        add(checks, check_id::upstream_api, Finding(code));
        return diagnosis_of(checks).others.at(0).because.at(0).id;
    };
    BOOST_TEST(told_of(Cause::upstream_response_timeout) == "because.seen-differently.upstream");
    BOOST_TEST(told_of(Cause::upstream_rate_limited) == "because.seen-differently.upstream-passing");
    BOOST_TEST(told_of(Cause::upstream_server_error) == "because.seen-differently.upstream-passing");
}

BOOST_AUTO_TEST_CASE(a_round_trip_proves_nothing_when_cached_or_without_the_pages_path_or_with_another_balance) {
    const auto verdict_after = [](const std::function<void(std::vector<CheckResult>&)>& change) {
        std::vector<CheckResult> checks = passing_checks();
        round_trip_succeeds(checks);
        add(checks, check_id::config_key, Finding(Cause::config_bom));
        change(checks);
        return diagnosis_of(checks).verdict;
    };
    const auto facts = [](std::vector<CheckResult>& checks) -> boost::json::object& {
        return samples::check(checks, check_id::proxy_round_trip).facts;
    };
    BOOST_TEST((verdict_after([](auto&) {}) == Verdict::attention));
    BOOST_TEST((verdict_after([&](auto& checks) { facts(checks)["cached"] = true; }) == Verdict::broken));
    BOOST_TEST((verdict_after([&](auto& checks) { facts(checks)["balance"] = nullptr; }) == Verdict::broken));
    BOOST_TEST((verdict_after([&](auto& checks) { facts(checks)["url"] = "http://127.0.0.1/banana/token_usage"; }) ==
                Verdict::broken));
    BOOST_TEST((verdict_after([](auto& checks) {
                    add(checks, check_id::proxy_round_trip, Finding(Cause::proxy_balance_mismatch));
                }) == Verdict::broken));
}

BOOST_AUTO_TEST_CASE(a_missing_plugin_is_no_error_while_the_server_serves_the_route) {
    std::vector<CheckResult> checks = passing_checks();
    add(checks, check_id::install_plugin, Finding(Cause::install_plugin_not_found));
    round_trip_fails(checks, Finding(Cause::proxy_no_key), "no key");
    BOOST_TEST(primary_of(diagnosis_of(checks)) == "proxy.no-key");
}

BOOST_AUTO_TEST_CASE(what_is_on_disk_does_not_beat_a_server_that_serves_the_route) {
    for (const Cause code :
         {Cause::install_plugin_duplicate, Cause::install_plugin_disabled, Cause::install_no_balance_feature,
          Cause::install_files_missing, Cause::route_load_failed}) {
        std::vector<CheckResult> checks = passing_checks();
        add(checks, check_id::install_plugin, Finding(code));
        add(checks, check_id::upstream_api, Finding(Cause::upstream_key_rejected));
        round_trip_fails(checks, Finding(Cause::proxy_key_rejected), "401");
        BOOST_TEST(primary_of(diagnosis_of(checks)) == "upstream.key-rejected", code_of(code));
        BOOST_TEST(diagnosis_of(checks).others.empty());
        const auto is_cause = [&] {
            const Diagnosis diagnosis = diagnosis_of(checks);
            return primary_of(diagnosis) == code_of(code) ||
                   codes_of(diagnosis.others) == Codes{std::string(code_of(code))};
        };
        samples::check(checks, check_id::local_server).facts["is_examined_install"] = false;
        BOOST_TEST(is_cause(), code_of(code));
        samples::check(checks, check_id::local_server).facts.clear();
        samples::check(checks, check_id::route_registration).facts.clear();
        BOOST_TEST(is_cause(), code_of(code));
    }
}

BOOST_AUTO_TEST_CASE(another_config_ini_is_not_to_blame_where_the_service_refuses_the_configured_key) {
    for (const Cause code : {Cause::install_server_mismatch, Cause::install_plugin_duplicate}) {
        std::vector<CheckResult> checks = passing_checks();
        Finding& elsewhere = add(checks, check_id::local_server, Finding(code, Severity::warning));
        elsewhere.args = {{"variant", "elsewhere"}};
        round_trip_fails(checks, Finding(Cause::proxy_key_rejected), "401");
        BOOST_TEST(primary_of(diagnosis_of(checks)) == code_of(code));
        add(checks, check_id::upstream_api, Finding(Cause::upstream_key_rejected)).key_source = "config.ini";
        BOOST_TEST(primary_of(diagnosis_of(checks)) == "upstream.key-rejected");
    }
}

BOOST_AUTO_TEST_CASE(the_config_of_an_install_that_does_not_run_explains_nothing_of_the_one_that_does) {
    std::vector<CheckResult> checks = passing_checks();
    add(checks, check_id::config_key, Finding(Cause::config_key_placeholder));
    Finding& mismatch = add(checks, check_id::local_server, Finding(Cause::install_server_mismatch, Severity::warning));
    round_trip_fails(checks, Finding(Cause::proxy_key_rejected), "401");
    const Diagnosis diagnosis = diagnosis_of(checks);
    BOOST_TEST(primary_of(diagnosis) == "install.server-mismatch");
    BOOST_TEST(diagnosis.others.empty());
    mismatch.args = {{"variant", "elsewhere"}};
    BOOST_TEST(primary_of(diagnosis_of(checks)) == "config.key-placeholder");
}

BOOST_AUTO_TEST_CASE(a_status_that_the_plugin_got_refutes_our_own_failure_to_connect) {
    std::vector<CheckResult> checks = passing_checks();
    add(checks, check_id::upstream_api, Finding(Cause::upstream_tls_untrusted));
    Finding rejected(Cause::proxy_key_rejected);
    rejected.args = {{"status", 401}};
    round_trip_fails(checks, rejected, "HTTP 401");
    BOOST_TEST(primary_of(diagnosis_of(checks)) == "proxy.key-rejected");
    BOOST_TEST(diagnosis_of(checks).others.empty());
    samples::check(checks, check_id::proxy_round_trip).findings.front().args["status"] = 407;
    BOOST_TEST(primary_of(diagnosis_of(checks)) == "upstream.tls-untrusted");
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

BOOST_AUTO_TEST_CASE(a_refusal_shows_that_the_sample_was_sent) {
    std::vector<CheckResult> checks = passing_checks();
    add(checks, check_id::config_key, Finding(Cause::config_key_placeholder)).args = {{"variant", "unknown"}};
    settle_severities(checks);
    const auto variant = [&] { return samples::check(checks, check_id::config_key).findings.front().args["variant"]; };
    BOOST_TEST((variant() == "unknown"));
    round_trip_fails(checks, Finding(Cause::proxy_key_rejected), "401");
    settle_severities(checks);
    BOOST_TEST((variant() == "sent"));
}

BOOST_AUTO_TEST_CASE(a_file_that_the_plugin_reads_is_readable_whatever_this_user_may_do) {
    std::vector<CheckResult> checks = passing_checks();
    add(checks, check_id::config_key, Finding(Cause::config_file_unreadable)).args = {{"variant", "permission"}};
    round_trip_fails(checks, Finding(Cause::proxy_key_rejected), "401");
    BOOST_TEST(primary_of(diagnosis_of(checks)) == "proxy.key-rejected");
    BOOST_TEST(diagnosis_of(checks).others.empty());
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
    BOOST_TEST((diagnosis_of(checks).primary->confidence == Confidence::proved));
}

BOOST_AUTO_TEST_CASE(what_the_run_refutes_is_a_warning_of_its_check_and_keeps_the_reason) {
    std::vector<CheckResult> checks = passing_checks();
    add(checks, check_id::install_plugin, Finding(Cause::install_files_missing));
    add(checks, check_id::upstream_api, Finding(Cause::upstream_key_rejected));
    round_trip_fails(checks, Finding(Cause::proxy_key_rejected), "401");
    settle_severities(checks);
    const CheckResult& install = samples::check(checks, check_id::install_plugin);
    BOOST_TEST((install.status == Status::warn));
    BOOST_REQUIRE(kept_refutation(install.findings.front()).has_value());
    BOOST_TEST(kept_refutation(install.findings.front())->id == "because.matters-at-next-start");
    BOOST_TEST((samples::check(checks, check_id::upstream_api).status == Status::fail));
    BOOST_TEST(primary_of(diagnosis_of(checks)) == "upstream.key-rejected");
}

BOOST_AUTO_TEST_CASE(files_taken_away_under_a_running_server_are_why_its_route_crashes) {
    Finding crash(Cause::proxy_bad_response);
    crash.args = {{"variant", "server-error"}};
    const auto setting = [&](Finding finding) {
        std::vector<CheckResult> checks = passing_checks();
        samples::check(checks, check_id::local_server).facts = {{"is_examined_install", true},
                                                                {"custom_nodes_dirs", {"/c/custom_nodes"}}};
        add(checks, check_id::install_plugin, std::move(finding));
        add(checks, check_id::config_key, Finding(Cause::config_key_placeholder));
        round_trip_fails(checks, crash, "HTTP 500");
        settle_severities(checks);
        return checks;
    };
    Finding not_found(Cause::install_plugin_not_found);
    not_found.args = {{"custom_nodes", "/c/custom_nodes"}};
    Finding moved(Cause::install_server_mismatch, Severity::warning);
    moved.args = {{"variant", "moved"}};
    for (const Finding& finding : {Finding(Cause::install_plugin_disabled), not_found, moved}) {
        const Diagnosis diagnosis = diagnosis_of(setting(finding));
        BOOST_TEST(primary_of(diagnosis) == code_of(finding.code));
        BOOST_TEST(has_effect(diagnosis, Cause::proxy_bad_response));
        BOOST_TEST((diagnosis.primary->confidence == Confidence::likely));
    }
    BOOST_TEST(diagnosis_of(setting(Finding(Cause::install_plugin_disabled))).others.empty());
    not_found.args = {{"custom_nodes", "/another/custom_nodes"}};
    BOOST_TEST(primary_of(diagnosis_of(setting(not_found))) != "install.plugin-not-found");
    crash.args = {{"variant", "not-json"}};
    BOOST_TEST(primary_of(diagnosis_of(setting(Finding(Cause::install_plugin_disabled)))) == "proxy.bad-response");
}

BOOST_AUTO_TEST_CASE(the_config_of_a_copy_that_the_server_does_not_serve_is_no_cause) {
    std::vector<CheckResult> checks = passing_checks();
    samples::check(checks, check_id::install_plugin).facts = {{"folder_name", "a"}, {"copies", {"/c/custom_nodes/b"}}};
    add(checks, check_id::install_plugin, Finding(Cause::install_plugin_duplicate, Severity::warning));
    add(checks, check_id::config_key, Finding(Cause::config_key_placeholder));
    add(checks, check_id::upstream_api, Finding(Cause::upstream_key_rejected)).key_source = "config.ini";
    round_trip_fails(checks, Finding(Cause::proxy_key_rejected), "401");
    boost::json::object& script = samples::check(checks, check_id::frontend_extension).facts;
    script["path"] = "/extensions/a/extensions/token-balance.js";
    BOOST_TEST(primary_of(diagnosis_of(checks)) == "config.key-placeholder");
    script["path"] = "/extensions/b/extensions/token-balance.js";
    settle_severities(checks);
    const Diagnosis diagnosis = diagnosis_of(checks);
    BOOST_TEST(primary_of(diagnosis) == "install.plugin-duplicate");
    BOOST_TEST((diagnosis.primary->confidence == Confidence::likely));
    BOOST_TEST(diagnosis.others.empty());
    const Finding& sample = samples::check(checks, check_id::config_key).findings.front();
    BOOST_TEST((sample.severity == Severity::warning));
    BOOST_REQUIRE(kept_refutation(sample).has_value());
    BOOST_TEST(kept_refutation(sample)->id == "because.other-copy-runs");
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

BOOST_AUTO_TEST_CASE(another_custom_nodes_folder_is_the_cause_only_when_it_explains_an_error) {
    std::vector<CheckResult> checks = passing_checks();
    add(checks, check_id::local_server, Finding(Cause::install_server_mismatch, Severity::warning));
    BOOST_TEST((diagnosis_of(checks).verdict == Verdict::attention));
    round_trip_fails(checks, Finding(Cause::proxy_no_key), "no key");
    const Diagnosis diagnosis = diagnosis_of(checks);
    BOOST_TEST(primary_of(diagnosis) == "install.server-mismatch");
    BOOST_TEST((diagnosis.primary->confidence == Confidence::likely));

    settle_severities(checks);
    const CheckResult& server = samples::check(checks, check_id::local_server);
    BOOST_TEST((server.findings.front().severity == Severity::error));
    BOOST_TEST((server.status == Status::fail));
    BOOST_TEST((diagnosis_of(checks).primary->confidence == Confidence::likely));

    checks = passing_checks();
    add(checks, check_id::local_server, Finding(Cause::install_server_mismatch, Severity::warning));
    settle_severities(checks);
    BOOST_TEST((diagnosis_of(checks).verdict == Verdict::attention));
}

BOOST_AUTO_TEST_CASE(a_key_that_the_service_took_has_no_wrong_form) {
    std::vector<CheckResult> checks = passing_checks();
    Finding malformed(Cause::config_key_malformed);
    malformed.key_source = "config.ini";
    add(checks, check_id::config_key, malformed);
    round_trip_fails(checks, Finding(Cause::proxy_bad_response), "?");
    BOOST_TEST(primary_of(diagnosis_of(checks)) == "config.key-malformed");
    samples::check(checks, check_id::upstream_api).facts["accepted_keys"] = boost::json::array{"config.ini"};
    BOOST_TEST(primary_of(diagnosis_of(checks)) == "proxy.bad-response");
}

BOOST_AUTO_TEST_CASE(the_fall_back_key_does_not_prove_the_nodes_own) {
    std::vector<CheckResult> checks = passing_checks();
    round_trip_succeeds(checks);
    add(checks, check_id::upstream_api, Finding(Cause::upstream_key_rejected));
    BOOST_TEST((diagnosis_of(checks).verdict == Verdict::attention));
    samples::check(checks, check_id::proxy_round_trip).facts["key_withheld"] = true;
    BOOST_TEST(primary_of(diagnosis_of(checks)) == "upstream.key-rejected");
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
