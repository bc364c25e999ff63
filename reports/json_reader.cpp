#include "banana/bounds.hpp"
#include "banana/cause.hpp"
#include "banana/json_member.hpp"
#include "inline_text.hpp"
#include "json.hpp"
#include "names.hpp"

#include <algorithm>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <cmath>
#include <limits>

namespace banana {
namespace {

namespace json = boost::json;

// Thrown inside this file only: reading stops at the first thing that is wrong.
struct Stop {
    ReportError error;
};

[[noreturn]] void stop(ReportError::Kind kind, const std::string& path) {
    throw Stop{ReportError{kind, path}};
}

std::string cleaned(const json::string& text, bool many) {
    const std::string_view view(text);
    return many ? many_lines(view) : one_line(view);
}

// Every string made safe to show, keys of objects too.
json::value cleaned(const json::value& value) {
    if (const auto* text = value.if_string()) {
        return json::value(cleaned(*text, true));
    }
    if (const auto* array = value.if_array()) {
        json::array copy;
        for (const json::value& item : *array) {
            copy.push_back(cleaned(item));
        }
        return copy;
    }
    if (const auto* object = value.if_object()) {
        json::object copy;
        for (const auto& member : *object) {
            copy.insert_or_assign(one_line(std::string_view(member.key())), cleaned(member.value()));
        }
        return copy;
    }
    return value;
}

// One object of the report, with its place in it for error messages.
class Node {
public:
    Node(const json::value& value, std::string path) : path_(std::move(path)), object_(value.if_object()) {
        if (object_ == nullptr) {
            stop(ReportError::Kind::wrong_type, path_);
        }
    }

    [[nodiscard]] std::string path_of(std::string_view name) const {
        return path_.empty() ? std::string(name) : path_ + "." + std::string(name);
    }

    [[nodiscard]] const json::value& required(std::string_view name) const {
        const json::value* value = find_member(*object_, name);
        if (value == nullptr) {
            stop(ReportError::Kind::missing_member, path_of(name));
        }
        return *value;
    }

    [[nodiscard]] std::string text(std::string_view name, bool many = false) const {
        const json::value& value = required(name);
        if (!value.is_string()) {
            stop(ReportError::Kind::wrong_type, path_of(name));
        }
        return cleaned(value.get_string(), many);
    }

    [[nodiscard]] bool contains(std::string_view name) const { return object_->contains(name); }

    // Empty where absent or null.
    [[nodiscard]] std::string optional_text(std::string_view name) const {
        const json::value* value = find_member(*object_, name);
        return value == nullptr || value->is_null() ? std::string() : text(name);
    }

    [[nodiscard]] bool optional_flag(std::string_view name) const {
        const json::value* value = find_member(*object_, name);
        if (value == nullptr) {
            return false;
        }
        if (!value->is_bool()) {
            stop(ReportError::Kind::wrong_type, path_of(name));
        }
        return value->get_bool();
    }

    [[nodiscard]] double milliseconds(std::string_view name) const {
        const json::value& value = required(name);
        if (!value.is_number()) {
            stop(ReportError::Kind::wrong_type, path_of(name));
        }
        const double number = value.to_number<double>();
        if (!std::isfinite(number) || number < 0 || number > bounds::kReportMilliseconds) {
            stop(ReportError::Kind::bad_value, path_of(name));
        }
        return number;
    }

    [[nodiscard]] std::optional<int> optional_integer(std::string_view name, int smallest) const {
        const json::value* value = find_member(*object_, name);
        if (value == nullptr || value->is_null()) {
            return std::nullopt;
        }
        if (!value->is_int64()) {
            stop(ReportError::Kind::wrong_type, path_of(name));
        }
        if (value->get_int64() < smallest || value->get_int64() > std::numeric_limits<int>::max()) {
            stop(ReportError::Kind::bad_value, path_of(name));
        }
        return static_cast<int>(value->get_int64());
    }

    [[nodiscard]] json::object object(std::string_view name) const {
        const json::value& value = required(name);
        if (!value.is_object()) {
            stop(ReportError::Kind::wrong_type, path_of(name));
        }
        return cleaned(value).get_object();
    }

    [[nodiscard]] json::object optional_object(std::string_view name) const {
        return object_->contains(name) ? object(name) : json::object();
    }

    [[nodiscard]] const json::array& array(std::string_view name, std::size_t limit) const {
        const json::value& value = required(name);
        if (!value.is_array()) {
            stop(ReportError::Kind::wrong_type, path_of(name));
        }
        if (value.get_array().size() > limit) {
            stop(ReportError::Kind::bad_value, path_of(name));
        }
        return value.get_array();
    }

    [[nodiscard]] Node child(std::string_view name) const { return Node(required(name), path_of(name)); }

    [[nodiscard]] Node element(std::string_view name, const json::array& array, std::size_t index) const {
        return Node(array[index], path_of(name) + "[" + std::to_string(index) + "]");
    }

    template <typename T>
    [[nodiscard]] T enumerated(std::string_view name, std::optional<T> (*from_name)(std::string_view)) const {
        const auto value = from_name(text(name));
        if (!value) {
            stop(ReportError::Kind::bad_value, path_of(name));
        }
        return *value;
    }

private:
    std::string path_;
    const json::object* object_;
};

Evidence read_evidence(const Node& node) {
    Evidence evidence;
    evidence.id = node.text("id");
    evidence.value = node.text("value", true);
    evidence.file = node.optional_text("file");
    evidence.line = node.optional_integer("line", 1);
    return evidence;
}

Finding read_finding(const Node& node) {
    const auto code = cause_from_code(node.text("code"));
    if (!code) {
        stop(ReportError::Kind::unknown_code, node.path_of("code"));
    }
    Finding finding(*code, node.enumerated("severity", severity_from_name));
    finding.args = node.object("args");
    finding.key_source = node.optional_text("key_source");
    finding.inferred = node.optional_flag("inferred");
    finding.repair = node.optional_text("repair") == repair_name(Repair::run) ? Repair::run : Repair::manual;
    const json::array& evidence = node.array("evidence", bounds::kReportItems);
    for (std::size_t index = 0; index < evidence.size(); ++index) {
        finding.evidence.push_back(read_evidence(node.element("evidence", evidence, index)));
    }
    return finding;
}

// Without an id the text as it was written has to do; it names no catalog entry and is shown as it stands.
Message read_summary(const Node& node) {
    std::string id = node.optional_text("summary_id");
    if (id.empty()) {
        return Message(node.text("summary"));
    }
    return Message(std::move(id), node.optional_object("summary_args"));
}

CheckResult read_check(const Node& node) {
    CheckResult check;
    check.id = node.text("id");
    check.status = node.enumerated("status", status_from_name);
    check.started_ms = node.milliseconds("started_ms");
    check.duration_ms = node.milliseconds("duration_ms");
    check.summary = read_summary(node);
    check.skip_reason = node.optional_text("skip_reason");
    if ((check.status == Status::skip) == check.skip_reason.empty()) {
        stop(ReportError::Kind::bad_value, node.path_of("skip_reason"));
    }
    check.incomplete = node.optional_flag("incomplete");
    const json::array& findings = node.array("findings", bounds::kReportItems);
    for (std::size_t index = 0; index < findings.size(); ++index) {
        check.findings.push_back(read_finding(node.element("findings", findings, index)));
    }
    check.facts = node.object("facts");
    return check;
}

MaskedKey read_key(const Node& node) {
    MaskedKey key;
    key.masked = node.text("masked");
    key.length = static_cast<std::size_t>(node.optional_integer("length", 0).value_or(0));
    key.sha256_8 = node.optional_text("sha256_8");
    key.source = node.text("source");
    return key;
}

// Absent in the reports of earlier versions.
RunCircumstances read_circumstances(const Node& node) {
    RunCircumstances circumstances;
    if (!node.required("as_node").is_null()) {
        circumstances.as_node = node.optional_flag("as_node");
    }
    circumstances.service_line = node.optional_text("line");
    circumstances.demo = node.optional_flag("demo");
    for (const json::value& id : node.array("selected", bounds::kReportChecks)) {
        if (!id.is_string()) {
            stop(ReportError::Kind::wrong_type, node.path_of("selected"));
        }
        circumstances.selected.push_back(cleaned(id.get_string(), false));
    }
    return circumstances;
}

Subject read_subject(const Node& node) {
    Subject subject;
    subject.comfyui_dir = node.optional_text("comfyui_dir");
    subject.comfyui_url = node.optional_text("comfyui_url");
    subject.comfyui_version = node.optional_text("comfyui_version");
    subject.plugin_dir = node.optional_text("plugin_dir");
    subject.plugin_version = node.optional_text("plugin_version");
    subject.plugin_family = node.optional_text("plugin_family");
    subject.config_file = node.optional_text("config_file");
    subject.base_url = node.optional_text("base_url");
    subject.environment = node.optional_object("environment");
    subject.plugin = node.optional_object("plugin");
    subject.install_kind = node.optional_text("install_kind");
    if (!node.required("key_under_test").is_null()) {
        subject.key_under_test = read_key(node.child("key_under_test"));
    }
    if (node.contains("options")) {
        subject.circumstances = read_circumstances(node.child("options"));
    }
    return subject;
}

RepairMade read_repair(const Node& node) {
    RepairMade made;
    made.file = node.text("file");
    made.backup = node.optional_text("backup");
    for (const json::value& change : node.array("changes", bounds::kReportItems)) {
        if (!change.is_string()) {
            stop(ReportError::Kind::wrong_type, node.path_of("changes"));
        }
        made.changes.push_back(cleaned(change.get_string(), false));
    }
    return made;
}

Report read_report(const json::value& root) {
    if (!root.is_object() || !root.get_object().contains("schema") || !root.get_object().contains("checks")) {
        stop(ReportError::Kind::not_a_report, {});
    }
    const Node node(root, {});
    const json::value& schema = node.required("schema");
    if (!schema.is_int64()) {
        stop(ReportError::Kind::wrong_type, "schema");
    }
    if (schema.get_int64() != kSchema) {
        stop(ReportError::Kind::other_schema, "schema");
    }
    Report report;
    report.tool_version = node.child("tool").text("version");
    report.generated_at = node.text("generated_at");
    report.lang = node.text("lang");
    report.exit_code = node.optional_integer("exit_code", 0).value_or(0);
    report.subject = read_subject(node.child("subject"));
    const json::array& checks = node.array("checks", bounds::kReportChecks);
    for (std::size_t index = 0; index < checks.size(); ++index) {
        const Node element = node.element("checks", checks, index);
        CheckResult check = read_check(element);
        const bool repeated = std::any_of(report.checks.begin(), report.checks.end(),
                                          [&](const CheckResult& other) { return other.id == check.id; });
        if (repeated) {
            stop(ReportError::Kind::bad_value, element.path_of("id"));
        }
        report.checks.push_back(std::move(check));
    }
    if (node.contains("repairs")) {
        const json::array& repairs = node.array("repairs", bounds::kReportItems);
        for (std::size_t index = 0; index < repairs.size(); ++index) {
            report.repairs.push_back(read_repair(node.element("repairs", repairs, index)));
        }
    }
    return report;
}

std::string_view kind_name(ReportError::Kind kind) {
    switch (kind) {
        case ReportError::Kind::too_large: return "too-large";
        case ReportError::Kind::not_json: return "not-json";
        case ReportError::Kind::not_a_report: return "not-a-report";
        case ReportError::Kind::other_schema: return "other-schema";
        case ReportError::Kind::missing_member: return "missing-member";
        case ReportError::Kind::wrong_type: return "wrong-type";
        case ReportError::Kind::bad_value: return "bad-value";
        case ReportError::Kind::unknown_code: return "unknown-code";
        case ReportError::Kind::no_data: return "no-data";
        case ReportError::Kind::data_cut: return "data-cut";
        case ReportError::Kind::data_changed: return "data-changed";
    }
    return "not-json";
}

}  // namespace

Message message_of(const ReportError& error) {
    return Message("report.read-error." + std::string(kind_name(error.kind)), Arguments{{"path", error.path}});
}

std::variant<Report, ReportError> read_json(std::string_view text, const std::function<void(json::value&)>& prepare) {
    if (text.size() > bounds::kReportBytes) {
        return ReportError{ReportError::Kind::too_large, {}};
    }
    json::parse_options options;
    options.max_depth = bounds::kReportJsonDepth;
    boost::system::error_code failed;
    json::value root = json::parse(text, failed, {}, options);
    if (failed) {
        return ReportError{ReportError::Kind::not_json, {}};
    }
    if (prepare) {
        prepare(root);
    }
    try {
        return read_report(root);
    } catch (const Stop& stopped) {
        return stopped.error;
    }
}

}  // namespace banana
