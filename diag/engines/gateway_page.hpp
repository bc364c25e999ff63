// Pages that come from something in front of the API: challenges, firewalls, log-in portals.
#pragma once

#include "banana/http.hpp"

#include <string>

namespace banana {

struct GatewayPage {
    bool html = false;
    bool challenge = false;  // asks for a browser, a captcha or a cookie
    bool refusal = false;    // says that a firewall refused; no 2xx does
    std::string title;       // of the page; sanitized and bounded
    std::string product;     // "Cloudflare", "SafeLine" …; empty when not recognised
};

GatewayPage read_gateway_page(const HttpResponse& response);

}  // namespace banana
