#include "json.hpp"

#include "banana/cause.hpp"
#include "catalog.hpp"
#include "names.hpp"
#include "numbers.hpp"
#include "report_sections.hpp"
#include "utf8.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <cmath>

namespace banana {
namespace {

namespace json = boost::json;

constexpr std::size_t kIndentWidth = 2;

json::value text_or_null(const std::string& text) {
    return text.empty() ? json::value() : json::value(text);
}

// Microseconds are enough, and keep the digits few.
double to_microseconds(double milliseconds) {
    return nearest_whole(milliseconds * 1000) / 1000;
}

json::array lines(const std::vector<std::string>& all) {
    json::array array;
    for (const std::string& line : all) {
        array.emplace_back(line);
    }
    return array;
}

json::array texts_of(const std::vector<Message>& messages, const Catalog& texts) {
    json::array array;
    for (const Message& message : messages) {
        array.emplace_back(texts.text(message));
    }
    return array;
}

json::object evidence_object(const Evidence& evidence, const Catalog& texts) {
    json::object object;
    object["id"] = evidence.id;
    object["label"] = texts.text("evidence." + evidence.id);
    object["value"] = evidence.value;
    object["file"] = text_or_null(evidence.file);
    object["line"] = evidence.line ? json::value(*evidence.line) : json::value();
    return object;
}

json::array fix_lines(const Finding& finding, const Catalog& texts) {
    return lines(texts.text_lines(texts.cause_text_id(code_of(finding.code), "fix", finding.args), finding.args));
}

json::object finding_object(const Finding& finding, const Catalog& texts) {
    json::object object;
    object["code"] = code_of(finding.code);
    object["severity"] = severity_name(finding.severity);
    object["args"] = finding.args;
    object["key_source"] = text_or_null(finding.key_source);
    object["inferred"] = finding.inferred;
    object["repair"] = repair_name(finding.repair);
    object["message"] = texts.text(texts.cause_text_id(code_of(finding.code), "message", finding.args), finding.args);
    json::array evidence;
    for (const Evidence& item : finding.evidence) {
        evidence.emplace_back(evidence_object(item, texts));
    }
    object["evidence"] = std::move(evidence);
    object["fix"] = fix_lines(finding, texts);
    return object;
}

json::object check_object(const CheckResult& check, const Catalog& texts) {
    json::object object;
    object["id"] = check.id;
    object["status"] = status_name(check.status);
    object["started_ms"] = to_microseconds(check.started_ms);
    object["duration_ms"] = to_microseconds(check.duration_ms);
    object["summary"] = texts.text(check.summary);
    object["summary_id"] = check.summary.id;
    object["summary_args"] = check.summary.args;
    object["skip_reason"] = text_or_null(check.skip_reason);
    object["incomplete"] = check.incomplete;
    json::array findings;
    for (const Finding& finding : check.findings) {
        findings.emplace_back(finding_object(finding, texts));
    }
    object["findings"] = std::move(findings);
    object["facts"] = check.facts;
    return object;
}

json::object cause_object(const DiagnosedCause& cause, const Catalog& texts) {
    const std::string_view code = code_of(cause.finding.code);
    const Arguments& args = cause.finding.args;
    json::object object;
    object["code"] = code;
    object["confidence"] = confidence_name(cause.confidence);
    object["title"] = texts.text(texts.cause_text_id(code, "title", args), args);
    object["because"] = texts_of(cause.because, texts);
    object["leads_to"] = texts_of(cause.leads_to, texts);
    object["fix"] = fix_lines(cause.finding, texts);
    json::array alternatives;
    for (const Inline& alternative : sections::alternatives_of(cause, texts)) {
        alternatives.emplace_back(plain(alternative));
    }
    object["alternatives"] = std::move(alternatives);
    json::array effects;
    for (const Cause effect : cause.effects) {
        effects.emplace_back(code_of(effect));
    }
    object["effects"] = std::move(effects);
    object["skipped_checks"] = lines(cause.skipped);
    return object;
}

json::object key_object(const MaskedKey& key) {
    json::object object;
    object["masked"] = key.masked;
    object["length"] = key.length;
    object["sha256_8"] = text_or_null(key.sha256_8);
    object["source"] = key.source;
    return object;
}

json::object options_object(const RunCircumstances& circumstances) {
    json::object object;
    object["as_node"] = circumstances.as_node ? json::value(*circumstances.as_node) : json::value();
    object["line"] = text_or_null(circumstances.service_line);
    object["selected"] = lines(circumstances.selected);
    if (circumstances.demo) {
        object["demo"] = true;
    }
    return object;
}

json::object subject_object(const Subject& subject) {
    json::object object;
    object["comfyui_dir"] = text_or_null(subject.comfyui_dir);
    object["comfyui_url"] = text_or_null(subject.comfyui_url);
    object["comfyui_version"] = text_or_null(subject.comfyui_version);
    object["plugin_dir"] = text_or_null(subject.plugin_dir);
    object["plugin_version"] = text_or_null(subject.plugin_version);
    object["plugin_family"] = text_or_null(subject.plugin_family);
    object["config_file"] = text_or_null(subject.config_file);
    object["base_url"] = text_or_null(subject.base_url);
    object["environment"] = subject.environment;
    object["plugin"] = subject.plugin;
    object["install_kind"] = text_or_null(subject.install_kind);
    object["key_under_test"] =
        subject.key_under_test ? json::value(key_object(*subject.key_under_test)) : json::value();
    object["options"] = options_object(subject.circumstances);
    return object;
}

bool is_flat(const json::value& value) {
    if (const auto* object = value.if_object()) {
        return object->empty();
    }
    if (const auto* array = value.if_array()) {
        for (const json::value& item : *array) {
            if (item.is_structured()) {
                return false;
            }
        }
    }
    return true;
}

void print(const json::value& value, std::size_t indent, std::string& out);

void print_object(const json::object& object, std::size_t indent, std::string& out) {
    out += "{";
    bool first = true;
    for (const auto& member : object) {
        out += first ? "\n" : ",\n";
        first = false;
        out.append(indent + kIndentWidth, ' ');
        out += json::serialize(json::string(member.key()));
        out += ": ";
        print(member.value(), indent + kIndentWidth, out);
    }
    out += "\n";
    out.append(indent, ' ');
    out += "}";
}

void print_array(const json::array& array, std::size_t indent, std::string& out) {
    out += "[";
    bool first = true;
    for (const json::value& item : array) {
        out += first ? "\n" : ",\n";
        first = false;
        out.append(indent + kIndentWidth, ' ');
        print(item, indent + kIndentWidth, out);
    }
    out += "\n";
    out.append(indent, ' ');
    out += "]";
}

// 3 rather than 3E0: short numbers that every reader takes.
std::string shortest_number(double value) {
    return std::isfinite(value) ? number_text(value) : std::string("null");
}

void print(const json::value& value, std::size_t indent, std::string& out) {
    if (value.is_double()) {
        out += shortest_number(value.get_double());
    } else if (value.is_object() && !value.get_object().empty()) {
        print_object(value.get_object(), indent, out);
    } else if (value.is_array() && !is_flat(value)) {
        print_array(value.get_array(), indent, out);
    } else {
        out += json::serialize(value);
    }
}

json::object root_of(const Report& report) {
    const Catalog& texts = catalog(report.lang);
    json::object root;
    root["schema"] = kSchema;
    root["tool"] = json::object{{"name", "banana-diag"}, {"version", report.tool_version}};
    root["generated_at"] = report.generated_at;
    root["lang"] = report.lang;
    root["verdict"] = verdict_name(report.diagnosis.verdict);
    root["exit_code"] = report.exit_code;
    root["subject"] = subject_object(report.subject);
    json::array checks;
    for (const CheckResult& check : report.checks) {
        checks.emplace_back(check_object(check, texts));
    }
    root["checks"] = std::move(checks);
    json::object diagnosis;
    diagnosis["primary"] =
        report.diagnosis.primary ? json::value(cause_object(*report.diagnosis.primary, texts)) : json::value();
    json::array others;
    for (const DiagnosedCause& cause : report.diagnosis.others) {
        others.emplace_back(cause_object(cause, texts));
    }
    diagnosis["others"] = std::move(others);
    root["diagnosis"] = std::move(diagnosis);
    if (!report.repairs.empty()) {
        json::array repairs;
        for (const RepairMade& made : report.repairs) {
            repairs.push_back(json::object{{"file", made.file},
                                           {"backup", text_or_null(made.backup)},
                                           {"changes", json::array(made.changes.begin(), made.changes.end())}});
        }
        root["repairs"] = std::move(repairs);
    }
    return root;
}

void erase_all(json::array& items, std::initializer_list<std::string_view> names) {
    for (json::value& item : items) {
        for (const std::string_view name : names) {
            item.get_object().erase(name);
        }
    }
}

}  // namespace

std::string write_json(const Report& report) {
    std::string text;
    print(root_of(report), 0, text);
    text += '\n';
    return utf8::is_valid(text) ? text : utf8::repaired(text);
}

std::string write_json_data(const Report& report) {
    json::object root = root_of(report);
    root.erase("diagnosis");
    json::array& checks = root["checks"].get_array();
    for (json::value& check : checks) {
        json::array& findings = check.get_object()["findings"].get_array();
        for (json::value& finding : findings) {
            erase_all(finding.get_object()["evidence"].get_array(), {"label"});
        }
        erase_all(findings, {"message", "fix"});
        for (json::value& finding : findings) {
            // What is not said is for hands.
            json::object& object = finding.get_object();
            if (std::string_view(object["repair"].get_string()) == repair_name(Repair::manual)) {
                object.erase("repair");
            }
        }
        if (!check.get_object()["summary_id"].get_string().empty()) {
            check.get_object().erase("summary");
        }
    }
    const std::string text = json::serialize(root);
    return utf8::is_valid(text) ? text : utf8::repaired(text);
}

}  // namespace banana
