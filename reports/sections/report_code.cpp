#include "report_sections.hpp"

#include "utf8.hpp"

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
    const json::object* members = if_object(find_fact(view.checks(), check_id::install_plugin, {"landmarks", name}));
    const json::string* file = members != nullptr ? string_member(*members, "file") : nullptr;
    const json::value* line = members != nullptr ? find_member(*members, "line") : nullptr;
    Landmark found;
    if (file == nullptr || line == nullptr || !line->is_number()) {
        return found;
    }
    found.file = one_line(*file);
    found.line = json::serialize(*line);
    found.text = one_line(text_member(*members, "text"));
    return found;
}

}  // namespace

std::string shortened(std::string text) {
    if (text.size() <= kLineShown) {
        return text;
    }
    return text.substr(0, utf8::boundary_before(text, kLineShown)) + "…";
}

namespace {

// A flow as the source document draws it: a line a step, an arrow between them.
class Flow {
public:
    explicit Flow(const View& view) : view_(view) {}

    // A step at a landmark; left out when the source does not have it.
    void step(std::string_view name, std::string_view what) {
        const Landmark found = landmark(view_, name);
        if (!found.known()) {
            return;
        }
        const bool broken = name == view_.report.diagnosis.narrative.broken_landmark;
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

Flow registration_flow(const View& view) {
    Flow flow(view);
    flow.plain_step("flow.module-loads");
    flow.step("ensure-route-call", "flow.ensure-route");
    flow.step("ensure-route-definition", "flow.ensure-route-definition");
    flow.plain_step("flow.server-instance");
    flow.branch("route-decorator", "flow.instance-there", false);
    flow.branch("retry-timer", "flow.instance-missing", true);
    return flow;
}

Flow query_flow(const View& view) {
    Flow flow(view);
    flow.step("script-query", "flow.button");
    flow.step("script-request", "flow.request");
    flow.step("script-fetch", "flow.fetch");
    flow.step("handler", "flow.handler");
    flow.step("load-config", "flow.load-config");
    flow.step("fetch-usage", "flow.fetch-usage");
    flow.step("store-snapshot", "flow.store");
    flow.step("error-response", "flow.error-response");
    flow.step("script-error", "flow.script-error");
    return flow;
}

using State = SequenceDiagram::State;

enum Participant : std::size_t { page, server, plugin, config, upstream };

State state_of(LinkState link) {
    switch (link) {
        case LinkState::works: return State::works;
        case LinkState::fails: return State::fails;
        case LinkState::not_reached: return State::not_reached;
        case LinkState::unknown: break;
    }
    return State::unknown;
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
    const Diagnosis& diagnosis = view.report.diagnosis;
    for (std::size_t index = 0; index < diagram.steps.size(); ++index) {
        diagram.steps[index].state = state_of(diagnosis.narrative.chain[index]);
    }
    if (const std::optional<Link> broken = diagnosis.narrative.broken_link) {
        diagram.steps[static_cast<std::size_t>(*broken)].note = plain(view.of(diagnosis.primary->finding, "title"));
    }
    return diagram;
}

Blocks code_analysis(const View& view) {
    const CodePath path = view.report.diagnosis.narrative.code_path;
    const bool of_route = path == CodePath::registration;
    Blocks blocks;
    if (path == CodePath::none) {
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
