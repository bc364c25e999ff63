#include "ticket_head.hpp"

#include "banana/cause.hpp"
#include "names.hpp"
#include "next_steps.hpp"
#include "report_sections.hpp"

#include <algorithm>
#include <boost/json/serialize.hpp>

namespace banana {
namespace {

namespace json = boost::json;
using sections::View;

constexpr std::string_view kDot = " · ";

// Parts with a dot between them; empty ones leave no trace.
class Parts {
public:
    void add(Inline part) {
        if (!part.empty()) {
            all_ = all_.empty() ? std::move(part) : std::move(all_) + text_span(std::string(kDot)) + std::move(part);
        }
    }
    void add(std::string part) {
        if (!part.empty()) {
            add(text_span(std::move(part)));
        }
    }
    Inline take() { return std::move(all_); }

private:
    Inline all_;
};

Inline verdict_line(const View& view) {
    const Diagnosis& diagnosis = view.report.diagnosis;
    const std::string mark = "mark.verdict." + std::string(verdict_name(diagnosis.verdict));
    Parts parts;
    parts.add(text_span(view.texts.text(mark) + " ") + strong_span(view.texts.text(diagnosis.narrative.headline)));
    if (diagnosis.primary) {
        parts.add(code_span(std::string(code_of(diagnosis.primary->finding.code))));
        parts.add(view.texts.text("word.confidence." + std::string(confidence_name(diagnosis.primary->confidence))));
    }
    return parts.take();
}

// The lines that a first step comes with, in one: a box that only says "change it to this" says nothing.
Inline given_lines(const std::vector<Inline>& lines) {
    constexpr std::size_t kShown = 3;
    Inline all;
    for (std::size_t index = 0; index < std::min(lines.size(), kShown); ++index) {
        all = std::move(all) + text_span(index == 0 ? " " : " ⏎ ") +
              code_span(plain(lines[index]).substr(kCommandIndent.size()));
    }
    return lines.size() > kShown ? std::move(all) + text_span(" ⏎ …") : all;
}

// The first step, with the lines that it comes with, and how many more there are.
Inline introduced_step(const View& view, const Finding& finding) {
    const std::vector<Inline> fix = view.texts.rich_lines(view.id_of(finding, "fix"), view.brief(finding.args));
    if (fix.empty()) {
        return {};
    }
    const auto is_command = [](const Inline& line) { return plain(line).starts_with(kCommandIndent); };
    Inline step = fix.front();
    const auto lines_end = std::find_if_not(fix.begin() + 1, fix.end(), is_command);
    step = std::move(step) + given_lines(std::vector<Inline>(fix.begin() + 1, lines_end));
    const auto steps = std::count_if(fix.begin(), fix.end(), [&](const Inline& line) { return !is_command(line); });
    return steps > 1 ? std::move(step) + view.say("report.head.steps", Arguments{{"count", steps}}) : step;
}

Inline titles_of_others(const View& view) {
    Inline titles;
    for (const DiagnosedCause& cause : view.report.diagnosis.others) {
        titles = (titles.empty() ? Inline() : std::move(titles) + view.say("report.semicolon")) +
                 view.of(cause.finding, "title") + text_span(" ") + code_span(std::string(code_of(cause.finding.code)));
    }
    return titles;
}

// Every link that was looked at, in the order in which a query passes them.
Inline chain_line(const View& view) {
    static constexpr std::string_view kLinks[] = {
        check_id::install_plugin,     check_id::startup_log, check_id::local_server, check_id::route_registration,
        check_id::frontend_extension, check_id::config_key,  check_id::upstream_api, check_id::proxy_round_trip};
    std::string chain;
    for (const std::string_view link : kLinks) {
        const CheckResult* check = find_check(view.checks(), link);
        if (check == nullptr || check->skip_reason == skip_reason::not_selected) {
            continue;
        }
        // What the loader said is no link, but where it failed the chain breaks there.
        if (link == check_id::startup_log && check->status != Status::fail) {
            continue;
        }
        chain += (chain.empty() ? "" : " → ") + check_name(check->id, view.texts) + " " +
                 view.texts.text("mark." + std::string(status_name(check->status)));
    }
    return chain.empty() ? Inline() : text_span(chain);
}

std::string displayable_member(const json::object& object, std::string_view name) {
    return one_line(text_member(object, name));
}

std::string named(std::string name, const std::string& value) {
    return value.empty() ? std::string() : std::move(name) + " " + value;
}

// "none", or the address with where the setting comes from.
Inline proxy_part(const View& view) {
    const json::object* proxies = object_member(view.report.subject.environment, "proxies");
    if (proxies == nullptr) {
        return {};
    }
    const std::string https = displayable_member(*proxies, "https");
    return https.empty() ? view.say("report.head.no-proxy")
                         : view.say("report.head.proxy", Arguments{{"proxy", https}});
}

Inline environment_line(const View& view) {
    const Subject& subject = view.report.subject;
    const std::string python = displayable_member(subject.environment, "python");
    const std::string trust = displayable_member(subject.environment, "trust");
    Parts parts;
    parts.add(displayable_member(subject.environment, "os"));
    parts.add(named("ComfyUI", one_line(subject.comfyui_version)));
    if (const std::string kind = "word.install-kind." + subject.install_kind; view.texts.has(kind)) {
        parts.add(view.say(kind));
    }
    parts.add(named("Python", python.substr(0, python.find(' '))));
    if (!subject.plugin_family.empty() || !subject.plugin_version.empty()) {
        const std::string version = one_line(subject.plugin_family + " " + subject.plugin_version);
        const bool is_newer = if_flag(find_member(subject.plugin, {"version", "newer_than_known"})).value_or(false);
        parts.add(
            view.say(is_newer ? "report.head.plugin.newer" : "report.head.plugin", Arguments{{"version", version}}));
    }
    parts.add(proxy_part(view));
    if (!trust.empty()) {
        parts.add(view.say("report.head.trust", Arguments{{"trust", trust.substr(0, trust.find(": "))}}));
    }
    return parts.take();
}

std::string host_of(std::string_view url) {
    const std::size_t scheme = url.find("://");
    url.remove_prefix(scheme == std::string_view::npos ? 0 : scheme + 3);
    return std::string(url.substr(0, url.find_first_of("/?#")));
}

Inline amount_part(const View& view) {
    const std::string shown = amount_shown(view.report);
    if (!shown.empty()) {
        return text_span(shown);
    }
    const json::object* balance = sections::tested_balance(view);
    const json::value* available = balance != nullptr ? find_member(*balance, "total_available") : nullptr;
    return available != nullptr && available->is_number()
               ? view.say("report.head.raw-amount", Arguments{{"available", *available}})
               : Inline();
}

Inline upstream_summary(const View& view) {
    Parts parts;
    const std::string host = host_of(view.report.subject.base_url);
    const json::value* status = find_fact(view.checks(), check_id::upstream_api, {"http_status"});
    const bool is_known = flag_fact(view.checks(), check_id::upstream_api, {"host_known"}).value_or(true);
    if (!is_known) {
        parts.add(view.say("report.head.host-unknown"));
    } else if (!host.empty()) {
        parts.add(code_span(one_line(host)));
    }
    if (is_known && status != nullptr && status->is_number()) {
        parts.add("HTTP " + json::serialize(*status));
    }
    parts.add(amount_part(view));
    if (const auto& key = view.report.subject.key_under_test) {
        const Arguments args{{"key", key->masked}, {"length", key->length}, {"source", key->source}};
        parts.add(view.say("report.head.key", args));
    } else {
        parts.add(view.say("report.head.no-key"));
    }
    return parts.take();
}

}  // namespace

std::string amount_shown(const Report& report) {
    const json::array* lines = if_array(find_fact(report.checks, check_id::proxy_round_trip, {"summary_lines"}));
    if (lines == nullptr || !report.diagnosis.narrative.is_amount_of_key) {
        return {};
    }
    std::string all;
    for (const json::value& line : *lines) {
        // The first says when it was asked.
        if (line.is_string() && &line != &lines->front()) {
            all += (all.empty() ? "" : std::string(kDot)) + one_line(std::string_view(line.get_string()));
        }
    }
    return all;
}

std::vector<HeadLine> ticket_head(const Report& report, const Catalog& texts) {
    const View view{report, texts};
    const Diagnosis& diagnosis = report.diagnosis;
    std::vector<HeadLine> head;
    const auto add = [&](std::string_view label, Inline text) {
        if (!text.empty()) {
            head.push_back({label.empty() ? std::string() : texts.text(label), std::move(text)});
        }
    };
    add("", verdict_line(view));
    if (diagnosis.primary) {
        add("report.box.cause", view.of(diagnosis.primary->finding, "message"));
        add("report.box.now", introduced_step(view, diagnosis.primary->finding));
        add("report.box.others", titles_of_others(view));
    } else {
        add("report.box.now", texts.rich(what_next(report, texts)));
        add("report.box.warnings", titles_of_others(view));
    }
    add("report.head.chain", chain_line(view));
    add("report.head.environment", environment_line(view));
    add("report.head.service", upstream_summary(view));
    const Arguments tool{{"version", report.tool_version}, {"time", sections::readable_time(report.generated_at)}};
    add("report.head.tool", view.say("report.head.tool-and-time", tool));
    return head;
}

std::string ticket_head_text(const Report& report, const Catalog& texts) {
    std::string all;
    for (const HeadLine& line : ticket_head(report, texts)) {
        all += (line.label.empty() ? "" : line.label + texts.text("report.colon")) + one_line(plain(line.text)) + "\n";
    }
    return all;
}

}  // namespace banana
