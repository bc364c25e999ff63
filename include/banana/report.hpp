// The report model: all that a report writer may know. It survives a round trip through JSON.
#pragma once

#include "banana/check_result.hpp"
#include "banana/finding.hpp"

#include <array>
#include <boost/json/object.hpp>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace banana {

enum class Verdict { healthy, attention, broken, inconclusive };
// As reports write it.
constexpr std::string_view verdict_name(Verdict verdict) {
    switch (verdict) {
        case Verdict::healthy: return "healthy";
        case Verdict::attention: return "attention";
        case Verdict::broken: return "broken";
        case Verdict::inconclusive: break;
    }
    return "inconclusive";
}

enum class Confidence { proved, likely, possible };

// A key as it may be shown.
struct MaskedKey {
    std::string masked;
    std::size_t length = 0;
    std::string sha256_8;  // empty where too short to be hashed
    std::string source;
};

// How the run was asked for, as far as what was found depends on it. "options" in JSON.
struct RunCircumstances {
    // The given key was sent as the node's own; none in reports of versions that did not say.
    std::optional<bool> as_node;
    std::string service_line;           // the node's, as given; empty: the page's default
    std::vector<std::string> selected;  // ids of the checks that were asked for, with what they need
    bool demo = false;                  // of the embedded world
};

struct Subject {
    std::string comfyui_dir, comfyui_url, comfyui_version;
    std::string plugin_dir, plugin_version, plugin_family;
    std::string config_file, base_url;
    boost::json::object environment;  // os, python, comfyui_argv, proxies {source, https}, trust
    std::string install_kind;         // see checks/support/install_kind.hpp; empty: not known
    // What a reader meets of the installed plugin: name → {"value", "from": "observed", "source" or "known"}.
    boost::json::object plugin;
    std::optional<MaskedKey> key_under_test;
    RunCircumstances circumstances;
};

// What mends a cause beside its own steps.
struct Remedy {
    bool edits_config = false;    // the key in config.ini is the matter
    bool opens_editor = false;    // that file is there, by that name, to be edited
    bool wants_key = false;       // its value is to be replaced by a key
    bool restart = false;         // what mends it is taken up at ComfyUI's start
    bool other_lines = true;      // a way round by another line of service may be told
    bool ask_in_browser = false;  // the page's question, asked by hand, tells the route's answer from the node's
};

// A cause with what it explains.
struct DiagnosedCause {
    explicit DiagnosedCause(Finding finding) : finding(std::move(finding)) {}
    Finding finding;
    Confidence confidence = Confidence::proved;
    std::vector<Message> because;       // observed facts, strongest first
    std::vector<Message> leads_to;      // the conclusion chain, in order
    std::vector<Message> alternatives;  // other ways round the problem
    std::vector<Cause> effects;         // codes folded under this cause
    std::vector<std::string> skipped;   // ids of checks that could not run for it
    Remedy remedy;
};

// What a query does on its way, in order: the page asks the server, the server calls the plugin's route, the plugin
// reads its key and asks the service, the service answers, the plugin shows it.
enum class Link { ask, route, read_key, query, answer, show };
inline constexpr std::size_t kLinks = 6;
enum class LinkState { works, fails, unknown, not_reached };

// The part of the plugin's own source in which a cause lies.
enum class CodePath { none, registration, query };

// The run as it is told: decided by the diagnosis, shown by every report. Not written to JSON: it is made again from
// what is.
struct Narrative {
    Message headline;
    std::optional<Link> broken_link;  // at which the primary cause lies
    std::array<LinkState, kLinks> chain{};
    CodePath code_path = CodePath::none;
    std::string_view broken_landmark;  // at which the way breaks in it
    std::vector<Message> ruled_out;
    bool balance_came = false;        // through the plugin's own route
    bool is_amount_of_key = false;    // and it is that of the key under test
    bool factor_multiplies = false;   // the plugin is an early V1, which multiplies the balance by its factor
    std::vector<std::string> open;    // ids of checks that were wanted and have no answer, or only a part of one
    std::vector<Message> next_steps;  // what to try for these
};

struct Diagnosis {
    Verdict verdict = Verdict::inconclusive;
    std::optional<DiagnosedCause> primary;  // set only when broken
    std::vector<DiagnosedCause> others;
    Narrative narrative;
};

// What `fix` changed before the report's run, for the way back.
struct RepairMade {
    std::string file;
    std::string backup;                // empty: none was needed, or it could not be written
    std::vector<std::string> changes;  // names as in the catalog's "fix.mend.<name>", or "copied", "mode", "moved"
};

struct Report {
    std::string tool_version;
    std::string generated_at;  // RFC 3339 with the local offset
    std::string lang;          // "zh-CN" or "en"
    int exit_code = 0;
    Subject subject;
    std::vector<CheckResult> checks;  // all, in declared order
    Diagnosis diagnosis;
    std::vector<RepairMade> repairs;  // in the order in which they were made
};

}  // namespace banana
