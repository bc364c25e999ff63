#include "metrics.hpp"

#include "banana/ascii.hpp"
#include "banana/cause.hpp"
#include "banana/lookup.hpp"
#include "catalog.hpp"
#include "names.hpp"
#include "numbers.hpp"

#include <charconv>
#include <chrono>
#include <cmath>
#include <map>
#include <optional>
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
    return nearest_whole(value * 1e6) / 1e6;
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
    const boost::json::object* object = if_object(find_fact(report.checks, check_id::upstream_api, path));
    if (object == nullptr) {
        return {};
    }
    for (const auto& member : *object) {
        const std::string_view key = member.key();
        if (const auto number = if_number(&member.value()); number && key != kNoQuantity) {
            family.add({{label, key}}, rounded(*number / unit));
        }
    }
    return family.text();
}

// Seconds since 1970 of "2025-11-12T16:49:00+08:00"; none for another text.
std::optional<double> epoch_seconds(std::string_view text) {
    constexpr std::string_view kShape = "dddd-dd-ddTdd:dd:dd+dd:dd";
    if (text.size() != kShape.size()) {
        return std::nullopt;
    }
    for (std::size_t at = 0; at < text.size(); ++at) {
        const bool fits = kShape[at] == 'd'   ? is_digit(text[at])
                          : kShape[at] == '+' ? text[at] == '+' || text[at] == '-'
                                              : text[at] == kShape[at];
        if (!fits) {
            return std::nullopt;
        }
    }
    const auto number = [&](std::size_t at, std::size_t length) {
        int value = 0;
        std::from_chars(text.data() + at, text.data() + at + length, value);
        return value;
    };
    using namespace std::chrono;
    const year_month_day date(year(number(0, 4)), month(static_cast<unsigned>(number(5, 2))),
                              day(static_cast<unsigned>(number(8, 2))));
    if (!date.ok()) {
        return std::nullopt;
    }
    const seconds offset = hours(number(20, 2)) + minutes(number(23, 2));
    const seconds local =
        sys_days(date).time_since_epoch() + hours(number(11, 2)) + minutes(number(14, 2)) + seconds(number(17, 2));
    return static_cast<double>((text[19] == '-' ? local + offset : local - offset).count());
}

std::string last_run_family(const Report& report, const Catalog& texts) {
    Family family("last_run_timestamp_seconds", texts);
    if (const std::optional<double> time = epoch_seconds(report.generated_at)) {
        family.add({}, *time);
    }
    return family.text();
}

std::string certificate_family(const Report& report, const Catalog& texts) {
    Family family("certificate_expiry_timestamp_seconds", texts);
    const std::string_view end = text_fact(report.checks, check_id::upstream_api, {"tls", "not_after"});
    if (const std::optional<double> time = epoch_seconds(end)) {
        family.add({{"url", report.subject.base_url}}, *time);
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
              {"plugin_family", report.subject.plugin_family},
              {"plugin_version", report.subject.plugin_version},
              {"comfyui_version", report.subject.comfyui_version}},
             1);
    Family exit_code("exit_code", texts);
    exit_code.add({}, report.exit_code);
    return info.text() + last_run_family(report, texts) + verdict_family(report, texts) + exit_code.text() +
           check_families(report, texts) + finding_family(report, texts) + cause_family(report, texts) +
           number_family(report, texts, "balance_tokens", "kind", {"balance"}, 1) +
           number_family(report, texts, "upstream_phase_seconds", "phase", {"phases_ms"}, kMillisecondsPerSecond) +
           certificate_family(report, texts);
}

}  // namespace banana
