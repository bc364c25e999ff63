// Names behind which a secret stands: of headers, options, parameters, JSON members, columns.
#pragma once

#include <cstddef>
#include <string_view>

namespace banana {

enum class SecretKind {
    header,         // `Authorization: …`, `Cookie: …`: the rest of the line is secret
    scheme,         // `Bearer …`
    option,         // `key`, `token`: common words, whose value counts only where it is long
    secret_option,  // `api_key`, also within a longer name
    password,
    part,  // `auth`, `cred`: tells a secret only within the name of an option or a parameter
};

struct SecretName {
    std::string_view text;  // `_` stands for `_`, `-`, `.` or nothing
    SecretKind kind;
};

// The name that `text` begins with, in whatever case; null where it begins with none.
const SecretName* secret_name_at(std::string_view text);

// How many octets of `text`, which begins with it, the name takes.
std::size_t length_of_name(const SecretName& name, std::string_view text);

// `api_key`, `auth-token`, `密钥` …: whether a value of that name is to be kept secret.
bool is_secret_name(std::string_view name);

}  // namespace banana
