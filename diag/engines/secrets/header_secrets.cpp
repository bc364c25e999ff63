#include "header_secrets.hpp"

#include "banana/ascii.hpp"
#include "base64.hpp"
#include "harmless_values.hpp"
#include "text.hpp"
#include "url_secrets.hpp"

#include <algorithm>
#include <array>

namespace banana {
namespace {

// Every browser sends them to every host: as secrets they would only make reports unreadable.
bool is_about_the_client(std::string_view name) {
    static constexpr std::array<std::string_view, 10> kNames{
        "accept",     "cache-control",    "dnt",         "origin", "pragma", "priority", "upgrade-insecure-requests",
        "user-agent", "x-requested-with", "content-type"};
    const std::string lower = to_lower_ascii(name);
    return lower.starts_with("accept-") || lower.starts_with("sec-") ||
           std::find(kNames.begin(), kNames.end(), lower) != kNames.end();
}

}  // namespace

void learn_header(Redactor& redactor, const SecretHeader& header) {
    if (is_about_the_client(header.name)) {
        return;
    }
    const std::string_view value = header.value.reveal();
    if (equal_ignoring_case(header.name, "Referer")) {
        learn_url_secrets(redactor, value);
        return;
    }
    redactor.learn_password(header.value);
    const std::string_view behind_scheme = trim_ascii(value.substr(std::min(value.find(' '), value.size())));
    redactor.learn(Secret(behind_scheme));
    if (value.size() > behind_scheme.size() && starts_with_ignoring_case(value, "basic ")) {
        const std::string login = base64_decode(behind_scheme).value_or("");
        const std::size_t colon = login.find(':');
        if (colon != std::string::npos) {
            // A token may stand as the user; masked everywhere, a plain name would take words out of paths and advice.
            const std::string user = login.substr(0, colon);
            if (!is_path_or_name(user) && !is_prose(user)) {
                redactor.learn(Secret(user));
            }
            redactor.learn_password(Secret(login.substr(colon + 1)));
        }
    }
    for (std::string_view rest = value; !rest.empty();) {
        const std::string_view part = rest.substr(0, rest.find_first_of(";,"));
        const std::size_t equals = part.find('=');
        if (equals != std::string_view::npos) {
            redactor.learn(Secret(trim_ascii(part.substr(equals + 1))));
        }
        rest.remove_prefix(std::min(part.size() + 1, rest.size()));
    }
}

}  // namespace banana
