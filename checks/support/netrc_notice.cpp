#include "netrc_notice.hpp"

#include "banana/cause.hpp"
#include "base_url.hpp"
#include "netrc.hpp"
#include "text.hpp"
#include "web_url.hpp"

namespace banana {

std::optional<Finding> netrc_notice(const RunContext& context) {
    const UpstreamTarget target = plugin_target(context);
    const std::optional<WebUrl> url = target.is_certain ? parse_web_url(target.base_url) : std::nullopt;
    if (!url || url->has_user_info) {
        return std::nullopt;
    }
    const bool is_seen = context.found.server && context.found.server->process_environment;
    const Environment& environment =
        is_seen ? *context.found.server->process_environment : context.surroundings.environment;
    const std::optional<NetrcEntry> entry = find_netrc_entry(url->host, environment, context.surroundings.home);
    if (!entry) {
        return std::nullopt;
    }
    Finding finding(Cause::proxy_netrc_override, Severity::warning);
    const std::string file = path_text(entry->file);
    finding.inferred = true;
    finding.args["variant"] = "ahead";
    finding.args["host"] = url->host;
    finding.args["file"] = file;
    finding.args["line"] = entry->line;
    finding.evidence.emplace_back("netrc-entry", (entry->is_default ? "" : "machine ") + sanitize(entry->machine), file,
                                  entry->line);
    return finding;
}

}  // namespace banana
