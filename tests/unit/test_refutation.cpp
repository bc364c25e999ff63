#include "diagnosis.hpp"

#include <boost/test/unit_test.hpp>

#include "banana/cause.hpp"
#include "banana/key_source.hpp"
#include "banana/lookup.hpp"
#include "support/sample_diagnosis.hpp"

#include <functional>

using namespace banana;
using samples::add;
using samples::Codes;
using samples::codes_of;
using samples::diagnosis_of;
using samples::has_effect;
using samples::passing_checks;
using samples::primary_of;
using samples::round_trip_fails;
using samples::round_trip_succeeds;

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

BOOST_AUTO_TEST_CASE(a_plugin_that_asked_the_service_had_a_key) {
    for (const Cause code :
         {Cause::config_bom, Cause::config_syntax, Cause::config_file_missing, Cause::config_key_empty}) {
        std::vector<CheckResult> checks = passing_checks();
        add(checks, check_id::config_key, Finding(code));
        add(checks, check_id::upstream_api, Finding(Cause::upstream_server_error));
        Finding failed(Cause::proxy_upstream_failed);
        failed.args = {{"kind", "http-status"}, {"status", 502}};
        round_trip_fails(checks, failed, "502 Server Error");
        Subject subject;
        subject.plugin_family = "V2";
        const Diagnosis diagnosis = diagnose(checks, subject);
        BOOST_TEST(primary_of(diagnosis) == "upstream.server-error", code_of(code));
        // A fork may send a sample of its own; a status that the plugin lost may be a refusal of it.
        subject.plugin_family = "";
        BOOST_TEST(primary_of(diagnose(checks, subject)) == code_of(code));
        subject.plugin_family = "V2";
        samples::check(checks, check_id::proxy_round_trip).findings.front().args["status"] = 0;
        BOOST_TEST(primary_of(diagnose(checks, subject)) == code_of(code));
    }
}

BOOST_AUTO_TEST_CASE(a_refusal_shows_that_the_sample_was_sent) {
    std::vector<CheckResult> checks = passing_checks();
    add(checks, check_id::config_key, Finding(Cause::config_key_placeholder)).args = {{"variant", "unknown"}};
    resolve_severities(checks, Subject{});
    const auto variant = [&] { return samples::check(checks, check_id::config_key).findings.front().args["variant"]; };
    BOOST_TEST((variant() == "unknown"));
    round_trip_fails(checks, Finding(Cause::proxy_key_rejected), "401");
    resolve_severities(checks, Subject{});
    BOOST_TEST((variant() == "sent"));
}

BOOST_AUTO_TEST_CASE(a_file_that_the_plugin_reads_is_readable_whatever_this_user_may_do) {
    std::vector<CheckResult> checks = passing_checks();
    add(checks, check_id::config_key, Finding(Cause::config_file_unreadable)).args = {{"variant", "permission"}};
    round_trip_fails(checks, Finding(Cause::proxy_key_rejected), "401");
    BOOST_TEST(primary_of(diagnosis_of(checks)) == "proxy.key-rejected");
    BOOST_TEST(diagnosis_of(checks).others.empty());
}

BOOST_AUTO_TEST_CASE(what_the_run_refutes_is_a_warning_of_its_check_and_keeps_the_reason) {
    std::vector<CheckResult> checks = passing_checks();
    add(checks, check_id::install_plugin, Finding(Cause::install_files_missing));
    add(checks, check_id::upstream_api, Finding(Cause::upstream_key_rejected));
    round_trip_fails(checks, Finding(Cause::proxy_key_rejected), "401");
    resolve_severities(checks, Subject{});
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
        resolve_severities(checks, Subject{});
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
    resolve_severities(checks, Subject{});
    const Diagnosis diagnosis = diagnosis_of(checks);
    BOOST_TEST(primary_of(diagnosis) == "install.plugin-duplicate");
    BOOST_TEST((diagnosis.primary->confidence == Confidence::likely));
    BOOST_TEST(diagnosis.others.empty());
    const Finding& sample = samples::check(checks, check_id::config_key).findings.front();
    BOOST_TEST((sample.severity == Severity::warning));
    BOOST_REQUIRE(kept_refutation(sample).has_value());
    BOOST_TEST(kept_refutation(sample)->id == "because.other-copy-runs");
}

BOOST_AUTO_TEST_CASE(a_configured_key_is_told_by_its_kind_not_by_the_name_of_its_file) {
    const auto verdict_of = [](std::string source) {
        std::vector<CheckResult> checks = passing_checks();
        samples::check(checks, check_id::install_plugin).facts = {{"folder_name", "a"},
                                                                  {"copies", {"/c/custom_nodes/b"}}};
        samples::check(checks, check_id::frontend_extension).facts["path"] =
            "/extensions/b/extensions/token-balance.js";
        add(checks, check_id::upstream_api, Finding(Cause::upstream_key_rejected)).key_source = std::move(source);
        return diagnosis_of(checks).verdict;
    };
    for (const char* name : {"config.ini", "my-config.ini", "environment", "api-key-file", "…"}) {
        BOOST_TEST((verdict_of(configured_key_source(name)) == Verdict::attention), name);
    }
    BOOST_TEST((verdict_of("environment") == Verdict::broken));
    BOOST_TEST(!is_configured_key(""));
}

BOOST_AUTO_TEST_CASE(a_refused_node_key_is_not_the_fault_of_a_sample_in_the_file) {
    std::vector<CheckResult> checks = passing_checks();
    add(checks, check_id::config_key, Finding(Cause::config_key_placeholder, Severity::warning)).args = {
        {"variant", "sent"}};
    add(checks, check_id::upstream_api, samples::about_given_key(Cause::upstream_key_rejected, Severity::error));
    round_trip_fails(checks, samples::about_given_key(Cause::proxy_key_rejected, Severity::error), "401");
    samples::check(checks, check_id::proxy_round_trip).facts["key_sent"] = true;
    BOOST_TEST(primary_of(diagnosis_of(checks)) == "upstream.key-rejected");
    BOOST_TEST(diagnosis_of(checks).others.empty());
    // The service takes it: the plugin may have passed over it.
    samples::check(checks, check_id::upstream_api).findings.clear();
    samples::check(checks, check_id::upstream_api).facts["accepted_keys"] = {"api-key-file"};
    BOOST_TEST(primary_of(diagnosis_of(checks)) == "config.key-placeholder");
}

BOOST_AUTO_TEST_CASE(what_is_settled_stays_so) {
    std::vector<CheckResult> checks = passing_checks();
    add(checks, check_id::install_plugin, Finding(Cause::install_files_missing));
    add(checks, check_id::config_key, Finding(Cause::config_key_placeholder)).args = {{"variant", "unknown"}};
    round_trip_fails(checks, Finding(Cause::proxy_key_rejected), "401");
    const auto severities = [&] {
        std::vector<Severity> all;
        for (const CheckResult& check : checks) {
            for (const Finding& finding : check.findings) {
                all.push_back(finding.severity);
            }
        }
        return all;
    };
    resolve_severities(checks, Subject{});
    const std::vector<Severity> settled = severities();
    resolve_severities(checks, Subject{});
    BOOST_TEST((severities() == settled));
}

BOOST_AUTO_TEST_CASE(another_custom_nodes_folder_is_the_cause_only_when_it_explains_an_error) {
    std::vector<CheckResult> checks = passing_checks();
    add(checks, check_id::local_server, Finding(Cause::install_server_mismatch, Severity::warning));
    BOOST_TEST((diagnosis_of(checks).verdict == Verdict::attention));
    round_trip_fails(checks, Finding(Cause::proxy_no_key), "no key");
    const Diagnosis diagnosis = diagnosis_of(checks);
    BOOST_TEST(primary_of(diagnosis) == "install.server-mismatch");
    BOOST_TEST((diagnosis.primary->confidence == Confidence::likely));

    resolve_severities(checks, Subject{});
    const CheckResult& server = samples::check(checks, check_id::local_server);
    BOOST_TEST((server.findings.front().severity == Severity::error));
    BOOST_TEST((server.status == Status::fail));
    BOOST_TEST((diagnosis_of(checks).primary->confidence == Confidence::likely));

    checks = passing_checks();
    add(checks, check_id::local_server, Finding(Cause::install_server_mismatch, Severity::warning));
    resolve_severities(checks, Subject{});
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

BOOST_AUTO_TEST_CASE(a_loaded_node_refutes_that_its_files_are_missing) {
    for (const char* folder : {"banana", "another"}) {
        std::vector<CheckResult> checks = passing_checks();
        samples::check(checks, check_id::install_plugin).facts["folder_name"] = "banana";
        samples::check(checks, check_id::local_server).facts["is_examined_install"] = true;
        samples::check(checks, check_id::route_registration).facts = {{"with_api_prefix", false},
                                                                      {"node_folder", folder}};
        add(checks, check_id::install_plugin, Finding(Cause::install_files_missing));
        add(checks, check_id::route_registration, Finding(Cause::route_registered_late));
        const bool own = std::string_view(folder) == "banana";
        BOOST_TEST(primary_of(diagnosis_of(checks)) == (own ? "route.registered-late" : "install.files-missing"));
    }
}
