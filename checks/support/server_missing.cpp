#include "server_missing.hpp"

#include "banana/bounds.hpp"
#include "banana/cause.hpp"
#include "banana/variant.hpp"
#include "comfyui_process.hpp"
#include "redaction.hpp"
#include "text.hpp"
#include "web_url.hpp"

#include <algorithm>

namespace banana {
namespace {

namespace fs = std::filesystem;

std::string ports_of(const RunContext& context) {
    std::string ports;
    for (const std::uint16_t port : context.surroundings.usual_ports) {
        ports += (ports.empty() ? "" : ", ") + std::to_string(port);
    }
    return ports;
}

std::string status_line(const HttpResponse& response) {
    return sanitize("HTTP " + std::to_string(response.status) + " " + response.reason, Lines::single,
                    bounds::kHttpStatusLineTextBytes);
}

// The first words of an answer: enough to recognise what answers.
std::string beginning_of(const HttpResponse& response) {
    return sanitize(trim_ascii(response.body), Lines::single, bounds::kHttpBodyTextBytes);
}

void add_exchange_evidence(const RunContext& context, const Exchange& exchange, Finding& finding) {
    if (exchange.response) {
        finding.evidence.emplace_back("http-answer", status_line(*exchange.response));
        const std::string server(exchange.response->header("Server"));
        if (!server.empty()) {
            finding.evidence.emplace_back("server-header",
                                          sanitize(server, Lines::single, bounds::kHttpStatusLineTextBytes));
        }
        const std::string location(exchange.response->header("Location"));
        if (!location.empty()) {
            finding.evidence.emplace_back("redirect-target", context.redactor.scrub(sanitize(location)));
        }
    }
    if (exchange.error && !exchange.error->detail.empty()) {
        finding.evidence.emplace_back("connection-error",
                                      sanitize(exchange.error->detail, Lines::single, bounds::kNetworkErrorTextBytes));
    }
}

Finding finding_of(const RunContext& context, const Identification& found, Cause cause) {
    Finding finding(cause);
    finding.args["url"] = found.base_url;
    add_exchange_evidence(context, found.exchange, finding);
    return finding;
}

Finding server_down(const RunContext& context, const Identification& found, const std::string& right_url) {
    Finding finding = finding_of(context, found, Cause::local_server_down);
    finding.args["ports"] = ports_of(context);
    if (found.exchange.response) {
        finding.args["variant"] = "behind-proxy";
        finding.args["status"] = found.exchange.response->status;
        return finding;
    }
    finding.args["variant"] = !context.options.comfyui_url.empty() ? "given" : "usual";
    const fs::path root = context.found.install ? context.found.install->comfyui_dir : fs::path();
    const std::optional<int> process = process_running_main(context, root);
    // What else was started in the folder, such as a Jupyter, listens too.
    if (context.options.comfyui_url.empty() && process && comfyui_listens(context, root)) {
        finding.args["variant"] = "process-listens";
        finding.inferred = true;
        return finding;
    }
    if (!context.options.comfyui_url.empty() && !parse_web_url(found.base_url)) {
        set_variant(finding, Variant::no_address);
        return finding;
    }
    if (!right_url.empty()) {
        set_variant(finding, Variant::other_address);
        finding.args["right_url"] = right_url;
    } else if (process) {
        set_variant(finding, Variant::starting);
        finding.evidence.emplace_back("comfyui-process", std::to_string(*process));
    }
    return finding;
}

Finding not_comfyui(const RunContext& context, const Identification& found) {
    Finding finding = finding_of(context, found, Cause::local_not_comfyui);
    finding.args["answer"] = found.exchange.response ? status_line(*found.exchange.response) : std::string("?");
    if (!found.exchange.response) {
        finding.args["variant"] = "no-http";
    } else if (const std::string body = beginning_of(*found.exchange.response); !body.empty()) {
        finding.evidence.emplace_back("body-beginning", context.redactor.scrub(body));
    }
    return finding;
}

Finding access_denied(const RunContext& context, const Identification& found) {
    Finding finding = finding_of(context, found, Cause::local_access_denied);
    describe_denial(context, found.base_url, *found.exchange.response, finding);
    return finding;
}

Finding scheme_mismatch(const RunContext& context, const Identification& found) {
    Finding finding = finding_of(context, found, Cause::local_scheme_mismatch);
    const bool secure = found.kind == ServerKind::speaks_https;
    const std::size_t mark = found.base_url.find("://");
    finding.args["asked"] = secure ? "http" : "https";
    finding.args["speaks"] = secure ? "https" : "http";
    finding.args["right_url"] =
        (secure ? "https" : "http") + found.base_url.substr(std::min(mark, found.base_url.size()));
    return finding;
}

}  // namespace

void describe_denial(const RunContext& context, const std::string& base_url, const HttpResponse& response,
                     Finding& finding) {
    const int status = response.status;
    const bool redirects = status >= 300 && status < 400;
    finding.args["status"] = status;
    finding.args["base"] = base_url;
    // ComfyUI's own web server: what asks for a log-in is one of its custom nodes, and nothing stands before it. Its
    // own check of hosts and origins answers 403 without a word.
    const bool by_comfyui = contains_ignoring_case(response.header("Server"), "aiohttp") &&
                            (status != 403 || !trim_ascii(response.body).empty());
    // Sent with 2xx, such a page may also be that of a program which has nothing to do with ComfyUI.
    const bool is_form = status < 300;
    const HeadersGiven headers = headers_given_to(context, base_url);
    if (is_form) {
        finding.args["variant"] = "login-form";
        finding.inferred = true;
    }
    if (headers != HeadersGiven::none) {
        finding.args[is_form ? "fix_variant" : "variant"] = headers == HeadersGiven::sent ? "headers-refused"
                                                            : headers == HeadersGiven::not_proved
                                                                ? "headers-not-proved"
                                                                : "headers-unverified";
    } else if (is_form) {
        return;
    } else if (by_comfyui) {
        finding.args["variant"] = "login-node";
    } else if (redirects) {
        finding.args["variant"] = "login";
    }
}

void report_missing_server(const RunContext& context, const Identification& found, const std::string& right_url,
                           CheckResult& result) {
    std::string_view outcome = "down";
    switch (found.kind) {
        case ServerKind::down: result.findings.push_back(server_down(context, found, right_url)); break;
        case ServerKind::unresponsive: {
            outcome = "unresponsive";
            Finding finding = finding_of(context, found, Cause::local_server_unresponsive);
            finding.args["seconds"] = static_cast<double>(context.options.timeout.count()) / 1000.0;
            result.findings.push_back(std::move(finding));
            break;
        }
        case ServerKind::access_denied:
            outcome = "denied";
            result.findings.push_back(access_denied(context, found));
            break;
        case ServerKind::speaks_https:
        case ServerKind::speaks_http:
            outcome = "scheme";
            result.findings.push_back(scheme_mismatch(context, found));
            break;
        case ServerKind::other:
        case ServerKind::comfyui:
            outcome = "other";
            result.findings.push_back(not_comfyui(context, found));
            break;
    }
    result.summary = Message("summary.local.server." + std::string(outcome));
    result.summary.args["url"] = found.base_url;
}

}  // namespace banana
