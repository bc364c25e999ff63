// Pages that come from something in front of the API: challenges, firewalls, log-in portals.
#pragma once

#include "banana/http.hpp"

#include <string>
#include <string_view>

namespace banana {

struct GatewayPage {
    bool html = false;
    bool challenge = false;  // asks for a browser, a captcha or a cookie
    bool refusal = false;    // says that a firewall refused; no 2xx does
    std::string title;       // of a page, or a short plain text; sanitized and bounded
    // What the words say beyond "no": "region" (a refusal for where the visitor is), "filing" (a mainland host shut the
    // site for want of its ICP filing), "login" (the web server asks for a name and password), "for-sale" (of a page
    // that sells the name); empty when nothing is recognised.
    std::string_view notice;
    std::string product;  // "Cloudflare", "SafeLine" …; empty when not recognised
};

GatewayPage read_gateway_page(const HttpResponse& response);

// Whether a page that came with a 2xx, where data was asked for, asks for a log-in: by a box for a password, by its
// title, or by sending the browser on to such a page.
bool is_login_page(const HttpResponse& response);

// What Cloudflare calls the statuses 520 to 530 that it sends for the machine behind it; empty for any other.
std::string_view edge_status_name(int status);

}  // namespace banana
