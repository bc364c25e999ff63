// Findings about the API's answer and the account behind the key.
#include "banana/json_member.hpp"
#include "gateway_page.hpp"
#include "platform_host.hpp"
#include "redaction.hpp"
#include "text.hpp"
#include "upstream_facts.hpp"
#include "upstream_finding_parts.hpp"

#include <boost/json/serialize.hpp>
#include "banana/cause.hpp"
#include "banana/variant.hpp"

namespace banana {
namespace {

using Clock = std::chrono::system_clock;

// The address that gave the answer, where a redirect led to another one than the slash of new-api's own.
void note_moved(Finding& finding, const Exchange& exchange) {
    const std::string url(finding.args.at("url").as_string());
    if (exchange.redirects.empty() || exchange.redirects.back().to == url + "/") {
        return;
    }
    const Redirect& last = exchange.redirects.back();
    finding.evidence.emplace_back("redirect",
                                  "HTTP " + std::to_string(last.status) + " " + last.from + " -> " + last.to);
    if (finding.code == Cause::upstream_not_found) {
        finding.args["variant"] = "moved";
        finding.args["to"] = last.to;
    }
}

// "HTTP 522 Connection timed out", whether the server names the status or not.
std::string displayable_status(int status, const Exchange& exchange) {
    const std::string_view sent = exchange.response ? std::string_view(exchange.response->reason) : std::string_view();
    const std::string_view name = sent.empty() ? edge_status_name(status) : sent;
    return "HTTP " + std::to_string(status) + (name.empty() ? "" : " " + std::string(name));
}

// A limit that says when it ends is not the API's own.
void note_wait(Finding& finding, const HttpResponse& response, Clock::time_point now) {
    const auto wait = retry_after(response, now);
    if (!wait) {
        return;
    }
    constexpr std::chrono::seconds kCountedInSeconds{120};
    const bool short_wait = *wait <= kCountedInSeconds;
    finding.args["variant"] = short_wait ? "retry-after" : "retry-after-long";
    finding.args["wait"] = short_wait ? wait->count() : std::chrono::ceil<std::chrono::minutes>(*wait).count();
    finding.evidence.emplace_back("retry-after", sanitize(response.header("Retry-After")));
}

}  // namespace

std::vector<Finding> account_warnings(const UpstreamSubject& subject, const Balance& balance, Clock::time_point now) {
    std::vector<Finding> warnings;
    const std::int64_t seconds = std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count();
    if (balance.expires_at.value_or(0) > 0 && *balance.expires_at < seconds) {
        Finding finding = make_finding(subject, Cause::upstream_key_expired, variant_name(Variant::answers));
        finding.severity = Severity::warning;
        const std::string since = platform::local_time(Clock::time_point(std::chrono::seconds(*balance.expires_at)));
        finding.args["since"] = since;
        finding.args["quoted"] = "";
        finding.evidence.emplace_back("expires-at", since);
        warnings.push_back(std::move(finding));
    }
    if (is_exhausted(balance).value_or(false)) {
        Finding finding = make_finding(subject, Cause::upstream_quota_exhausted, variant_name(Variant::answers));
        finding.severity = Severity::warning;
        const boost::json::value* left = find_member(balance.raw, "total_available");
        finding.args["available"] = left != nullptr ? *left : boost::json::value(nullptr);
        finding.args["quoted"] = "";
        finding.evidence.emplace_back("balance", boost::json::serialize(balance.raw));
        warnings.push_back(std::move(finding));
    }
    return warnings;
}

std::optional<Finding> answer_finding(const UpstreamSubject& subject, const UpstreamAnswer& answer,
                                      const Exchange& exchange, Severity key_severity) {
    const auto code = [&]() -> std::optional<Cause> {
        switch (answer.kind) {
            case UpstreamMeaning::balance: return std::nullopt;
            case UpstreamMeaning::key_rejected: return Cause::upstream_key_rejected;
            case UpstreamMeaning::key_not_received: return Cause::upstream_key_not_received;
            case UpstreamMeaning::key_expired: return Cause::upstream_key_expired;
            case UpstreamMeaning::quota_exhausted: return Cause::upstream_quota_exhausted;
            case UpstreamMeaning::blocked: return Cause::upstream_blocked;
            case UpstreamMeaning::rate_limited: return Cause::upstream_rate_limited;
            case UpstreamMeaning::server_error: return Cause::upstream_server_error;
            case UpstreamMeaning::not_found: return Cause::upstream_not_found;
            case UpstreamMeaning::unexpected_status: return Cause::upstream_unexpected_status;
            case UpstreamMeaning::not_json: return Cause::upstream_not_json;
            case UpstreamMeaning::bad_shape: return Cause::upstream_bad_shape;
            case UpstreamMeaning::api_error: return Cause::upstream_api_error;
        }
        return std::nullopt;
    }();
    if (!code) {
        return std::nullopt;
    }
    Finding finding = make_finding(subject, *code, answer.reason);
    const std::string quoted = subject.context->redactor.scrub(answer.quoted);
    finding.args["status"] = answer.status;
    finding.args["quoted"] = quoted;
    finding.args["title"] = quoted;
    const std::string name(answer.reason == "origin" ? edge_status_name(answer.status) : std::string_view());
    if (!name.empty() && !contains_ignoring_case(quoted, name)) {
        finding.args["quoted"] = quoted.empty() ? name : name + " (" + quoted + ")";
    }
    finding.args["gateway"] = answer.gateway;
    finding.args["member"] = answer.member;
    finding.args["coding"] = "";
    finding.args["detail"] = "";
    finding.args["since"] = "";
    finding.args["available"] = "";
    const bool about_key = answer.kind == UpstreamMeaning::key_rejected ||
                           answer.kind == UpstreamMeaning::key_expired ||
                           answer.kind == UpstreamMeaning::quota_exhausted;
    if (about_key) {
        finding.severity = key_severity;
    }
    if (answer.kind == UpstreamMeaning::rate_limited && exchange.response) {
        note_wait(finding, *exchange.response, subject.context->surroundings.now());
    }
    finding.evidence.emplace_back("http-status", displayable_status(answer.status, exchange));
    if (!quoted.empty()) {
        finding.evidence.emplace_back(answer.is_from_api() ? "api-message" : "page-text", quoted);
    }
    if (!answer.gateway.empty()) {
        finding.evidence.emplace_back("gateway", answer.gateway);
    }
    if (answer.kind == UpstreamMeaning::bad_shape && !answer.names.empty()) {
        finding.evidence.emplace_back("answer-members", subject.context->redactor.scrub(answer.names));
    }
    note_moved(finding, exchange);
    if (!answer.request_id.empty()) {
        finding.evidence.emplace_back("request-id", answer.request_id);
    }
    // Through a proxy a plain http answer may be the proxy's own.
    const bool plain_proxied = !exchange.via_proxy.empty() && !subject.url.secure();
    const bool unknown_words = answer.reason == "other" && about_key;
    const bool says_little = answer.reason == "refused" || answer.reason == "unauthorized" ||
                             answer.reason == "for-sale" || answer.reason == "filing";
    finding.inferred = plain_proxied || unknown_words || says_little;
    return finding;
}

}  // namespace banana
