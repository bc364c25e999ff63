#include "url_secrets.hpp"

#include "banana/bounds.hpp"
#include "banana/percent_encoding.hpp"
#include "base64.hpp"
#include "secret_names.hpp"
#include "text.hpp"

#include <algorithm>
#include <string>

namespace banana {
namespace {

void learn_login(Redactor& redactor, const std::string& login) {
    const std::size_t colon = login.find(':');
    const bool user_only = colon == std::string::npos || colon + 1 == login.size();
    if (user_only) {
        // A name as a rule; a token where it is as long as one.
        redactor.learn(Secret(login.substr(0, colon)));
        return;
    }
    redactor.learn_password(Secret(login.substr(colon + 1)));
    redactor.learn(Secret(base64_encode(login)));
}

bool is_port(std::string_view text) {
    return text.find_first_not_of("0123456789") == std::string_view::npos;
}

// What stands before the `@`; empty where there is none.
std::string_view login_of(std::string_view behind_scheme) {
    const std::string_view authority = behind_scheme.substr(0, behind_scheme.find_first_of("/?#"));
    if (const std::size_t sign = authority.rfind('@'); sign != std::string_view::npos) {
        return authority.substr(0, sign);
    }
    // A password with `/`, `?` or `#` in it; but `host:8080/path@x` has none.
    const std::size_t colon = authority.find(':');
    const std::size_t sign = behind_scheme.rfind('@');
    const bool port = colon == std::string_view::npos || is_port(authority.substr(colon + 1));
    return sign == std::string_view::npos || port ? std::string_view() : behind_scheme.substr(0, sign);
}

void learn_parameters(Redactor& redactor, std::string_view query) {
    while (!query.empty()) {
        const std::string_view part = query.substr(0, query.find_first_of("&#"));
        const std::size_t sign = part.find('=');
        if (sign != std::string_view::npos && is_secret_name(part.substr(0, sign))) {
            redactor.learn(Secret(part.substr(sign + 1)));
            redactor.learn(Secret(percent_decode(part.substr(sign + 1))));
        }
        query.remove_prefix(std::min(part.size() + 1, query.size()));
    }
}

}  // namespace

void learn_url_secrets(Redactor& redactor, std::string_view url) {
    url = trim_ascii(url).substr(0, bounds::kUrlSecretsBytes);
    for (const std::string_view mark : {std::string_view("://"), std::string_view("：//")}) {
        if (const std::size_t at = url.find(mark); at != std::string_view::npos) {
            url.remove_prefix(at + mark.size());
            break;
        }
    }
    if (const std::string login(login_of(url)); !login.empty()) {
        learn_login(redactor, login);
        learn_login(redactor, percent_decode(login));
    }
    if (const std::size_t query = url.find('?'); query != std::string_view::npos) {
        learn_parameters(redactor, url.substr(query + 1));
    }
}

}  // namespace banana
