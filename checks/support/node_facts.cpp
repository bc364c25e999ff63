#include "node_facts.hpp"

#include "banana/bounds.hpp"
#include "banana/json_member.hpp"
#include "comfyui_api.hpp"
#include "http_client.hpp"
#include "known_families.hpp"
#include "plugin_source.hpp"
#include "text.hpp"

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <functional>
#include <span>
#include <string_view>
#include <vector>

namespace banana {
namespace {

namespace json = boost::json;

constexpr std::array<std::string_view, 3> kKnownClasses{"BananaImageNodeV3", "BananaImageNodeV2", kNodeClass};
constexpr std::array<std::string_view, 3> kLineInputs{"route", "线路", "line"};
constexpr std::array<std::string_view, 2> kAddressInputs{"api_base_url", "base_url"};

bool is_one_of(std::string_view name, std::span<const std::string_view> names) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

std::string displayable_label(std::string_view label) {
    return sanitize(label, Lines::single, bounds::kLineNameTextBytes);
}

// `[type, {settings}]`; null without any.
const json::object* settings_of(const json::array& description) {
    return description.size() > 1 ? description[1].if_object() : nullptr;
}

// The text that the box shows first; none without one.
std::optional<std::string> default_text(const json::array& description) {
    const json::object* settings = settings_of(description);
    const json::string* chosen = settings != nullptr ? string_member(*settings, "default") : nullptr;
    return chosen != nullptr ? std::optional(displayable_label(*chosen)) : std::nullopt;
}

// `[[choices], {settings}]`, or `["COMBO", {"options": [choices]}]` as newer nodes are described.
const json::array* choices_of(const json::array& description) {
    if (description.empty()) {
        return nullptr;
    }
    if (const json::array* choices = description.front().if_array()) {
        return choices;
    }
    const json::object* settings = settings_of(description);
    return settings != nullptr ? array_member(*settings, "options") : nullptr;
}

bool names_a_line(const std::vector<std::string>& labels) {
    const auto known = [](const std::string& label) {
        return std::any_of(service_lines().begin(), service_lines().end(),
                           [&](const ServiceLine& line) { return label.starts_with(line.name); });
    };
    return std::any_of(labels.begin(), labels.end(), known);
}

void read_input(std::string_view name, const json::array& description, NodeFacts& node) {
    node.inputs.emplace_back(sanitize(name, Lines::single, bounds::kLineNameTextBytes));
    if (is_one_of(name, kAddressInputs)) {
        node.base_url = default_text(description);
    }
    const json::array* choices = choices_of(description);
    if (choices == nullptr || !node.service_lines.empty()) {
        return;
    }
    std::vector<std::string> labels;
    for (const json::value& choice : *choices) {
        if (choice.is_string() && labels.size() < bounds::kLinesOffered) {
            labels.push_back(displayable_label(choice.get_string()));
        }
    }
    if (labels.empty() || (!is_one_of(name, kLineInputs) && !names_a_line(labels))) {
        return;
    }
    node.default_service_line = default_text(description).value_or(labels.front());
    node.service_lines = std::move(labels);
}

// "custom_nodes.<folder>", as ComfyUI says where a class comes from.
std::string folder_of_class(const json::object& description) {
    constexpr std::string_view kStart = "custom_nodes.";
    const std::string_view module = text_member(description, "python_module");
    return module.starts_with(kStart) ? std::string(module.substr(kStart.size())) : std::string();
}

NodeFacts read_node(std::string class_name, const json::object& description) {
    NodeFacts node;
    node.class_name = std::move(class_name);
    if (const json::string* name = string_member(description, "display_name")) {
        node.display_name = displayable_label(*name);
    }
    node.folder = folder_of_class(description);
    const json::object* groups = object_member(description, "input");
    for (const std::string_view group : {std::string_view("required"), std::string_view("optional")}) {
        const json::object* fields = groups != nullptr ? object_member(*groups, group) : nullptr;
        if (fields == nullptr) {
            continue;
        }
        for (const auto& field : *fields) {
            if (const json::array* description_of_field = field.value().if_array()) {
                read_input(field.key(), *description_of_field, node);
            }
        }
    }
    return node;
}

std::vector<std::string> classes_to_ask(const RunContext& context) {
    std::vector<std::string> classes;
    if (context.found.install) {
        classes = context.found.install->script_classes;
    }
    for (const std::string_view name : kKnownClasses) {
        if (std::find(classes.begin(), classes.end(), name) == classes.end()) {
            classes.emplace_back(name);
        }
    }
    return classes;
}

}  // namespace

const NodeFacts* node_of_examined_plugin(const RunContext& context) {
    const bool other = context.found.server && context.found.server->is_examined_install == false;
    return context.found.node && !other ? &*context.found.node : nullptr;
}

boost::asio::awaitable<NodeLookup> look_up_node(RunContext& context, std::string base_url) {
    NodeLookup lookup;
    const std::vector<std::string> classes = classes_to_ask(context);
    // The upstream is asked next, by https unless the user says otherwise.
    const bool expects_tls = !context.options.base_url.starts_with("http:");
    const std::function<void()> meanwhile = expects_tls ? &HttpClient::prepare_tls : nullptr;
    for (const std::string& name : classes) {
        const std::optional<json::object> description = co_await node_class(context, base_url, name, meanwhile);
        if (!description) {
            break;
        }
        lookup.is_described = true;
        if (!description->empty()) {
            lookup.node = read_node(name, *description);
            break;
        }
    }
    co_return lookup;
}

boost::asio::awaitable<std::vector<std::string>> folders_of_loaded_classes(RunContext& context, std::string base_url) {
    std::vector<std::string> folders;
    const std::vector<std::string> classes = classes_to_ask(context);
    for (const std::string& name : classes) {
        const std::optional<json::object> description = co_await node_class(context, base_url, name);
        std::string folder =
            description && !description->empty() ? read_node(name, *description).folder : std::string();
        if (!folder.empty() && std::find(folders.begin(), folders.end(), folder) == folders.end()) {
            folders.push_back(std::move(folder));
        }
    }
    co_return folders;
}

}  // namespace banana
