#include "plugin_profile.hpp"

#include "base_url.hpp"
#include "known_families.hpp"
#include "node_facts.hpp"
#include "redaction.hpp"

#include <algorithm>
#include <array>
#include <boost/json/array.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace banana {
namespace {

namespace json = boost::json;

std::string_view provenance_name(Provenance from) {
    switch (from) {
        case Provenance::observed: return "observed";
        case Provenance::source: return "source";
        case Provenance::known: break;
    }
    return "known";
}

void add_fact(json::object& profile, std::string_view name, std::string_view value, Provenance from) {
    profile[name] = json::object{{"value", value}, {"from", provenance_name(from)}};
}

bool is_of_another_install(const RunContext& context) {
    return context.found.server && context.found.server->is_examined_install == false;
}

// The page's scripts: as served, else as they lie on disk; null where neither shows anything.
std::pair<const PageTraits*, Provenance> page_of(const RunContext& context) {
    const auto shows = [](const PageTraits& page) { return !page.buttons.empty() || !page.key_boxes.empty(); };
    if (context.found.frontend && !is_of_another_install(context) && shows(context.found.frontend->page)) {
        return {&context.found.frontend->page, Provenance::observed};
    }
    const bool on_disk = context.found.install && shows(context.found.install->page);
    return {on_disk ? &context.found.install->page : nullptr, Provenance::source};
}

void add_node_name(const RunContext& context, json::object& profile) {
    const NodeFacts* node = node_of_examined_plugin(context);
    if (node != nullptr && !node->display_name.empty()) {
        add_fact(profile, "node", context.redactor.scrub(node->display_name), Provenance::observed);
    } else if (context.found.install && !context.found.install->node_name.empty()) {
        add_fact(profile, "node", context.redactor.scrub(context.found.install->node_name), Provenance::source);
    }
}

void add_key_box(const RunContext& context, json::object& profile) {
    static constexpr std::array<std::string_view, 2> kBoxes{"banana_api_key", "api_key"};
    const auto [page, page_from] = page_of(context);
    const NodeFacts* node = node_of_examined_plugin(context);
    const auto in = [](const std::vector<std::string>& names, std::string_view name) {
        return std::find(names.begin(), names.end(), name) != names.end();
    };
    for (const std::string_view box : kBoxes) {
        if (node != nullptr && in(node->inputs, box)) {
            add_fact(profile, "key_box", box, Provenance::observed);
            return;
        }
    }
    for (const std::string_view box : kBoxes) {
        if (page != nullptr && in(page->key_boxes, box)) {
            add_fact(profile, "key_box", box, page_from);
            return;
        }
    }
    const Family family = context.found.install ? context.found.install->family : Family::unknown;
    if (const std::string_view box = key_box_of(family); !box.empty() && node == nullptr) {
        add_fact(profile, "key_box", box, Provenance::known);
    }
}

void add_loader_header(const Install& install, json::object& profile) {
    if (!install.loader_header.empty()) {
        add_fact(profile, "loader_header", install.loader_header, Provenance::source);
    } else if (const std::string_view header = loader_header_of(install.family);
               !header.empty() && !is_newer_than_known(install.version)) {
        add_fact(profile, "loader_header", header, Provenance::known);
    }
}

}  // namespace

json::object plugin_profile(const RunContext& context) {
    json::object profile;
    const std::optional<Install>& install = context.found.install;
    if (install && !install->version.empty()) {
        add_fact(profile, "version", context.redactor.scrub(install->version), Provenance::source);
        profile["version"].as_object()["newer_than_known"] = is_newer_than_known(install->version);
    }
    const UpstreamTarget target = plugin_target(context);
    if (target.is_certain) {
        add_fact(profile, "base_url", context.redactor.scrub(target.base_url), target.from);
    }
    if (!target.service_line.empty() && (target.is_certain || target.service_line_from == Provenance::observed)) {
        add_fact(profile, "line", context.redactor.scrub(target.service_line), target.service_line_from);
    }
    add_node_name(context, profile);
    add_key_box(context, profile);
    const auto [page, from] = page_of(context);
    if (page != nullptr && !page->buttons.empty()) {
        json::array labels(page->buttons.begin(), page->buttons.end());
        profile["buttons"] = json::object{{"value", std::move(labels)}, {"from", provenance_name(from)}};
    }
    if (install) {
        add_loader_header(*install, profile);
        const bool served = context.found.frontend.has_value() && !is_of_another_install(context);
        const PageTraits& traits = served ? context.found.frontend->page : install->page;
        if (traits.has_task_center || install->page.has_task_center) {
            add_fact(profile, "key_elsewhere", "task-center", Provenance::source);
        } else if (traits.reads_key_of_workflow) {
            add_fact(profile, "key_elsewhere", "workflow", served ? Provenance::observed : Provenance::source);
        }
    }
    return profile;
}

}  // namespace banana
