#include "upstream_answer.hpp"

#include "banana/bounds.hpp"
#include "banana/json_member.hpp"
#include "gateway_page.hpp"
#include "python_json.hpp"
#include "refusal_words.hpp"
#include "text.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace banana {
namespace {

namespace json = boost::json;

void set_refusal(UpstreamAnswer& answer, Refusal refusal, Judgement otherwise) {
    const Judgement judgement = judge(refusal).value_or(otherwise);
    answer.kind = judgement.kind;
    answer.reason = judgement.reason;
    answer.request_id = take_request_id(refusal.message);
    answer.quoted = sanitize(refusal.message, Lines::single, bounds::kUpstreamMessageTextBytes);
}

bool is_absent(const json::object& data, std::string_view name) {
    const json::value* member = find_member(data, name);
    return member == nullptr || member->is_null();
}

json::object documented_members(const json::object& data) {
    json::object found;
    for (const std::string_view name : kBalanceMembers) {
        const json::value* member = find_member(data, name);
        // Text or structures in their place are not shown at length: nobody documented them.
        if (member != nullptr && (member->is_number() || member->is_bool() || member->is_null())) {
            found[name] = *member;
        } else if (member != nullptr && member->is_string()) {
            found[name] = sanitize(std::string_view(member->get_string()), Lines::single, bounds::kUpstreamIdTextBytes);
        }
    }
    return found;
}

bool holds_balance(const json::object& data) {
    return std::any_of(kBalanceMembers.begin(), kBalanceMembers.end(),
                       [&](std::string_view name) { return data.contains(name); });
}

void set_bad_shape(UpstreamAnswer& answer, std::string_view reason, std::string_view member = {}) {
    answer.kind = UpstreamMeaning::bad_shape;
    answer.reason = reason;
    answer.member = member;
}

// Python takes NaN and Infinity for numbers, as some services write them, and hands them on as they are.
bool is_not_finite(const json::object& data, std::string_view name) {
    const json::value* member = find_member(data, name);
    return member != nullptr && member->is_double() && !std::isfinite(member->get_double());
}

void take_balance(UpstreamAnswer& answer, const json::object& data) {
    answer.shown = documented_members(data);
    Balance balance = read_balance(data);
    balance.raw = answer.shown;
    if (!balance.unlimited_quota && !is_absent(data, "unlimited_quota")) {
        return set_bad_shape(answer, "no-numbers", "unlimited_quota");
    }
    const std::array<std::pair<std::string_view, bool>, 3> totals{
        {{"total_available", balance.total_available.has_value()},
         {"total_granted", balance.total_granted.has_value()},
         {"total_used", balance.total_used.has_value()}}};
    for (const auto& [name, known] : totals) {
        const bool dispensable = balance.unlimited_quota.value_or(false) && is_absent(data, name);
        if (!known && !dispensable) {
            return set_bad_shape(answer, is_not_finite(data, name) ? "not-finite" : "no-numbers", name);
        }
    }
    if (!balance.expires_at && !is_absent(data, "expires_at")) {
        return set_bad_shape(answer, "no-numbers", "expires_at");
    }
    answer.kind = UpstreamMeaning::balance;
    answer.balance = std::move(balance);
}

// The names that came instead of the documented ones, for who has to tell which service answered.
std::string names_in(const json::object& object) {
    std::string names;
    for (std::size_t index = 0; index < std::min(object.size(), bounds::kAnswerMemberNames); ++index) {
        const std::string_view name = (object.begin() + static_cast<std::ptrdiff_t>(index))->key();
        names += (names.empty() ? "" : ", ") + sanitize(name, Lines::single, bounds::kAnswerMemberNameTextBytes);
    }
    return object.size() > bounds::kAnswerMemberNames ? names + ", …" : names;
}

void read_json(UpstreamAnswer& answer, const json::value& value) {
    if (!value.is_object()) {
        return set_bad_shape(answer, "not-object");
    }
    const json::object& object = value.get_object();
    const json::object* data = object_member(object, "data");
    if (auto refusal = refusal_of(object)) {
        const std::string_view reason = refusal->message.empty() ? "silent" : "";
        return set_refusal(answer, std::move(*refusal), {UpstreamMeaning::api_error, reason});
    }
    if (data != nullptr) {
        answer.names = "data: " + names_in(*data);
        auto failure = holds_balance(*data) ? std::nullopt : foreign_failure_of(object);
        if (failure && !failure->message.empty()) {
            return set_refusal(answer, std::move(*failure), {UpstreamMeaning::api_error, ""});
        }
        return take_balance(answer, *data);
    }
    answer.names = names_in(object);
    if (auto failure = foreign_failure_of(object)) {
        return set_refusal(answer, std::move(*failure), {UpstreamMeaning::api_error, ""});
    }
    set_bad_shape(answer, "no-data", "data");
}

void read_success(UpstreamAnswer& answer, const HttpResponse& response) {
    const JsonReading reading = read_python_json(response.body);
    if (reading.value) {
        return read_json(answer, *reading.value);
    }
    if (reading.too_deep) {
        return set_bad_shape(answer, "too-deep");
    }
    const GatewayPage page = read_gateway_page(response);
    answer.kind = page.challenge ? UpstreamMeaning::blocked : UpstreamMeaning::not_json;
    answer.gateway = page.product;
    answer.quoted = page.title;
    if (page.challenge) {
        answer.reason = "challenge";
    } else if (trim_ascii(response.body).empty()) {
        answer.reason = "empty";
    } else if (response.body.starts_with("\xEF\xBB\xBF")) {
        answer.reason = "bom";
    } else if (!page.notice.empty()) {
        answer.reason = page.notice;
    } else if (page.html) {
        answer.reason = "html";
    } else {
        const std::string_view body = trim_ascii(response.body);
        answer.reason = body.front() == '{' || body.front() == '[' ? "cut" : "other";
    }
}

// 401 and 403: the API's own JSON speaks of the key, anything else stands in front of the API.
void read_refused(UpstreamAnswer& answer, const HttpResponse& response) {
    const JsonReading reading = read_python_json(response.body);
    const GatewayPage page = read_gateway_page(response);
    if (reading.value && reading.value->is_object()) {
        if (auto refusal = refusal_of(reading.value->get_object()); refusal && !refusal->message.empty()) {
            const bool forbidden = answer.status == 403;
            const std::string_view reason = !forbidden ? "other" : page.notice.empty() ? "refused" : page.notice;
            return set_refusal(answer, std::move(*refusal),
                               {forbidden ? UpstreamMeaning::blocked : UpstreamMeaning::key_rejected, reason});
        }
    }
    const std::string words = reading.value ? words_of(*reading.value) : std::string();
    const bool is_about_key = answer.status == 401 || speaks_of_key(words);
    answer.kind = UpstreamMeaning::blocked;
    answer.reason = page.challenge         ? "challenge"
                    : !page.notice.empty() ? page.notice
                    : !reading.value       ? "page"
                    : is_about_key         ? "unauthorized"
                                           : "json";
    answer.gateway = page.product;
    answer.quoted = reading.value ? sanitize(words, Lines::single, bounds::kUpstreamMessageTextBytes) : page.title;
}

// 520 to 527 and 530 are a CDN's own, about the machine behind it; 566 and 567 are those of EdgeOne's firewall. Other
// pages of such products tell of faults as well as of refusals.
std::string_view server_error_reason(int status, const GatewayPage& page) {
    if (status == 511) {
        return "portal";
    }
    if (page.challenge || status == 566 || status == 567) {
        return "firewall";
    }
    return (status >= 520 && status <= 527) || status == 530 ? "origin" : "";
}

void read_other_status(UpstreamAnswer& answer, const HttpResponse& response) {
    const GatewayPage page = read_gateway_page(response);
    answer.gateway = page.product;
    answer.quoted = page.title;
    bool spent = false;
    bool says_more = !page.html && !page.title.empty();
    const JsonReading reading = read_python_json(response.body);
    if (reading.value && reading.value->is_object()) {
        const json::object& object = reading.value->get_object();
        auto failure = refusal_of(object);
        failure = failure ? failure : foreign_failure_of(object);
        answer.quoted = sanitize(words_of(*reading.value), Lines::single, bounds::kUpstreamMessageTextBytes);
        if (failure && !failure->message.empty()) {
            says_more = true;
            spent = says_quota_is_used_up(*failure);
            answer.request_id = take_request_id(failure->message);
            answer.quoted = sanitize(failure->message, Lines::single, bounds::kUpstreamMessageTextBytes);
        }
    }
    // A header, so not the body against the status: Cloudflare marks every challenge by it.
    if (equal_ignoring_case(response.header("cf-mitigated"), "challenge")) {
        answer.kind = UpstreamMeaning::blocked;
        answer.reason = "challenge";
    } else if (answer.status == 429) {
        answer.kind = UpstreamMeaning::rate_limited;
        answer.reason = !page.product.empty() ? "gateway" : says_more ? "quoted" : "";
    } else if (answer.status >= 500) {
        answer.kind = UpstreamMeaning::server_error;
        answer.reason = server_error_reason(answer.status, page);
    } else if (answer.status == 404) {
        answer.kind = UpstreamMeaning::not_found;
    } else if (page.challenge || page.refusal) {
        answer.kind = UpstreamMeaning::blocked;
        answer.reason = page.challenge ? "challenge" : !page.notice.empty() ? page.notice : "page";
    } else {
        answer.kind = UpstreamMeaning::unexpected_status;
        answer.reason = answer.status == 402 && spent ? "spent" : answer.status == 451 ? "legal" : "";
    }
}

}  // namespace

bool UpstreamAnswer::is_from_api() const {
    switch (kind) {
        case UpstreamMeaning::balance:
        case UpstreamMeaning::key_rejected:
        case UpstreamMeaning::key_not_received:
        case UpstreamMeaning::key_expired:
        case UpstreamMeaning::quota_exhausted:
        case UpstreamMeaning::api_error: return true;
        default: return false;
    }
}

Balance read_balance(const json::object& data) {
    Balance balance;
    balance.total_granted = number_member(data, "total_granted");
    balance.total_used = number_member(data, "total_used");
    balance.total_available = number_member(data, "total_available");
    balance.unlimited_quota = flag_member(data, "unlimited_quota");
    if (const json::value* expires = find_member(data, "expires_at")) {
        balance.expires_at = expiry_seconds(*expires);
    }
    return balance;
}

std::optional<std::int64_t> expiry_seconds(const json::value& value) {
    // No account runs past the year 5138; a later number counts milliseconds.
    constexpr double kLatestSeconds = 1e11;
    constexpr double kLatestMilliseconds = 1e14;
    const std::optional<double> number = if_number(&value);
    if (!number || *number > kLatestMilliseconds) {
        return std::nullopt;
    }
    if (*number <= 0) {
        return 0;
    }
    return static_cast<std::int64_t>(*number > kLatestSeconds ? *number / 1000 : *number);
}

std::optional<bool> is_exhausted(const Balance& balance) {
    if (balance.unlimited_quota.value_or(false)) {
        return false;
    }
    return balance.total_available ? std::optional(*balance.total_available <= 0) : std::nullopt;
}

UpstreamAnswer read_upstream_answer(const HttpResponse& response) {
    UpstreamAnswer answer;
    answer.status = response.status;
    if (response.status >= 200 && response.status < 300) {
        read_success(answer, response);
    } else if (response.status == 401 || response.status == 403) {
        read_refused(answer, response);
    } else {
        read_other_status(answer, response);
    }
    return answer;
}

}  // namespace banana
