#include "report_sections.hpp"

#include <algorithm>
#include <boost/json/serialize.hpp>

namespace banana::sections {
namespace {

namespace json = boost::json;

constexpr std::size_t kLineShown = 56;  // columns of a source line

// One place in the plugin's own source; empty when it was not found.
struct Landmark {
    std::string file, text;
    std::string line;
    [[nodiscard]] bool known() const { return !file.empty(); }
};

Landmark landmark(const View& view, std::string_view name) {
    const json::value* value = find_fact(view.checks(), check_id::install_plugin, {"landmarks", name});
    Landmark found;
    if (value == nullptr || !value->is_object()) {
        return found;
    }
    const json::value* file = find_member(value->get_object(), {"file"});
    const json::value* line = find_member(value->get_object(), {"line"});
    const json::value* text = find_member(value->get_object(), {"text"});
    if (file == nullptr || line == nullptr || !file->is_string() || !line->is_number()) {
        return found;
    }
    found.file = one_line(std::string_view(file->get_string()));
    found.line = json::serialize(*line);
    if (text != nullptr && text->is_string()) {
        found.text = one_line(std::string_view(text->get_string()));
    }
    return found;
}

}  // namespace

std::string shortened(std::string text) {
    if (text.size() <= kLineShown) {
        return text;
    }
    std::size_t end = kLineShown;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0u) == 0x80u) {
        --end;
    }
    return text.substr(0, end) + "…";
}

namespace {

// A flow as the source document draws it: a line a step, an arrow between them.
class Flow {
public:
    explicit Flow(const View& view) : view_(view) {}

    // A step at a landmark; left out when the source does not have it.
    void step(std::string_view name, std::string_view what, bool broken = false) {
        const Landmark found = landmark(view_, name);
        if (!found.known()) {
            return;
        }
        ++quoted_;
        const Arguments args{{"file", found.file}, {"line", found.line}};
        add(shortened(found.text) + "  " + view_.texts.text("flow.at", args), what, broken);
    }

    void plain_step(std::string_view what) { add({}, what, false); }

    void branch(std::string_view name, std::string_view what, bool last) {
        const Landmark found = landmark(view_, name);
        std::string text = std::string(last ? "  └─ " : "  ├─ ") + view_.texts.text(what);
        if (found.known()) {
            ++quoted_;
            const Arguments args{{"file", found.file}, {"line", found.line}};
            text += " " + shortened(found.text) + "  " + view_.texts.text("flow.at", args);
        }
        text_ += text + "\n";
    }

    [[nodiscard]] const std::string& text() const { return text_; }
    [[nodiscard]] int quoted() const { return quoted_; }

private:
    void add(const std::string& code, std::string_view what, bool broken) {
        if (!text_.empty()) {
            text_ += "  ↓\n";
        }
        const std::string words = view_.texts.text(what);
        text_ += code.empty() ? words : words + view_.texts.text("report.colon") + code;
        text_ += broken ? "  " + view_.texts.text("flow.broken") : std::string();
        text_ += "\n";
    }

    const View& view_;
    std::string text_;
    int quoted_ = 0;
};

std::string_view primary_area(const View& view) {
    const auto& primary = view.report.diagnosis.primary;
    return primary ? area_of(primary->finding.code) : std::string_view();
}

Flow registration_flow(const View& view) {
    const std::string_view area = primary_area(view);
    const bool broken = area == "install" || area == "route";
    Flow flow(view);
    flow.plain_step("flow.module-loads");
    flow.step("ensure-route-call", "flow.ensure-route", broken);
    flow.step("ensure-route-definition", "flow.ensure-route-definition");
    flow.plain_step("flow.server-instance");
    flow.branch("route-decorator", "flow.instance-there", false);
    flow.branch("retry-timer", "flow.instance-missing", true);
    return flow;
}

Flow query_flow(const View& view) {
    const std::string_view area = primary_area(view);
    Flow flow(view);
    flow.step("script-query", "flow.button");
    flow.step("script-request", "flow.request");
    flow.step("script-fetch", "flow.fetch", area == "local" || area == "frontend");
    flow.step("handler", "flow.handler", area == "route" || area == "install");
    flow.step("load-config", "flow.load-config", area == "config");
    flow.step("fetch-usage", "flow.fetch-usage", area == "upstream" || area == "system" || area == "proxy");
    flow.step("store-snapshot", "flow.store");
    flow.step("error-response", "flow.error-response");
    flow.step("script-error", "flow.script-error");
    return flow;
}

using State = SequenceDiagram::State;

enum Participant : std::size_t { page, server, plugin, config, upstream };

State seen(const View& view, std::string_view check_name) {
    const CheckResult* check = find_answered(view.checks(), check_name);
    if (check == nullptr) {
        return State::unknown;
    }
    return check->status == Status::fail ? State::fails : State::works;
}

// The step of the chain at which the primary cause lies; the number of steps when it cannot be told.
std::size_t broken_step(const View& view, const SequenceDiagram& diagram) {
    const auto& primary = view.report.diagnosis.primary;
    if (!primary) {
        return diagram.steps.size();
    }
    const Cause code = primary->finding.code;
    const std::string_view area = area_of(code);
    if (area == "local" || code == Cause::install_comfyui_not_found || code == Cause::install_plugin_duplicate) {
        return 0;
    }
    if (area == "install" || area == "route" || area == "frontend") {
        return 1;
    }
    if (area == "config" || code == Cause::proxy_no_key) {
        return 2;
    }
    const bool answered = find_fact(view.checks(), check_id::upstream_api, {"http_status"}) != nullptr &&
                          find_fact(view.checks(), check_id::upstream_api, {"http_status"})->is_number();
    return area == "upstream" && !answered ? 3 : 4;
}

bool has_effect(const DiagnosedCause& cause, Cause code) {
    return std::find(cause.effects.begin(), cause.effects.end(), code) != cause.effects.end();
}

void mark_states(const View& view, SequenceDiagram& diagram) {
    diagram.steps[0].state = seen(view, check_id::local_server);
    diagram.steps[1].state = seen(view, check_id::route_registration);
    diagram.steps[2].state = seen(view, check_id::config_key);
    diagram.steps[3].state = diagram.steps[4].state = seen(view, check_id::upstream_api);
    diagram.steps[5].state = seen(view, check_id::proxy_round_trip);
    const std::size_t broken = broken_step(view, diagram);
    if (broken >= diagram.steps.size()) {
        return;
    }
    const DiagnosedCause& primary = *view.report.diagnosis.primary;
    diagram.steps[broken].state = State::fails;
    diagram.steps[broken].note = plain(view.of(primary.finding, "title"));
    for (std::size_t index = broken + 1; index < diagram.steps.size(); ++index) {
        diagram.steps[index].state = State::not_reached;
    }
    const bool sent = has_effect(primary, Cause::proxy_key_rejected) && broken == 2;
    if (sent) {
        diagram.steps[3].state = State::works;
        diagram.steps[4].state = State::fails;
    }
    if (seen(view, check_id::proxy_round_trip) == State::fails) {
        diagram.steps[5].state = State::fails;
    }
}

}  // namespace

SequenceDiagram chain_diagram(const View& view) {
    SequenceDiagram diagram;
    for (const std::string_view name : {"page", "comfyui", "plugin", "config", "upstream"}) {
        diagram.participants.push_back(view.texts.text("chain.participant." + std::string(name)));
    }
    const auto add = [&](Participant from, Participant to, std::string_view id) {
        SequenceDiagram::Step step;
        step.from = from;
        step.to = to;
        step.label = view.texts.text(id);
        diagram.steps.push_back(std::move(step));
    };
    add(page, server, "chain.step.ask");
    add(server, plugin, "chain.step.route");
    add(plugin, config, "chain.step.read-key");
    add(plugin, upstream, "chain.step.query");
    add(upstream, plugin, "chain.step.answer");
    add(plugin, page, "chain.step.show");
    mark_states(view, diagram);
    return diagram;
}

Blocks code_analysis(const View& view) {
    const std::string_view area = primary_area(view);
    const bool of_route = area == "route";
    const bool of_query = area == "config" || area == "frontend" || area == "proxy";
    Blocks blocks;
    if (!of_route && !of_query) {
        return blocks;
    }
    const Flow flow = of_route ? registration_flow(view) : query_flow(view);
    if (flow.quoted() == 0) {
        return blocks;
    }
    blocks.push_back(heading(2, view.say("report.code.heading")));
    blocks.push_back(heading(3, view.say(of_route ? "report.code.registration" : "report.code.query")));
    blocks.push_back(code_block("", flow.text()));
    return blocks;
}

}  // namespace banana::sections
