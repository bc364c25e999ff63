#include "names.hpp"
#include "report_sections.hpp"
#include "ticket_head.hpp"

#include <algorithm>
#include <boost/json/serialize.hpp>

namespace banana::sections {
namespace {

namespace json = boost::json;

// The figures as the upstream orders them, in its own envelope.
std::string balance_json(const json::object& balance) {
    std::string members;
    for (const std::string_view name :
         {"expires_at", "total_available", "total_granted", "total_used", "unlimited_quota"}) {
        const json::value* value = find_member(balance, name);
        if (value == nullptr || value->is_null()) {
            continue;
        }
        members += (members.empty() ? "    \"" : ",\n    \"") + std::string(name) +
                   "\": " + (value->is_double() ? number_text(value->get_double()) : json::serialize(*value));
    }
    return "{\n  \"data\": {\n" + members + "\n  }\n}";
}

std::string_view state_id(const CheckResult* check) {
    if (check == nullptr || check->status == Status::skip) {
        return "word.state.skip";
    }
    if (check->status == Status::fail) {
        return "word.state.fail";
    }
    return check->incomplete ? "word.state.open" : "word.state.pass";
}

// Numbered as they are shown: a query that could not be tried leaves no gap.
Block numbered_heading(const View& view, int number, std::string_view id, std::string_view state) {
    return heading(3, view.say(id, Arguments{{"number", number}}) + strong_span(view.texts.text(std::string(state))));
}

// Of several keys one has its balance and another one has not.
bool is_of_one_key_only(const View& view) {
    const json::array* keys = if_array(find_fact(view.checks(), check_id::upstream_api, {"by_key"}));
    if (keys == nullptr) {
        return false;
    }
    const auto taken = std::count_if(keys->begin(), keys->end(), [](const json::value& entry) {
        return entry.is_object() && object_member(entry.get_object(), "balance") != nullptr;
    });
    return taken > 0 && taken < static_cast<std::ptrdiff_t>(keys->size());
}

void add_balance(const View& view, std::string title, const json::object& balance, Blocks& blocks) {
    blocks.push_back(paragraph(strong_span(std::move(title)) + view.say("report.colon")));
    blocks.push_back(code_block("json", balance_json(balance)));
}

// With two keys tried, whose balance it is.
std::string balance_title(const View& view) {
    const auto& tested = view.report.subject.key_under_test;
    const bool several = find_fact(view.checks(), check_id::upstream_api, {"by_key"}) != nullptr;
    return tested && several ? view.texts.text("report.other-balance", Arguments{{"key_source", tested->source}})
                             : view.texts.text("report.actual-balance");
}

// What the direct query returned for another key than the one under test.
void add_other_balances(const View& view, Blocks& blocks) {
    const json::array* keys = if_array(find_fact(view.checks(), check_id::upstream_api, {"by_key"}));
    const auto& tested = view.report.subject.key_under_test;
    if (!tested || keys == nullptr) {
        return;
    }
    for (const json::value& entry : *keys) {
        const json::object* fields = entry.if_object();
        if (fields == nullptr || balance_of(*fields) == nullptr || key_source_of(*fields) == tested->source) {
            continue;
        }
        const Arguments args{{"key_source", key_source_of(*fields)}};
        add_balance(view, view.texts.text("report.other-balance", args), *balance_of(*fields), blocks);
    }
}

void add_items(std::vector<Inline> items, Blocks& blocks) {
    if (!items.empty()) {
        blocks.push_back(bullet_list(std::move(items)));
    }
}

// What is no fault and yet misleads whoever does not know it.
void add_notes(const View& view, std::vector<Inline>& items) {
    const json::object* balance = tested_balance(view);
    if (balance != nullptr && flag_member(*balance, "unlimited_quota").value_or(false)) {
        items.push_back(view.say("report.note.unlimited"));
    }
    if (view.report.subject.circumstances.as_node.value_or(false)) {
        items.push_back(view.say("report.note.key-in-workflow"));
    }
}

void add_upstream(const View& view, int number, Blocks& blocks) {
    const CheckResult* check = find_check(view.checks(), check_id::upstream_api);
    blocks.push_back(numbered_heading(view, number, "report.results.upstream",
                                      is_of_one_key_only(view) ? "word.state.one-key" : state_id(check)));
    std::vector<Inline> items;
    const std::string_view url = text_fact(view.checks(), check_id::upstream_api, {"url"});
    const std::string shown(url.empty() ? std::string_view(view.report.subject.base_url) : url);
    if (!shown.empty()) {
        const bool is_known = flag_fact(view.checks(), check_id::upstream_api, {"host_known"}).value_or(true);
        items.push_back(labelled(view, is_known ? "report.endpoint" : "report.endpoint.guessed", code_span(shown)));
    }
    const std::string_view plugins = text_fact(view.checks(), check_id::upstream_api, {"plugin_asks"});
    if (!plugins.empty()) {
        items.push_back(labelled(view, "report.endpoint.given", code_span(std::string(plugins))));
    }
    const std::string_view address_kind = text_fact(view.checks(), check_id::upstream_api, {"address_kind"});
    if (view.texts.has("report.address." + std::string(address_kind))) {
        items.push_back(labelled(view, "report.address", view.say("report.address." + std::string(address_kind))));
    }
    add_notes(view, items);
    add_items(std::move(items), blocks);
    const json::object* balance = tested_balance(view);
    if (balance != nullptr && amount_shown(view.report).empty()) {  // else the plugin's own words say it below
        add_balance(view, balance_title(view), *balance, blocks);
    }
    add_other_balances(view, blocks);
}

void add_round_trip(const View& view, int number, Blocks& blocks) {
    const CheckResult* check = find_check(view.checks(), check_id::proxy_round_trip);
    blocks.push_back(numbered_heading(view, number, "report.results.route", state_id(check)));
    std::vector<Inline> items;
    const std::string_view url = text_fact(view.checks(), check_id::proxy_round_trip, {"url"});
    if (!url.empty()) {
        items.push_back(labelled(view, "report.asked", code_span(std::string(url))));
    }
    const std::string_view message = text_fact(view.checks(), check_id::proxy_round_trip, {"message"});
    if (!message.empty()) {
        items.push_back(labelled(view, "report.plugin-message", code_span(std::string(message))));
    }
    add_items(std::move(items), blocks);
    const json::array* lines = if_array(find_fact(view.checks(), check_id::proxy_round_trip, {"summary_lines"}));
    std::string summary;
    for (std::size_t index = 0; lines != nullptr && index < lines->size(); ++index) {
        const json::string* line = (*lines)[index].if_string();
        summary += line != nullptr ? std::string(*line) + "\n" : std::string();
    }
    if (!summary.empty()) {
        blocks.push_back(paragraph(strong_span(view.texts.text("report.node-shows")) + view.say("report.colon")));
        blocks.push_back(code_block("", summary));
    }
}

// Rows for what ran; experiments that nobody asked for stay out.
Block checks_table(const View& view) {
    Table table;
    table.header = {view.say("report.table.check"), view.say("report.table.status"), view.say("report.table.summary")};
    for (const CheckResult& check : view.report.checks) {
        if (check.skip_reason == skip_reason::not_selected) {
            continue;
        }
        const std::string status(status_name(check.status));
        const Inline mark =
            text_span(view.texts.text("mark." + status) + " " + view.texts.text("word.status." + status));
        table.rows.push_back({text_span(check_name(check.id, view.texts)), mark, view.texts.rich(check.summary)});
    }
    return Block(std::move(table));
}

Block timeline(const View& view) {
    Timeline drawing;
    drawing.title = view.texts.text("report.timeline");
    drawing.phases_title = view.texts.text("report.phases");
    for (const CheckResult& check : view.report.checks) {
        if (check.skip_reason != skip_reason::not_selected) {
            drawing.bars.push_back({check_name(check.id, view.texts), std::string(status_name(check.status)),
                                    check.started_ms, check.duration_ms});
        }
    }
    double start = 0;
    for (const std::string_view phase : {"dns", "tcp", "tls", "first_byte"}) {
        const auto duration = if_number(find_fact(view.checks(), check_id::upstream_api, {"phases_ms", phase}));
        if (duration) {
            drawing.phases.push_back({view.texts.text("word.phase." + std::string(phase)), "", start, *duration});
            start += *duration;
        }
    }
    return Block(std::move(drawing));
}

}  // namespace

Blocks test_results(const View& view) {
    Blocks blocks;
    blocks.push_back(heading(2, view.say("report.results.heading")));
    // A query that could not be tried has its line in the table.
    int number = 1;
    if (find_answered(view.checks(), check_id::upstream_api) != nullptr) {
        add_upstream(view, number++, blocks);
    }
    if (find_answered(view.checks(), check_id::proxy_round_trip) != nullptr) {
        add_round_trip(view, number++, blocks);
    }
    blocks.push_back(heading(3, view.say("report.results.checks", Arguments{{"number", number}})));
    blocks.push_back(checks_table(view));
    blocks.push_back(timeline(view));
    return blocks;
}

}  // namespace banana::sections
