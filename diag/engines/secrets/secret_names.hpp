// Names behind which a secret stands: of headers, options, parameters and JSON members.
#pragma once

#include <string_view>

namespace banana {

enum class SecretKind {
    header,         // `Authorization: …`, `Cookie: …`: the rest of the line is secret
    scheme,         // `Bearer …`
    option,         // `key`, `token`: common words, whose value counts only where it is long
    secret_option,  // `api_key`, also within a longer name
    password,
};

struct SecretName {
    std::string_view text;
    SecretKind kind;
};

// The name that `text` begins with, in whatever case; null where it begins with none.
const SecretName* secret_name_at(std::string_view text);

}  // namespace banana
