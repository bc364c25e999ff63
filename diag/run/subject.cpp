#include "subject.hpp"

#include "banana/json_member.hpp"
#include "base_url.hpp"
#include "displayable_text.hpp"
#include "install_kind.hpp"
#include "known_families.hpp"
#include "platform_host.hpp"
#include "plugin_profile.hpp"
#include "redaction.hpp"
#include "text.hpp"

#include <algorithm>

namespace banana {
namespace {

namespace json = boost::json;

const json::object* facts_of(const std::vector<CheckResult>& checks, std::string_view id) {
    const auto found =
        std::find_if(checks.begin(), checks.end(), [&](const CheckResult& check) { return check.id == id; });
    return found == checks.end() ? nullptr : &found->facts;
}

json::object environment_of(const RunContext& context, const std::vector<CheckResult>& checks) {
    json::object environment;
    environment["os"] = platform::operating_system();
    environment["python"] = nullptr;
    environment["comfyui_argv"] = json::array();
    if (const auto& server = context.found.server) {
        if (!server->python_version.empty()) {
            environment["python"] = sanitize(server->python_version);
        }
        json::array arguments;
        for (const std::string& argument : masked_arguments(server->argv)) {
            arguments.emplace_back(sanitize(argument));
        }
        environment["comfyui_argv"] = std::move(arguments);
    }
    environment["proxies"] = json::object{{"source", "none"}, {"https", nullptr}};
    environment["trust"] = nullptr;
    if (const json::object* facts = facts_of(checks, check_id::upstream_api)) {
        for (const char* name : {"proxies", "trust"}) {
            if (const json::value* value = find_member(*facts, name)) {
                environment[name] = *value;
            }
        }
    }
    return environment;
}

MaskedKey shown(const Secret& key, std::string source) {
    MaskedKey masked;
    masked.masked = key.masked();
    masked.length = key.length();
    masked.sha256_8 = key.fingerprint();
    masked.source = std::move(source);
    return masked;
}

// A key may have been given in place of the file.
std::string config_path(const RunContext& context, const std::filesystem::path& file) {
    return context.options.config ? displayable_path(file) : path_text(file);
}

}  // namespace

RunCircumstances circumstances_of(const RunContext& context, const std::vector<CheckResult>& checks) {
    RunCircumstances circumstances;
    circumstances.as_node = context.options.as_node && context.given_key.has_value();
    circumstances.service_line = context.redactor.scrub(sanitize(context.options.service_line));
    for (const CheckResult& check : checks) {
        if (check.skip_reason != skip_reason::not_selected) {
            circumstances.selected.push_back(check.id);
        }
    }
    return circumstances;
}

Subject make_subject(const RunContext& context, const std::vector<CheckResult>& checks) {
    Subject subject;
    const Redactor& redactor = context.redactor;
    const auto& found = context.found;
    if (found.install) {
        subject.comfyui_dir = redactor.scrub(path_text(found.install->comfyui_dir));
        subject.plugin_dir = redactor.scrub(path_text(found.install->plugin_dir));
        subject.plugin_version = redactor.scrub(found.install->version);
        subject.plugin_family = std::string(family_name(found.install->family));
    }
    subject.comfyui_url = redactor.scrub(found.server ? found.server->base_url : context.options.comfyui_url);
    if (found.server) {
        subject.comfyui_version = redactor.scrub(found.server->version);
    }
    if (found.config) {
        subject.config_file = redactor.scrub(config_path(context, found.config->file));
    } else if (context.options.config) {
        subject.config_file = redactor.scrub(displayable_path(*context.options.config));
    }
    subject.base_url = redactor.scrub(sanitize(effective_base_url(context)));
    subject.plugin = plugin_profile(context);
    subject.install_kind = install_kind_of(found.install ? found.install->comfyui_dir : std::filesystem::path(),
                                           context.surroundings, found.server ? &*found.server : nullptr);
    subject.environment = environment_of(context, checks);
    json::value environment(std::move(subject.environment));
    redactor.scrub(environment);
    subject.environment = std::move(environment.as_object());
    if (context.given_key) {
        subject.key_under_test = shown(context.given_key->key, context.given_key->source);
    } else if (found.config && found.config->key && found.config->state == KeyState::usable) {
        subject.key_under_test = shown(*found.config->key, found.config->source);
    }
    subject.circumstances = circumstances_of(context, checks);
    return subject;
}

}  // namespace banana
