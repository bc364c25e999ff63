#include "engines/gateway_page.hpp"

#include "engines/text.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace banana {
namespace {

constexpr std::size_t kTitleLimit = 120;
constexpr std::size_t kLookedAt = 64 * 1024;  // of a page; the marks stand at its head

struct Mark {
    std::string_view text;  // in the page, lower case
    std::string_view product;
};

// Words and script names by which these products' own refusal pages can be told.
constexpr std::array kChallengeMarks{
    Mark{"cf-chl", "Cloudflare"},
    Mark{"challenges.cloudflare.com", "Cloudflare"},
    Mark{"/cdn-cgi/challenge-platform", "Cloudflare"},
    Mark{"<title>just a moment", "Cloudflare"},
    Mark{"attention required! | cloudflare", "Cloudflare"},
    Mark{"cf-error-details", "Cloudflare"},
    Mark{"aliyun_waf", "Aliyun WAF"},
    Mark{"acw_sc__v2", "Aliyun WAF"},
    Mark{"errors.aliyun.com", "Aliyun WAF"},
    Mark{"waf.tencent-cloud.com", "Tencent Cloud WAF"},
    Mark{"teo-waf", "Tencent EdgeOne"},
    Mark{"edgeone", "Tencent EdgeOne"},
    Mark{"safeline", "SafeLine"},
    Mark{"雷池", "SafeLine"},
    Mark{"btwaf", "BT WAF"},
    Mark{"宝塔", "BT WAF"},
    Mark{"__jsl_clearance", "Jiasule"},
    Mark{"加速乐", "Jiasule"},
    Mark{"yunsuo", "Yunsuo"},
    Mark{"安全狗", "SafeDog"},
    Mark{"360wzws", "360 WangZhanWeiShi"},
    Mark{"incapsula", "Imperva"},
    Mark{"awswaf", "AWS WAF"},
    Mark{"g-recaptcha", ""},
    Mark{"hcaptcha", ""},
    Mark{"geetest", "GeeTest"},
    Mark{"请完成验证", ""},
    Mark{"安全验证", ""},
    Mark{"人机验证", ""},
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

std::string title_of(std::string_view page, std::string_view lower) {
    const std::size_t open = lower.find("<title");
    const std::size_t start = open == std::string_view::npos ? open : lower.find('>', open);
    const std::size_t end = start == std::string_view::npos ? start : lower.find("</title", start);
    if (end == std::string_view::npos) {
        return {};
    }
    return sanitize(trim_ascii(page.substr(start + 1, end - start - 1)), Lines::single, kTitleLimit);
}

}  // namespace

GatewayPage read_gateway_page(const HttpResponse& response) {
    GatewayPage page;
    const std::string_view body = std::string_view(response.body).substr(0, kLookedAt);
    const std::string lower = to_lower_ascii(body);
    page.html = contains_ignoring_case(response.header("Content-Type"), "text/html") ||
                lower.find("<html") != std::string::npos || lower.find("<!doctype html") != std::string::npos;
    const std::string server = to_lower_ascii(response.header("Server"));
    const auto named = std::find_if(kServers.begin(), kServers.end(),
                                    [&](const Mark& mark) { return server.find(mark.text) != std::string::npos; });
    if (named != kServers.end()) {
        page.product = named->product;
    }
    page.challenge = equal_ignoring_case(response.header("cf-mitigated"), "challenge");
    if (!page.html) {
        return page;
    }
    page.title = title_of(body, lower);
    const auto found = std::find_if(kChallengeMarks.begin(), kChallengeMarks.end(),
                                    [&](const Mark& mark) { return lower.find(mark.text) != std::string::npos; });
    if (found != kChallengeMarks.end()) {
        page.challenge = true;
        page.product = found->product.empty() ? page.product : std::string(found->product);
    }
    return page;
}

}  // namespace banana
