// The three tables of rules, row by row: every condition is staged true and false, for every pair of codes of its row.
#include "banana/cause.hpp"
#include "rules.hpp"

#include <boost/test/unit_test.hpp>

#include "support/sample_diagnosis.hpp"

#include <functional>
#include <map>
#include <set>

using namespace banana;
using samples::add;
using samples::passing_checks;

namespace {

// A run with one finding of each code of a pair.
struct Staged {
    Staged(Cause from, Cause to) : checks(passing_checks()), explaining(from), explained(to) {
        explaining.severity = explained.severity = Severity::error;
        boost::json::object& server = samples::check(checks, check_id::local_server).facts;
        server["is_examined_install"] = true;
        server["custom_nodes_dirs"] = {"/c/custom_nodes"};
    }

    boost::json::object& facts(std::string_view check) { return samples::check(checks, check).facts; }

    // Each at a check of its area, as far as rules look at that.
    void place() {
        add(checks, check_of(explaining.code), explaining);
        add(checks, check_of(explained.code), explained);
    }

    static std::string_view check_of(Cause code) {
        switch (area_of(code)) {
            case Area::config: return check_id::config_key;
            case Area::upstream: return check_id::upstream_api;
            case Area::proxy: return check_id::proxy_round_trip;
            default: return check_id::install_plugin;
        }
    }

    std::vector<CheckResult> checks;
    Subject subject;
    Finding explaining, explained;
};

// Changes a staged pair so that the condition holds, or does not.
using Stage = void (*)(Staged& staged, bool holds);

void stage_kind(Staged& staged, bool holds) {
    std::string_view kind = "of-another-version";
    for (const auto& [failure, name] : route_failure::names) {
        if (holds && info(staged.explaining.code).failures.contains(failure)) {
            kind = name;
        }
    }
    staged.explained.args["kind"] = kind;
}

void stage_hidden_kind(Staged& staged, bool holds) {
    staged.explained.args["kind"] = holds ? "unknown" : "of-another-version";
}

void stage_other_config(Staged& staged, bool holds) {
    if (!holds) {
        set_variant(staged.explaining, Variant::elsewhere);
        add(staged.checks, check_id::config_key, Finding(Cause::config_bom));
    }
}

void stage_gone(Staged& staged, bool holds) {
    if (staged.explaining.code == Cause::install_server_mismatch) {
        set_variant(staged.explaining, Variant::moved);
    }
    staged.explaining.args["custom_nodes"] = "/c/custom_nodes";
    set_variant(staged.explained, Variant::server_error);
    if (!holds) {
        staged.facts(check_id::route_registration).clear();
    }
}

const std::map<std::string_view, Stage>& stages() {
    static const std::map<std::string_view, Stage> all{
        {"is-error",
         [](Staged& staged, bool holds) { staged.explaining.severity = holds ? Severity::error : Severity::warning; }},
        {"same-kind", stage_kind},
        {"kind-hidden", stage_hidden_kind},
        {"key-in-use",
         [](Staged& staged, bool holds) {
             if (!holds) {
                 set_variant(staged.explaining, Variant::answers);
             }
         }},
        {"configured-key-asked",
         [](Staged& staged, bool holds) {
             if (!holds) {
                 add(staged.checks, check_id::frontend_extension,
                     Finding(Cause::frontend_key_not_sent, Severity::error));
             }
         }},
        {"status-lost",
         [](Staged& staged, bool holds) {
             staged.explained.args["kind"] = "http-status";
             staged.explained.args["status"] = holds ? 0 : 502;
         }},
        {"sample-was-sent",
         [](Staged& staged, bool holds) {
             staged.explained.args["kind"] = "http-status";
             staged.explained.inferred = !holds;
         }},
        {"sample-may-be-sent",
         [](Staged& staged, bool holds) {
             set_variant(staged.explaining, holds ? Variant::sample_sent : Variant::sample_known);
             staged.explained.inferred = true;
         }},
        {"other-config-read", stage_other_config},
        {"clock-at-fault",
         [](Staged& staged, bool holds) { staged.explained.args["variant"] = holds ? "clock" : "certificate"; }},
        {"gone-while-served", stage_gone},
        {"folder-left-to-the-server",
         [](Staged& staged, bool holds) {
             if (!holds) {
                 staged.explained.args["variant"] = "given";
             }
         }},
    };
    return all;
}

// What is wrong with a table of explanations; empty where nothing is. `shown`: how often a condition was seen to hold
// and not to hold.
std::vector<std::string> faults_in(std::span<const Explanation> table, std::size_t* shown = nullptr) {
    std::vector<std::string> faults;
    std::set<std::pair<Cause, Cause>> certain;  // pairs for which no later row can count
    std::map<Cause, std::set<Cause>> effects;
    for (const Explanation& row : table) {
        const bool always = row.condition == &when::always;
        std::size_t pairs = 0;
        for (const CauseInfo& from : kCauses) {
            for (const CauseInfo& to : kCauses) {
                if (!row.from.contains(from.cause) || !row.to.contains(to.cause)) {
                    continue;
                }
                ++pairs;
                const std::string name = std::string(from.code) + " -> " + std::string(to.code);
                effects[from.cause].insert(to.cause);
                if (certain.contains({from.cause, to.cause})) {
                    faults.push_back(name + ": an earlier row always counts");
                }
                for (const bool holds : {true, false}) {
                    if (always && !holds) {
                        continue;
                    }
                    Staged staged(from.cause, to.cause);
                    if (!always) {
                        stages().at(row.condition->name)(staged, holds);
                    }
                    staged.place();
                    const Situation run(staged.checks, staged.subject);
                    if (row.condition->holds(staged.explaining, staged.explained, run) != holds) {
                        faults.push_back(name + ": " + std::string(row.condition->name) +
                                         (holds ? " does not hold" : " holds"));
                    } else if (shown != nullptr) {
                        ++*shown;
                    }
                }
                if (always) {
                    certain.insert({from.cause, to.cause});
                }
            }
        }
        if (pairs == 0) {
            faults.emplace_back("a row without codes");
        }
    }
    enum class Seen { no, open, done };
    std::map<Cause, Seen> seen;
    const std::function<bool(Cause)> is_acyclic = [&](Cause cause) {
        if (seen[cause] != Seen::no) {
            return seen[cause] == Seen::done;
        }
        seen[cause] = Seen::open;
        for (const Cause effect : effects[cause]) {
            if (!is_acyclic(effect)) {
                return false;
            }
        }
        seen[cause] = Seen::done;
        return true;
    };
    for (const CauseInfo& entry : kCauses) {
        if (!is_acyclic(entry.cause)) {
            faults.push_back(std::string(entry.code) + ": explains itself through others");
        }
    }
    return faults;
}

std::vector<Explanation> with(Explanation planted) {
    std::vector<Explanation> table(explanations().begin(), explanations().end());
    table.push_back(planted);
    return table;
}

// A circumstance, staged for a code of its row.
using CircumstanceStage = void (*)(Staged& staged, bool holds);

const std::map<std::string_view, CircumstanceStage>& circumstances() {
    static const std::map<std::string_view, CircumstanceStage> all{
        {"chain-proved",
         [](Staged& staged, bool holds) {
             samples::round_trip_succeeds(staged.checks);
             staged.facts(check_id::proxy_round_trip)["cached"] = !holds;
         }},
        {"taken-away-and-missed",
         [](Staged& staged, bool holds) {
             set_variant(staged.explaining, Variant::moved);
             Finding crash(Cause::proxy_bad_response);
             set_variant(crash, holds ? Variant::server_error : Variant::none);
             add(staged.checks, check_id::proxy_round_trip, crash);
         }},
        {"other-copy-served",
         [](Staged& staged, bool holds) {
             staged.explaining.key_source = "config.ini";
             staged.facts(check_id::install_plugin)["folder_name"] = "a";
             staged.facts(check_id::install_plugin)["copies"] = {"/c/custom_nodes/b"};
             staged.facts(check_id::frontend_extension)["path"] = holds ? "/extensions/b/x.js" : "/extensions/a/x.js";
         }},
        {"other-install-blamed",
         [](Staged& staged, bool holds) {
             add(staged.checks, check_id::local_server, Finding(Cause::install_server_mismatch, Severity::warning));
             if (holds) {
                 add(staged.checks, check_id::proxy_round_trip, Finding(Cause::proxy_no_key));
             }
         }},
        {"switched-off-since",
         [](Staged& staged, bool holds) {
             add(staged.checks, check_id::install_plugin, Finding(Cause::install_plugin_disabled));
             if (!holds) {
                 staged.facts(check_id::route_registration).clear();
             }
         }},
        {"key-accepted",
         [](Staged& staged, bool holds) {
             staged.explaining.key_source = "config.ini";
             staged.facts(check_id::upstream_api)["accepted_keys"] = {holds ? "config.ini" : "environment"};
         }},
        {"route-served",
         [](Staged& staged, bool holds) {
             staged.facts(check_id::route_registration)["with_api_prefix"] = holds;
             staged.facts(check_id::route_registration)["without_api_prefix"] = holds;
         }},
        {"route-served-from-here",
         [](Staged& staged, bool holds) { staged.facts(check_id::local_server)["is_examined_install"] = holds; }},
        {"node-loaded",
         [](Staged& staged, bool holds) {
             staged.facts(check_id::route_registration).clear();
             staged.facts(check_id::install_plugin)["folder_name"] = "a";
             staged.facts(check_id::route_registration)["node_folder"] = holds ? "a" : "b";
         }},
        {"plugin-got-through",
         [](Staged& staged, bool holds) {
             Finding refused(Cause::proxy_key_rejected);
             refused.args["status"] = holds ? 401 : 407;
             add(staged.checks, check_id::proxy_round_trip, refused);
         }},
        {"plugin-read-the-file",
         [](Staged& staged, bool holds) {
             set_variant(staged.explaining, Variant::permission);
             if (holds) {
                 add(staged.checks, check_id::proxy_round_trip, Finding(Cause::proxy_key_rejected));
             }
         }},
        {"plugin-had-a-key",
         [](Staged& staged, bool holds) {
             staged.subject.plugin_family = "V2";
             Finding failed(Cause::proxy_upstream_failed);
             failed.args = {{"kind", "http-status"}, {"status", holds ? 502 : 0}};
             add(staged.checks, check_id::proxy_round_trip, failed);
         }},
        {"node-key-counts", [](Staged& staged, bool holds) { staged.subject.circumstances.as_node = holds; }},
        {"key-withheld",
         [](Staged& staged, bool holds) { staged.facts(check_id::proxy_round_trip)["key_withheld"] = holds; }},
        {"explains-an-error",
         [](Staged& staged, bool holds) {
             staged.explaining.severity = Severity::warning;
             if (holds) {
                 add(staged.checks, check_id::proxy_round_trip, Finding(Cause::proxy_no_key));
             }
         }},
    };
    return all;
}

// Whether the circumstance is as staged, for a code of the row.
bool is_as_staged(const Circumstance& circumstance, Cause code, bool holds) {
    Staged staged(code, Cause::security_key_in_log);
    circumstances().at(circumstance.name)(staged, holds);
    staged.place();
    const Situation run(staged.checks, staged.subject);
    return circumstance.holds(staged.explaining, run) == holds;
}

}  // namespace

BOOST_AUTO_TEST_CASE(each_row_that_explains_is_shown_with_its_condition_true_and_false) {
    std::size_t shown = 0;
    for (const std::string& fault : faults_in(explanations(), &shown)) {
        BOOST_ERROR(fault);
    }
    BOOST_TEST_MESSAGE(explanations().size() << " rows, " << shown << " conditions shown");
    BOOST_TEST(shown > 2 * explanations().size());
}

BOOST_AUTO_TEST_CASE(planted_mistakes_in_the_table_are_found) {
    const auto first_fault = [](Explanation planted) {
        const auto faults = faults_in(with(planted));
        return faults.empty() ? std::string("none") : faults.front();
    };
    BOOST_TEST(first_fault({{Cause::proxy_no_key}, {Cause::config_key_placeholder}, &when::always})
                   .ends_with("explains itself through others"));
    BOOST_TEST(first_fault({{Cause::local_crashed_at_start}, {Cause::local_server_down}, &when::is_error}) ==
               "local.crashed-at-start -> local.server-down: an earlier row always counts");
    BOOST_TEST(first_fault({{Cause::config_bom}, {Cause::proxy_upstream_failed}, &when::same_kind}) ==
               "config.bom -> proxy.upstream-failed: same-kind does not hold");
    BOOST_TEST(first_fault({{Cause::config_value_invalid}, {Cause::proxy_no_key}, &when::gone_while_served}) ==
               "config.value-invalid -> proxy.no-key: gone-while-served does not hold");
    BOOST_TEST(first_fault({{}, {Cause::proxy_no_key}, &when::always}) == "a row without codes");
}

BOOST_AUTO_TEST_CASE(each_row_that_refutes_or_relents_is_shown_with_its_circumstance_true_and_false) {
    std::size_t shown = 0;
    const auto show = [&](const Codes& what, const Circumstance& circumstance) {
        // Only a server that loads from elsewhere can be told by "moved"; the others have words of their own.
        const bool of_one = &circumstance == &given::taken_away_and_missed;
        for (const CauseInfo& entry : kCauses) {
            if (!what.contains(entry.cause) || (of_one && entry.cause != Cause::install_server_mismatch)) {
                continue;
            }
            for (const bool holds : {true, false}) {
                BOOST_TEST(is_as_staged(circumstance, entry.cause, holds),
                           circumstance.name << " of " << entry.code << (holds ? "" : " does not fail"));
                ++shown;
            }
        }
    };
    for (const Refutation& row : refutations()) {
        show(row.what, *row.circumstance);
    }
    for (const Relenting& row : relentings()) {
        show(row.what, *row.circumstance);
    }
    BOOST_TEST_MESSAGE(refutations().size() + relentings().size() << " rows, " << shown << " circumstances shown");
    BOOST_TEST(shown > 2 * refutations().size());
}

BOOST_AUTO_TEST_CASE(what_no_rule_may_touch) {
    for (const Explanation& row : explanations()) {
        BOOST_TEST(!row.from.contains(Cause::internal_check_failed));
        BOOST_TEST(!row.to.contains(Cause::internal_check_failed));
    }
}

BOOST_AUTO_TEST_CASE(with_a_node_key_the_configured_one_is_a_fall_back) {
    RunCircumstances circumstances;
    const auto severity_of = [&](Cause code) {
        CheckResult check;
        check.id = Staged::check_of(code);
        check.findings.emplace_back(code);
        relent(check, circumstances);
        return check.findings.front().severity;
    };
    BOOST_TEST((severity_of(Cause::config_key_placeholder) == Severity::error));
    BOOST_TEST((severity_of(Cause::frontend_key_not_sent) == Severity::warning));
    circumstances.as_node = true;
    BOOST_TEST((severity_of(Cause::config_key_placeholder) == Severity::warning));
    BOOST_TEST((severity_of(Cause::frontend_key_not_sent) == Severity::error));
    BOOST_TEST((severity_of(Cause::upstream_dns_failure) == Severity::error));
}

// The plugin asked another host than the direct query did, or nobody knows which.
BOOST_AUTO_TEST_CASE(what_was_met_at_another_host_explains_nothing_of_the_plugins_query) {
    const auto is_explained = [](std::string_view met, std::string_view asked, bool is_guess) {
        Staged staged(Cause::upstream_dns_failure, Cause::proxy_upstream_failed);
        staged.explaining.args["host"] = met;
        staged.explained.args["host"] = asked;
        staged.explained.args["kind"] = "dns";
        if (is_guess) {
            staged.explaining.args[kGuessedHostArgument] = true;
        }
        staged.place();
        const Situation run(staged.checks, staged.subject);
        return explanation_of(staged.explaining, staged.explained, run) != nullptr;
    };
    BOOST_TEST(is_explained("a.example.net", "a.example.net", false));
    BOOST_TEST(is_explained("a.example.net", "a.example.net", true));
    BOOST_TEST(is_explained("a.example.net", "", false));
    BOOST_TEST(!is_explained("a.example.net", "", true));
    BOOST_TEST(!is_explained("a.example.net", "b.example.net", false));
}
