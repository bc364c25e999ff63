#include "netrc_notice.hpp"

#include "banana/cause.hpp"
#include "base_url.hpp"
#include "page_question.hpp"
#include "text.hpp"
#include "web_url.hpp"

namespace banana {

const Environment& plugin_environment(const RunContext& context) {
    const bool is_seen = context.found.server && context.found.server->process_environment;
    return is_seen ? *context.found.server->process_environment : context.surroundings.environment;
}

std::optional<NetrcEntry> netrc_for(const RunContext& context) {
    return find_netrc_entry(host_asked(context), plugin_environment(context), context.surroundings.home);
}

void name_netrc_entry(const NetrcEntry& entry, Finding& finding) {
    const std::string file = path_text(entry.file);
    finding.args["file"] = file;
    finding.args["line"] = entry.line;
    finding.evidence.emplace_back("netrc-entry", (entry.is_default ? "" : "machine ") + sanitize(entry.machine), file,
                                  entry.line);
}

std::optional<Finding> netrc_notice(const RunContext& context) {
    const std::optional<WebUrl> url = parse_web_url(plugin_target(context).base_url);
    const std::string host = host_asked(context);
    const std::optional<NetrcEntry> entry = host.empty() || url->has_user_info ? std::nullopt : netrc_for(context);
    if (!entry) {
        return std::nullopt;
    }
    Finding finding(Cause::proxy_netrc_override, Severity::warning);
    finding.inferred = true;
    finding.args["variant"] = "ahead";
    finding.args["host"] = host;
    name_netrc_entry(*entry, finding);
    return finding;
}

}  // namespace banana
