#include "base_url.hpp"

#include "known_families.hpp"
#include "node_facts.hpp"
#include "text.hpp"
#include "web_url.hpp"

#include <algorithm>
#include <optional>
#include <span>

namespace banana {
namespace {

constexpr std::string_view kDefaultV1 = "https://xinbaoapi.feng1994.xin";
constexpr std::string_view kDefaultV2 = "https://api.aabao.top";

UpstreamTarget target_at(std::string_view base_url, Provenance from, bool is_certain,
                         AddressPlace place = AddressPlace::plugin) {
    UpstreamTarget target;
    target.place = place;
    target.base_url = without_trailing_slash(std::string(trim_ascii(base_url)));
    target.from = from;
    target.is_certain = is_certain;
    return target;
}

LineRules rules_of(const RunContext& context, const Install& install) {
    const NodeFacts* node = node_of_examined_plugin(context);
    return line_rules(
        node != nullptr ? std::span<const std::string>(node->service_lines) : std::span<const std::string>(),
        install.version);
}

std::optional<std::string> mapped_by_source(const Install& install, std::string_view label) {
    const auto found = std::find_if(install.service_lines.begin(), install.service_lines.end(),
                                    [&](const OfferedLine& line) { return line.label == trim_ascii(label); });
    return found == install.service_lines.end() || found->base_url.empty() ? std::nullopt
                                                                           : std::optional(found->base_url);
}

// The source maps labels of lines itself; a dictionary of other addresses is no such map.
bool has_own_map(const Install& install) {
    return std::any_of(install.service_lines.begin(), install.service_lines.end(),
                       [](const OfferedLine& line) { return is_known_line(line.label); });
}

// Of a release that the tables do not know, its own words count and nothing else.
std::optional<std::string> mapped_by_table(const RunContext& context, const Install& install, std::string_view label) {
    if (has_own_map(install) || is_newer_than_known(install.version)) {
        return std::nullopt;
    }
    auto url = base_url_of_line(label, rules_of(context, install));
    // A source that names addresses asks one of those.
    const auto& named = install.addresses;
    const bool is_named = named.empty() || (url && std::find(named.begin(), named.end(), *url) != named.end());
    return is_named ? url : std::nullopt;
}

// The page's script as this run got it from the server that loads the examined plugin, where its question is
// understood: it outranks the one on disk, which a cache on the way or an unfinished update can keep from the page.
const FrontendScript* served_script(const RunContext& context) {
    const bool other = context.found.server && context.found.server->is_examined_install == false;
    const std::optional<FrontendScript>& served = context.found.frontend;
    return served && !other && served->page.names_line ? &*served : nullptr;
}

const PageTraits& page_of(const RunContext& context, const Install& install) {
    const FrontendScript* served = served_script(context);
    return served != nullptr ? served->page : install.page;
}

std::optional<bool> page_names_line(const RunContext& context, const Install& install) {
    return page_of(context, install).names_line;
}

// Where the page's script is not known, what the family's does.
bool page_sends_address(const RunContext& context) {
    const FrontendScript* served = served_script(context);
    return served == nullptr ||
           std::find(served->parameters.begin(), served->parameters.end(), "base_url") != served->parameters.end();
}

const std::string& address_in_page(const RunContext& context, const Install& install) {
    const FrontendScript* served = served_script(context);
    return served != nullptr && !served->page.address.empty() ? served->page.address : install.page.address;
}

UpstreamTarget target_of_line(const RunContext& context, const Install& install) {
    const NodeFacts* node = node_of_examined_plugin(context);
    const LineRules rules = rules_of(context, install);
    const bool given = !context.options.service_line.empty();
    // Asked without a line, as by the script of another release, the route takes the first line that ever was.
    if (!given && page_names_line(context, install) == false) {
        const auto url = base_url_of_line(default_line_of(LineRules::old_lines), rules);
        return target_at(url.value_or(std::string(kDefaultV2)), Provenance::known,
                         url.has_value() && rules != LineRules::unknown);
    }
    const PageTraits& page = page_of(context, install);
    const bool is_fixed = !given && !page.line.empty();
    const bool observed = !is_fixed && (given || (node != nullptr && !node->default_service_line.empty()));
    std::string label = given      ? context.options.service_line
                        : is_fixed ? page.line
                        : observed ? node->default_service_line
                                   : std::string(default_line_of(rules));
    // Which line the page shows first is not known of a release that neither the server nor the tables describe.
    const bool label_known = (observed || is_fixed || rules != LineRules::unknown) && (given || !page.is_line_unclear);
    UpstreamTarget target;
    if (const auto url = mapped_by_source(install, label)) {
        target = target_at(*url, Provenance::source, label_known);
    } else if (const auto known = mapped_by_table(context, install, label)) {
        target = target_at(*known, Provenance::known, label_known);
    } else {
        const auto guess = base_url_of_line(label, rules == LineRules::unknown ? LineRules::new_line : rules);
        target = target_at(guess.value_or(std::string(kDefaultV2)), Provenance::known, false);
    }
    target.service_line_from = observed ? Provenance::observed : is_fixed ? Provenance::source : Provenance::known;
    target.service_line = label_known ? std::move(label) : std::string();
    return target;
}

// Early V1 asks the address that the page sends; later ones ignore it, unless their source shows that they read it.
bool reads_base_url(const Install& install) {
    const auto& read = install.route_parameters;
    return install.family != Family::v3 && read && std::find(read->begin(), read->end(), "base_url") != read->end();
}

UpstreamTarget target_of_address(const RunContext& context, const Install* install) {
    const Family family = install != nullptr ? install->family : Family::unknown;
    // Without a balance query no button sends the key anywhere.
    // One that keeps its settings under names of its own may keep its address there as well.
    const bool is_understood = install == nullptr || (!install->reads_other_option && !install->address_from_elsewhere);
    const bool is_certain = family != Family::fork && is_understood;
    const NodeFacts* node = node_of_examined_plugin(context);
    const bool by_page = install != nullptr && reads_base_url(*install) && page_sends_address(context);
    // The page's script may send an address of its own, whatever the node's box says.
    if (by_page && !address_in_page(context, *install).empty()) {
        return target_at(address_in_page(context, *install), Provenance::source, is_understood);
    }
    if (by_page && node != nullptr && node->base_url && !trim_ascii(*node->base_url).empty()) {
        return target_at(*node->base_url, Provenance::observed, is_understood, AddressPlace::node_box);
    }
    if (context.found.config && context.found.config->base_url) {
        return target_at(*context.found.config->base_url, Provenance::source, is_certain, AddressPlace::config);
    }
    if (install != nullptr && !install->default_base_url.empty()) {
        return target_at(install->default_base_url, Provenance::source, is_certain);
    }
    return target_at(family == Family::v2 ? kDefaultV2 : kDefaultV1, Provenance::known, false);
}

UpstreamTarget own_target(const RunContext& context) {
    const Install* install = context.found.install ? &*context.found.install : nullptr;
    if (install != nullptr && install->family == Family::v3) {
        return target_of_line(context, *install);
    }
    return target_of_address(context, install);
}

UpstreamTarget given_target(const RunContext& context) {
    return target_at(context.options.base_url, Provenance::observed, true, AddressPlace::option);
}

// The page's question carries the given address, and the plugin asks what it carries.
bool is_address_handed_on(const RunContext& context) {
    const std::optional<FrontendScript>& script = context.found.frontend;
    const bool is_sent =
        script && script->page.address.empty() &&
        std::find(script->parameters.begin(), script->parameters.end(), "base_url") != script->parameters.end();
    return is_sent && (!context.found.install || reads_base_url(*context.found.install));
}

}  // namespace

UpstreamTarget upstream_target(const RunContext& context) {
    return context.options.base_url.empty() ? own_target(context) : given_target(context);
}

UpstreamTarget plugin_target(const RunContext& context) {
    UpstreamTarget own = own_target(context);
    if (context.options.base_url.empty() || (own.is_certain && !is_address_handed_on(context))) {
        return own;
    }
    UpstreamTarget given = given_target(context);
    given.service_line = std::move(own.service_line);
    given.service_line_from = own.service_line_from;
    return given;
}

std::vector<OfferedLine> other_lines(const RunContext& context, const UpstreamTarget& target) {
    const std::optional<Install>& install = context.found.install;
    if (!context.options.base_url.empty() || !install || install->family != Family::v3) {
        return {};
    }
    // What the page's box shows; without the server's word, what the source maps or the tables know.
    const NodeFacts* node = node_of_examined_plugin(context);
    std::vector<std::string> labels = node != nullptr ? node->service_lines : std::vector<std::string>();
    if (labels.empty()) {
        for (const OfferedLine& line : install->service_lines) {
            if (is_known_line(line.label)) {
                labels.push_back(line.label);
            }
        }
    }
    if (labels.empty()) {
        const LineRules rules = rules_of(context, *install);
        for (const ServiceLine& line : service_lines()) {
            if (rules == LineRules::new_line || line.name != default_line_of(LineRules::new_line)) {
                labels.emplace_back(line.name);
            }
        }
    }
    std::vector<OfferedLine> offered;
    for (std::string& label : labels) {
        auto url = mapped_by_source(*install, label);
        url = url ? url : mapped_by_table(context, *install, label);
        if (url && url->starts_with("https://")) {
            offered.push_back({std::move(label), std::move(*url)});
        }
    }
    std::vector<OfferedLine> others;
    for (OfferedLine& line : offered) {
        const bool known = line.base_url.empty() || line.base_url == target.base_url ||
                           std::any_of(others.begin(), others.end(),
                                       [&](const OfferedLine& other) { return other.base_url == line.base_url; });
        if (!known) {
            others.push_back(std::move(line));
        }
    }
    return others;
}

std::string effective_base_url(const RunContext& context) {
    return upstream_target(context).base_url;
}

bool base_url_is_the_default(const RunContext& context) {
    const bool read = context.found.install || (context.found.config && context.found.config->base_url);
    return context.options.base_url.empty() && !read;
}

}  // namespace banana
