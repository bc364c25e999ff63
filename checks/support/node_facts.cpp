#include "node_facts.hpp"

#include "banana/bounds.hpp"
#include "comfyui_api.hpp"
#include "known_families.hpp"
#include "plugin_source.hpp"
#include "text.hpp"

#include <algorithm>
#include <array>
#include <boost/json.hpp>
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

std::string shown_label(const json::value& label) {
    return sanitize(std::string_view(label.get_string()), Lines::single, bounds::kLineNameTextBytes);
}

// `[type, {settings}]`: the text that the box shows first; none without one.
std::optional<std::string> default_text(const json::array& description) {
    const json::object* settings = description.size() > 1 ? description[1].if_object() : nullptr;
    const json::value* chosen = settings != nullptr ? settings->if_contains("default") : nullptr;
    return chosen != nullptr && chosen->is_string() ? std::optional(shown_label(*chosen)) : std::nullopt;
}

// `[[choices], {settings}]`, or `["COMBO", {"options": [choices]}]` as newer nodes are described.
const json::array* choices_of(const json::array& description) {
    if (description.empty()) {
        return nullptr;
    }
    if (const json::array* choices = description.front().if_array()) {
        return choices;
    }
    const json::object* settings = description.size() > 1 ? description[1].if_object() : nullptr;
    const json::value* options = settings != nullptr ? settings->if_contains("options") : nullptr;
    return options != nullptr ? options->if_array() : nullptr;
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
    if (choices == nullptr || !node.lines.empty()) {
        return;
    }
    std::vector<std::string> labels;
    for (const json::value& choice : *choices) {
        if (choice.is_string() && labels.size() < bounds::kLinesOffered) {
            labels.push_back(shown_label(choice));
        }
    }
    if (labels.empty() || (!is_one_of(name, kLineInputs) && !names_a_line(labels))) {
        return;
    }
    node.default_line = default_text(description).value_or(labels.front());
    node.lines = std::move(labels);
}

// "custom_nodes.<folder>", as ComfyUI says where a class comes from.
std::string folder_of_class(const json::object& description) {
    constexpr std::string_view kStart = "custom_nodes.";
    const json::value* value = description.if_contains("python_module");
    const std::string_view module =
        value != nullptr && value->is_string() ? std::string_view(value->get_string()) : std::string_view();
    return module.starts_with(kStart) ? std::string(module.substr(kStart.size())) : std::string();
}

NodeFacts read_node(std::string class_name, const json::object& description) {
    NodeFacts node;
    node.class_name = std::move(class_name);
    if (const json::value* name = description.if_contains("display_name"); name != nullptr && name->is_string()) {
        node.display_name = shown_label(*name);
    }
    node.folder = folder_of_class(description);
    const json::value* input = description.if_contains("input");
    const json::object* groups = input != nullptr ? input->if_object() : nullptr;
    for (const std::string_view group : {std::string_view("required"), std::string_view("optional")}) {
        const json::value* fields = groups != nullptr ? groups->if_contains(group) : nullptr;
        if (fields == nullptr || !fields->is_object()) {
            continue;
        }
        for (const auto& field : fields->get_object()) {
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
    for (const std::string& name : classes) {
        const std::optional<json::object> description = co_await node_class(context, base_url, name);
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
