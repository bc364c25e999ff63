#include "gateway_page.hpp"

#include "banana/bounds.hpp"
#include "text.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace banana {
namespace {

struct Mark {
    std::string_view text;  // in the page, lower case
    std::string_view product;
};

// What only a challenge carries: its own script or cookie, whatever the status.
constexpr std::array kChallengeScripts{
    Mark{"cf-chl", "Cloudflare"},
    Mark{"/cdn-cgi/challenge-platform/h/", "Cloudflare"},
    Mark{"<title>just a moment", "Cloudflare"},
    Mark{"acw_sc__v2", "Aliyun WAF"},
    Mark{"aliyun_waf", "Aliyun WAF"},
    Mark{"__jsl_clearance", "Jiasule"},
    Mark{"safeline", "SafeLine"},
};

// Captchas and their words: pages that are no challenge carry them too, so only an error status makes them one.
constexpr std::array kChallengeWords{
    Mark{"challenges.cloudflare.com", "Cloudflare"},
    Mark{"/cdn-cgi/challenge-platform", "Cloudflare"},
    Mark{"awswaf", "AWS WAF"},
    Mark{"g-recaptcha", ""},
    Mark{"hcaptcha", ""},
    Mark{"geetest", "GeeTest"},
    Mark{"请完成验证", ""},
    Mark{"安全验证", ""},
    Mark{"人机验证", ""},
};

// Of pages that refuse and ask for nothing; with an error status only, since sites name these products freely.
constexpr std::array kRefusalMarks{
    Mark{"attention required! | cloudflare", "Cloudflare"},
    Mark{"cf-error-details", "Cloudflare"},
    Mark{"errors.aliyun.com", "Aliyun WAF"},
    Mark{"waf.tencent-cloud.com", "Tencent Cloud WAF"},
    Mark{"teo-waf", "Tencent EdgeOne"},
    Mark{"edgeone", "Tencent EdgeOne"},
    Mark{"雷池", "SafeLine"},
    Mark{"btwaf", "BT WAF"},
    Mark{"宝塔", "BT WAF"},
    Mark{"加速乐", "Jiasule"},
    Mark{"yunsuo", "Yunsuo"},
    Mark{"安全狗", "SafeDog"},
    Mark{"360wzws", "360 WangZhanWeiShi"},
    Mark{"incapsula", "Imperva"},
    Mark{"访问被拦截", ""},
    Mark{"请求被拦截", ""},
    Mark{"网站防火墙", ""},
    Mark{"web application firewall", ""},
};

constexpr std::array kServers{
    Mark{"cloudflare", "Cloudflare"},
    Mark{"yunjiasu", "Baidu Yunjiasu"},
    Mark{"tengine", "Tengine"},
    Mark{"edgeone", "Tencent EdgeOne"},
    Mark{"byte-nginx", "ByteDance CDN"},
    Mark{"akamaighost", "Akamai"},
    Mark{"cloudfront", "Amazon CloudFront"},
    Mark{"awselb", "AWS load balancer"},
    Mark{"safeline", "SafeLine"},
    Mark{"openresty", "OpenResty"},
    Mark{"nginx", "nginx"},
    Mark{"caddy", "Caddy"},
    Mark{"apache", "Apache"},
    Mark{"squid", "Squid"},
    Mark{"tinyproxy", "tinyproxy"},
};

struct Notice {
    std::string_view text;  // lower case
    std::string_view notice;
};

constexpr std::array kNotices{
    Notice{"error code: 1009", "region"},
    Notice{"banned the country or region", "region"},
    Notice{"block access from your country", "region"},
    Notice{"country, region, or territory", "region"},
    Notice{"unsupported_country", "region"},
    Notice{"not available in your country", "region"},
    Notice{"not available in your region", "region"},
    Notice{"未备案", "filing"},
    Notice{"尚未备案", "filing"},
    Notice{"未完成备案", "filing"},
    Notice{"办理备案", "filing"},
    Notice{"未取得备案", "filing"},
    Notice{"batit.aliyun.com", "filing"},
    Notice{"dnspod.qcloud.com/static/webblock", "filing"},
};

// Pages that sell names carry one of these; a service may say "for sale" of other things, so only of a page that
// should have been data.
constexpr std::array kSaleWords{
    Notice{"domain is for sale", "for-sale"}, Notice{"domain may be for sale", "for-sale"},
    Notice{"buy this domain", "for-sale"},    Notice{"sedoparking", "for-sale"},
    Notice{"parkingcrew", "for-sale"},        Notice{"域名出售", "for-sale"},
    Notice{"域名正在出售", "for-sale"},       Notice{"域名转让", "for-sale"},
};

// Whether a place and its refusal stand together: "您所在的地区暂不支持", "不支持您所在的国家". "当前地区访问量过大"
// speaks of a place, but refuses nobody for it.
bool refuses_region(std::string_view text) {
    constexpr std::size_t kBefore = 18;  // bytes: six characters
    constexpr std::size_t kBehind = 24;
    static constexpr std::array<std::string_view, 7> kPlaces{"所在地区",   "所在的地区", "所在区域", "所在的区域",
                                                             "所在的国家", "所在国家",   "当前地区"};
    static constexpr std::array<std::string_view, 11> kRefusals{
        "不支持", "不可用", "不允许", "不被允许", "不能", "不开放", "无法访问", "无法使用", "禁止", "未开放", "受限"};
    for (const std::string_view place : kPlaces) {
        const std::size_t at = text.find(place);
        if (at == std::string_view::npos) {
            continue;
        }
        const std::size_t from = at - std::min(at, kBefore);
        const std::string_view near = text.substr(from, at - from + place.size() + kBehind);
        if (std::any_of(kRefusals.begin(), kRefusals.end(),
                        [&](std::string_view words) { return near.find(words) != std::string_view::npos; })) {
            return true;
        }
    }
    return false;
}

template <typename Notices>
std::string_view find_notice(const Notices& notices, std::string_view text) {
    const auto found = std::find_if(notices.begin(), notices.end(), [&](const Notice& notice) {
        return text.find(notice.text) != std::string_view::npos;
    });
    return found == notices.end() ? std::string_view() : found->notice;
}

// Logins that a web server asks for itself; Kong's "Key" and the API's own "Bearer" are none.
bool asks_password(const HttpResponse& response) {
    const std::string scheme = to_lower_ascii(response.header("WWW-Authenticate"));
    static constexpr std::array<std::string_view, 4> kPasswords{"basic", "digest", "ntlm", "negotiate"};
    return response.status == 401 && std::any_of(kPasswords.begin(), kPasswords.end(),
                                                 [&](std::string_view name) { return scheme.starts_with(name); });
}

std::string_view notice_of(const HttpResponse& response, bool html, std::string_view lower) {
    if (asks_password(response)) {
        return "login";
    }
    const std::string_view notice = find_notice(kNotices, lower);
    if (response.status >= 400) {
        return notice.empty() && refuses_region(lower) ? "region" : notice;
    }
    // Log-in pages ask for a region too: only a refusal says where the service is not open to.
    return notice == "filing" ? notice : html ? find_notice(kSaleWords, lower) : std::string_view();
}

// A title ends at its own end tag; tags within it show as text to nobody, and could part a key.
std::string without_tags(std::string_view text) {
    std::string plain;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = text[at] == '<' ? text.find('>', at) : std::string_view::npos;
        if (end == std::string_view::npos) {
            plain += text[at++];
        } else {
            at = end + 1;
        }
    }
    return plain;
}

// "error code: 1020" and the like; nothing where the body is no text.
std::string plain_words(std::string_view body) {
    const std::string_view text = trim_ascii(body);
    const bool is_data = text.starts_with('{') || text.starts_with('[') || text.starts_with('"');
    const bool is_binary = std::any_of(text.begin(), text.end(), [](char c) {
        return static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\r' && c != '\t';
    });
    return is_data || is_binary ? std::string()
                                : sanitize(without_tags(text), Lines::single, bounds::kGatewayTitleTextBytes);
}

template <typename Marks>
const Mark* find_mark(const Marks& marks, std::string_view text) {
    const auto found = std::find_if(marks.begin(), marks.end(),
                                    [&](const Mark& mark) { return text.find(mark.text) != std::string_view::npos; });
    return found == marks.end() ? nullptr : &*found;
}

std::string title_of(std::string_view page, std::string_view lower) {
    const std::size_t open = lower.find("<title");
    const std::size_t start = open == std::string_view::npos ? open : lower.find('>', open);
    const std::size_t end = start == std::string_view::npos ? start : lower.find("</title", start);
    if (end == std::string_view::npos) {
        return {};
    }
    return sanitize(trim_ascii(without_tags(page.substr(start + 1, end - start - 1))), Lines::single,
                    bounds::kGatewayTitleTextBytes);
}

bool is_page(const HttpResponse& response, std::string_view lower) {
    return contains_ignoring_case(response.header("Content-Type"), "text/html") ||
           lower.find("<html") != std::string_view::npos || lower.find("<!doctype html") != std::string_view::npos;
}

// Whether some `name=…` in the page, quoted or not, has that value; all in lower case.
bool has_attribute(std::string_view lower, std::string_view name, std::string_view value) {
    for (std::size_t at = lower.find(name); at != std::string_view::npos; at = lower.find(name, at + 1)) {
        std::string_view rest = trim_ascii(lower.substr(at + name.size()));
        if (!rest.starts_with('=')) {
            continue;
        }
        rest = trim_ascii(rest.substr(1));
        rest.remove_prefix(rest.starts_with('"') || rest.starts_with('\'') ? 1 : 0);
        if (rest.starts_with(value)) {
            return true;
        }
    }
    return false;
}

constexpr std::array<std::string_view, 8> kLoginWords{"log in",  "login",  "log-in", "sign in",
                                                      "sign-in", "signin", "登录",   "登陆"};

bool names_login(std::string_view lower) {
    return std::any_of(kLoginWords.begin(), kLoginWords.end(),
                       [&](std::string_view word) { return lower.find(word) != std::string_view::npos; });
}

// `<meta http-equiv="refresh" content="0; url=/login">`, or a script that sets the page's place to one of that name.
bool sends_on_to_login(std::string_view lower) {
    constexpr std::size_t kNear = 160;  // bytes: the address stands in the same statement
    static constexpr std::array<std::string_view, 4> kWays{"http-equiv", "location.href", "location.replace",
                                                           "window.location"};
    return std::any_of(kWays.begin(), kWays.end(), [&](std::string_view way) {
        const std::size_t at = lower.find(way);
        return at != std::string_view::npos && names_login(lower.substr(at, kNear)) &&
               (way != "http-equiv" || lower.substr(at, kNear).find("refresh") != std::string_view::npos);
    });
}

}  // namespace

bool is_login_page(const HttpResponse& response) {
    if (response.status < 200 || response.status >= 300) {
        return false;
    }
    const std::string_view body = std::string_view(response.body).substr(0, bounds::kGatewayPageBytes);
    const std::string lower = to_lower_ascii(body);
    return is_page(response, lower) && (has_attribute(lower, "type", "password") ||
                                        names_login(to_lower_ascii(title_of(body, lower))) || sends_on_to_login(lower));
}

GatewayPage read_gateway_page(const HttpResponse& response) {
    GatewayPage page;
    const std::string_view body = std::string_view(response.body).substr(0, bounds::kGatewayPageBytes);
    const std::string lower = to_lower_ascii(body);
    page.html = is_page(response, lower);
    const std::string server = to_lower_ascii(response.header("Server"));
    if (const Mark* named = find_mark(kServers, server)) {
        page.product = named->product;
    }
    page.challenge = equal_ignoring_case(response.header("cf-mitigated"), "challenge");
    page.notice = notice_of(response, page.html, lower);
    if (!page.html) {
        page.title = plain_words(body);
        return page;
    }
    page.title = title_of(body, lower);
    const bool is_error = response.status >= 400;
    const Mark* challenge = find_mark(kChallengeScripts, lower);
    if (challenge == nullptr && is_error) {
        challenge = find_mark(kChallengeWords, lower);
    }
    const Mark* refusal = is_error ? find_mark(kRefusalMarks, lower) : nullptr;
    page.challenge = page.challenge || challenge != nullptr;
    page.refusal = refusal != nullptr;
    if (const Mark* mark = challenge != nullptr ? challenge : refusal; mark != nullptr && !mark->product.empty()) {
        page.product = mark->product;
    }
    return page;
}

std::string_view edge_status_name(int status) {
    switch (status) {
        case 520: return "Web server returned an unknown error";
        case 521: return "Web server is down";
        case 522: return "Connection timed out";
        case 523: return "Origin is unreachable";
        case 524: return "A timeout occurred";
        case 525: return "SSL handshake failed";
        case 526: return "Invalid SSL certificate";
        case 527: return "Railgun error";
        case 529: return "Site is overloaded";
        case 530: return "Origin DNS error or site frozen";
        default: return {};
    }
}

}  // namespace banana
