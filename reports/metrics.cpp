#include "metrics.hpp"

#include "banana/lookup.hpp"
#include "catalog.hpp"
#include "names.hpp"

#include <cmath>
#include <map>
#include <tuple>
#include <utility>
#include <vector>

namespace banana {
namespace {

using Labels = std::vector<std::pair<std::string_view, std::string_view>>;

// As the exposition format spells what is no number (Go's ParseFloat).
std::string sample_text(double value) {
    if (std::isnan(value)) {
        return "NaN";
    }
    return std::isinf(value) ? (value > 0 ? "+Inf" : "-Inf") : number_text(value);
}

// One metric family: its head once, then its samples.
class Family {
public:
    Family(std::string_view name, const Catalog& texts)
        : name_("banana_diag_" + std::string(name)),
          text_("# HELP " + name_ + " " + texts.text("metrics." + std::string(name)) + "\n# TYPE " + name_ +
                " gauge\n") {}

    void add(const Labels& labels, double value) {
        text_ += name_;
        char separator = '{';
        for (const auto& [name, label] : labels) {
            text_ += separator;
            text_ += std::string(name) + "=\"" + metrics::escape_label(label) + "\"";
            separator = ',';
        }
        text_ += (labels.empty() ? " " : "} ") + sample_text(value) + "\n";
        ++samples_;
    }

    // Nothing where there was no sample.
    [[nodiscard]] std::string text() const { return samples_ == 0 ? std::string() : text_; }

private:
    std::string name_;
    std::string text_;
    int samples_ = 0;
};

constexpr double kMillisecondsPerSecond = 1000;
constexpr std::string_view kNoQuantity = "expires_at";  // the one number of a balance that is a time

// Microseconds of a second: no digits that division by 1000 made up.
double rounded(double value) {
    return std::round(value * 1e6) / 1e6;
}

std::string verdict_family(const Report& report, const Catalog& texts) {
    Family family("verdict", texts);
    for (const Verdict verdict : {Verdict::healthy, Verdict::attention, Verdict::broken, Verdict::inconclusive}) {
        family.add({{"verdict", verdict_name(verdict)}}, report.diagnosis.verdict == verdict ? 1 : 0);
    }
    return family.text();
}

std::string check_families(const Report& report, const Catalog& texts) {
    Family status("check_status", texts);
    Family duration("check_duration_seconds", texts);
    for (const CheckResult& check : report.checks) {
        status.add({{"check", check.id}, {"status", status_name(check.status)}}, 1);
        if (check.status != Status::skip) {
            duration.add({{"check", check.id}}, rounded(check.duration_ms / kMillisecondsPerSecond));
        }
    }
    return status.text() + duration.text();
}

std::string finding_family(const Report& report, const Catalog& texts) {
    std::map<std::tuple<std::string, std::string_view, std::string_view>, int> counts;
    for (const CheckResult& check : report.checks) {
        for (const Finding& finding : check.findings) {
            ++counts[{check.id, code_of(finding.code), severity_name(finding.severity)}];
        }
    }
    Family family("findings", texts);
    for (const auto& [key, count] : counts) {
        family.add({{"check", std::get<0>(key)}, {"code", std::get<1>(key)}, {"severity", std::get<2>(key)}}, count);
    }
    return family.text();
}

std::string cause_family(const Report& report, const Catalog& texts) {
    Family family("cause", texts);
    const auto add = [&](const DiagnosedCause& cause, std::string_view role) {
        family.add(
            {{"code", code_of(cause.finding.code)}, {"role", role}, {"confidence", confidence_name(cause.confidence)}},
            1);
    };
    if (report.diagnosis.primary) {
        add(*report.diagnosis.primary, "primary");
    }
    for (const DiagnosedCause& cause : report.diagnosis.others) {
        add(cause, "other");
    }
    return family.text();
}

// The members of an object of numbers, each as a sample.
std::string number_family(const Report& report, const Catalog& texts, std::string_view name, std::string_view label,
                          std::initializer_list<std::string_view> path, double unit) {
    Family family(name, texts);
    const boost::json::value* object = find_fact(report.checks, check_id::upstream_api, path);
    if (object == nullptr || !object->is_object()) {
        return {};
    }
    for (const auto& member : object->get_object()) {
        const std::string_view key = member.key();
        if (member.value().is_number() && key != kNoQuantity) {
            family.add({{label, key}}, rounded(member.value().to_number<double>() / unit));
        }
    }
    return family.text();
}

std::string certificate_family(const Report& report, const Catalog& texts) {
    Family family("certificate_days_left", texts);
    const boost::json::value* days = find_fact(report.checks, check_id::upstream_api, {"tls", "days_left"});
    if (days != nullptr && days->is_number()) {
        family.add({{"url", report.subject.base_url}}, days->to_number<double>());
    }
    return family.text();
}

}  // namespace

namespace metrics {

std::string escape_label(std::string_view value) {
    std::string escaped;
    for (const char c : many_lines(value)) {
        switch (c) {
            case '\\': escaped += "\\\\"; break;
            case '"': escaped += "\\\""; break;
            case '\n': escaped += "\\n"; break;
            default: escaped += c;
        }
    }
    return escaped;
}

}  // namespace metrics

std::string write_metrics(const Report& report) {
    const Catalog& texts = catalog(report.lang);
    Family info("info", texts);
    info.add({{"version", report.tool_version},
              {"generated_at", report.generated_at},
              {"plugin_family", report.subject.plugin_family},
              {"plugin_version", report.subject.plugin_version},
              {"comfyui_version", report.subject.comfyui_version}},
             1);
    Family exit_code("exit_code", texts);
    exit_code.add({}, report.exit_code);
    return info.text() + verdict_family(report, texts) + exit_code.text() + check_families(report, texts) +
           finding_family(report, texts) + cause_family(report, texts) +
           number_family(report, texts, "balance_tokens", "kind", {"balance"}, 1) +
           number_family(report, texts, "upstream_phase_seconds", "phase", {"phases_ms"}, kMillisecondsPerSecond) +
           certificate_family(report, texts);
}

}  // namespace banana
