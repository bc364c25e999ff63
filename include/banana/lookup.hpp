// Reading what checks found: by id, by code, by the path of a fact. Everything is optional, since a report may have
// been read back from a file that something else wrote.
#pragma once

#include "banana/json_member.hpp"
#include "banana/report.hpp"

#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace banana {

using Checks = std::span<const CheckResult>;

inline const CheckResult* find_check(Checks checks, std::string_view id) {
    for (const CheckResult& check : checks) {
        if (check.id == id) {
            return &check;
        }
    }
    return nullptr;
}

// The check when it ran to an answer, else null.
inline const CheckResult* find_answered(Checks checks, std::string_view id) {
    const CheckResult* check = find_check(checks, id);
    return check != nullptr && check->skip_reason.empty() ? check : nullptr;
}

inline const Finding* find_finding(Checks checks, Cause code) {
    for (const CheckResult& check : checks) {
        for (const Finding& finding : check.findings) {
            if (finding.code == code) {
                return &finding;
            }
        }
    }
    return nullptr;
}

inline const boost::json::value* find_fact(Checks checks, std::string_view check,
                                           std::initializer_list<std::string_view> path) {
    const CheckResult* found = find_check(checks, check);
    return found == nullptr ? nullptr : find_member(found->facts, path);
}

// Empty where absent or no string.
inline std::string_view text_fact(Checks checks, std::string_view check, std::initializer_list<std::string_view> path) {
    return text_or_empty(find_fact(checks, check, path));
}

inline std::optional<bool> flag_fact(Checks checks, std::string_view check,
                                     std::initializer_list<std::string_view> path) {
    return if_flag(find_fact(checks, check, path));
}

// A fact about the installed plugin (Subject::plugin); null where it is not known.
inline const boost::json::value* plugin_fact(const Subject& subject, std::string_view name) {
    return find_member(subject.plugin, {name, "value"});
}

// The same as a text; empty where it is not known.
inline std::string_view plugin_text(const Subject& subject, std::string_view name) {
    return text_or_empty(plugin_fact(subject, name));
}

inline std::string_view text_argument(const Finding& finding, std::string_view name) {
    return text_member(finding.args, name);
}

// Set for what was met at an address that stands in for the unknown one of the installed plugin.
inline constexpr std::string_view kGuessedHostArgument = "guessed_host";

// Set for what was met at an address that was given for this run, and that the installed plugin does not ask.
inline constexpr std::string_view kGivenHostArgument = "given_host";

inline bool is_met_at_a_guess(const Arguments& args) {
    return if_flag(find_member(args, kGuessedHostArgument)).value_or(false);
}

// Where the diagnosis keeps with a finding what shows that it breaks nothing: {"id", "args"} of that sentence.
inline constexpr std::string_view kRefutationArgument = "refutation";

inline std::optional<Message> kept_refutation(const Finding& finding) {
    const boost::json::string* id = if_string(find_member(finding.args, {kRefutationArgument, "id"}));
    const boost::json::object* args = if_object(find_member(finding.args, {kRefutationArgument, "args"}));
    return id != nullptr && args != nullptr ? std::optional(Message(std::string(*id), *args)) : std::nullopt;
}

}  // namespace banana
