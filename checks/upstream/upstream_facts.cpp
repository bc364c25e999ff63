#include "upstream_facts.hpp"

#include "numbers.hpp"
#include "platform_host.hpp"
#include "text.hpp"
#include "upstream_findings.hpp"

#include <algorithm>
#include <charconv>
#include <string_view>

namespace banana {
namespace {

double rounded(Milliseconds duration) {
    return nearest_whole(duration.count() * 100) / 100;
}

facts::OrNull<double> milliseconds(const std::optional<Milliseconds>& duration) {
    return duration ? facts::OrNull<double>(rounded(*duration)) : std::nullopt;
}

std::optional<int> number(std::string_view text) {
    int value = 0;
    const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc{} && rest == text.data() + text.size() ? std::optional(value) : std::nullopt;
}

// RFC 9110 section 5.6.7, the form that servers must send: "Sun, 06 Nov 1994 08:49:37 GMT".
std::optional<std::chrono::sys_seconds> http_date(std::string_view text) {
    constexpr std::string_view kMonths = "JanFebMarAprMayJunJulAugSepOctNovDec";
    constexpr std::size_t kLength = 29;
    if (text.size() != kLength || !text.ends_with(" GMT")) {
        return std::nullopt;
    }
    const std::size_t month = kMonths.find(text.substr(8, 3));
    const auto day = number(text.substr(5, 2));
    const auto year = number(text.substr(12, 4));
    const auto hour = number(text.substr(17, 2));
    const auto minute = number(text.substr(20, 2));
    const auto second = number(text.substr(23, 2));
    if (month == std::string_view::npos || month % 3 != 0 || !day || !year || !hour || !minute || !second) {
        return std::nullopt;
    }
    const std::chrono::year_month_day date{std::chrono::year(*year),
                                           std::chrono::month(static_cast<unsigned>(month / 3 + 1)),
                                           std::chrono::day(static_cast<unsigned>(*day))};
    constexpr int kFirstYear = 1971;
    constexpr int kLastYear = 2200;
    if (!date.ok() || *year < kFirstYear || *year > kLastYear) {
        return std::nullopt;
    }
    return std::chrono::sys_days(date) + std::chrono::hours(*hour) + std::chrono::minutes(*minute) +
           std::chrono::seconds(*second);
}

}  // namespace

facts::Phases phase_facts(const PhaseTimes& times) {
    facts::Phases facts;
    facts.dns = milliseconds(times.name);
    facts.tcp = milliseconds(times.tcp);
    facts.proxy = milliseconds(times.proxy);
    facts.tls = milliseconds(times.tls);
    facts.first_byte = milliseconds(times.first_byte);
    facts.total = milliseconds(times.total);
    return facts;
}

std::vector<facts::Address> address_facts(const Exchange& exchange) {
    std::vector<facts::Address> all;
    for (const AddressAttempt& attempt : exchange.attempts) {
        facts::Address facts;
        facts.address = attempt.address;
        facts.port = attempt.port;
        facts.ipv6 = attempt.ipv6;
        facts.outcome = attempt.failure ? name_of(*attempt.failure) : attempt.abandoned ? "overtaken" : "connected";
        facts.ms = rounded(attempt.duration);
        all.push_back(std::move(facts));
    }
    return all;
}

facts::OrNull<facts::Tls> tls_facts(const Exchange& exchange, std::chrono::system_clock::time_point now) {
    if (!exchange.tls) {
        return std::nullopt;
    }
    const TlsFacts& tls = *exchange.tls;
    facts::Tls facts;
    facts.version = facts::text_or_null(tls.version);
    facts.cipher = facts::text_or_null(tls.cipher);
    if (!tls.chain.empty()) {
        const CertificateFacts& leaf = tls.chain.front();
        facts.subject = leaf.subject;
        facts.issuer = leaf.issuer;
        facts.names = leaf.names;
        facts.not_before = platform::local_time(leaf.not_before);
        facts.not_after = platform::local_time(leaf.not_after);
        facts.days_left = std::chrono::floor<std::chrono::days>(leaf.not_after - now).count();
    }
    facts.verified = tls.verified;
    facts.chain = tls.chain.size();
    return facts;
}

facts::Proxies proxy_facts(const OutboundSettings& outbound) {
    facts::Proxies facts;
    facts.source = outbound.proxy_source;
    facts.https = facts::text_or_null(outbound.proxy.url.empty() ? "" : mask_proxy_password(outbound.proxy.url));
    facts.variable = facts::text_or_null(outbound.proxy.variable);
    facts.environment = outbound.environment_source;
    if (!outbound.proxy.bypass_variable.empty()) {
        facts.bypass = sanitize(outbound.proxy.bypass_variable + "=" + outbound.proxy.bypass_entry);
    }
    return facts;
}

std::string trust_fact(const OutboundSettings& outbound) {
    const std::string path = path_text(outbound.trust.trust.bundle);
    std::string text = outbound.trust.source;
    if (!path.empty()) {
        text += ": " + path;
    }
    return sanitize(text);
}

std::optional<std::chrono::seconds> clock_difference(const HttpResponse& response,
                                                     std::chrono::system_clock::time_point now) {
    const auto date = http_date(trim_ascii(response.header("Date")));
    if (!date) {
        return std::nullopt;
    }
    const int age = std::max(0, number(trim_ascii(response.header("Age"))).value_or(0));
    return std::chrono::duration_cast<std::chrono::seconds>(*date + std::chrono::seconds(age) - now);
}

std::optional<std::chrono::seconds> retry_after(const HttpResponse& response,
                                                std::chrono::system_clock::time_point now) {
    constexpr std::chrono::seconds kLongest = std::chrono::hours(31 * 24);
    const std::string_view text = trim_ascii(response.header("Retry-After"));
    std::optional<std::chrono::seconds> wait;
    if (const auto seconds = number(text)) {
        wait = std::chrono::seconds(*seconds);
    } else if (const auto until = http_date(text)) {
        // By the server's own clock, where it tells.
        const auto here = http_date(trim_ascii(response.header("Date")));
        wait = std::chrono::ceil<std::chrono::seconds>(here ? *until - *here : *until - now);
    }
    return wait && wait->count() > 0 && *wait <= kLongest ? wait : std::nullopt;
}

}  // namespace banana
