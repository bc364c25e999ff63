// Reading what checks found: by id, by code, by the path of a fact. Everything is optional, since a report may have
// been read back from a file that something else wrote.
#pragma once

#include "banana/report.hpp"

#include <boost/json/value.hpp>
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

inline const boost::json::value* find_member(const boost::json::object& object,
                                             std::initializer_list<std::string_view> path) {
    const boost::json::object* level = &object;
    const boost::json::value* found = nullptr;
    for (const std::string_view name : path) {
        if (level == nullptr) {
            return nullptr;
        }
        found = level->if_contains(name);
        if (found == nullptr) {
            return nullptr;
        }
        level = found->if_object();
    }
    return found;
}

inline const boost::json::value* find_fact(Checks checks, std::string_view check,
                                           std::initializer_list<std::string_view> path) {
    const CheckResult* found = find_check(checks, check);
    return found == nullptr ? nullptr : find_member(found->facts, path);
}

// Empty where absent or no string.
inline std::string_view text_fact(Checks checks, std::string_view check, std::initializer_list<std::string_view> path) {
    const boost::json::value* value = find_fact(checks, check, path);
    return value != nullptr && value->is_string() ? std::string_view(value->get_string()) : std::string_view();
}

inline std::optional<bool> flag_fact(Checks checks, std::string_view check,
                                     std::initializer_list<std::string_view> path) {
    const boost::json::value* value = find_fact(checks, check, path);
    return value != nullptr && value->is_bool() ? std::optional<bool>(value->get_bool()) : std::nullopt;
}

// A fact about the installed plugin (Subject::plugin); null where it is not known.
inline const boost::json::value* plugin_fact(const Subject& subject, std::string_view name) {
    return find_member(subject.plugin, {name, "value"});
}

// The same as a text; empty where it is not known.
inline std::string_view plugin_text(const Subject& subject, std::string_view name) {
    const boost::json::value* value = plugin_fact(subject, name);
    return value != nullptr && value->is_string() ? std::string_view(value->get_string()) : std::string_view();
}

inline std::string_view text_argument(const Finding& finding, std::string_view name) {
    const boost::json::value* value = finding.args.if_contains(name);
    return value != nullptr && value->is_string() ? std::string_view(value->get_string()) : std::string_view();
}

// Where the diagnosis keeps with a finding what shows that it breaks nothing: {"id", "args"} of that sentence.
inline constexpr std::string_view kRefutationArgument = "refutation";

inline std::optional<Message> kept_refutation(const Finding& finding) {
    const boost::json::value* kept = finding.args.if_contains(kRefutationArgument);
    const boost::json::object* object = kept == nullptr ? nullptr : kept->if_object();
    const boost::json::value* id = object == nullptr ? nullptr : object->if_contains("id");
    const boost::json::value* args = object == nullptr ? nullptr : object->if_contains("args");
    if (id == nullptr || !id->is_string() || args == nullptr || !args->is_object()) {
        return std::nullopt;
    }
    return Message(std::string(id->get_string()), args->get_object());
}

}  // namespace banana
