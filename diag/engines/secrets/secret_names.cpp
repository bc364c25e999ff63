#include "secret_names.hpp"

#include "text.hpp"

#include <algorithm>
#include <array>

namespace banana {
namespace {

// Longer names before those that they begin with.
constexpr std::array kNames{
    SecretName{"authorization", SecretKind::header},
    SecretName{"proxy-authorization", SecretKind::header},
    SecretName{"cookie", SecretKind::header},
    SecretName{"set-cookie", SecretKind::header},
    SecretName{"x-api-key", SecretKind::secret_option},
    SecretName{"bearer", SecretKind::scheme},
    SecretName{"basic", SecretKind::scheme},
    SecretName{"api_key", SecretKind::secret_option},
    SecretName{"api-key", SecretKind::secret_option},
    SecretName{"apikey", SecretKind::secret_option},
    SecretName{"api key", SecretKind::option},
    SecretName{"access_token", SecretKind::secret_option},
    SecretName{"accesstoken", SecretKind::secret_option},
    SecretName{"auth_token", SecretKind::secret_option},
    SecretName{"authtoken", SecretKind::secret_option},
    SecretName{"refresh_token", SecretKind::secret_option},
    SecretName{"refreshtoken", SecretKind::secret_option},
    SecretName{"client_secret", SecretKind::secret_option},
    SecretName{"clientsecret", SecretKind::secret_option},
    SecretName{"session_id", SecretKind::secret_option},
    SecretName{"sessionid", SecretKind::secret_option},
    SecretName{"signature", SecretKind::secret_option},
    SecretName{"password", SecretKind::password},
    SecretName{"passwd", SecretKind::password},
    SecretName{"passphrase", SecretKind::password},
    SecretName{"pwd", SecretKind::password},
    SecretName{"secret", SecretKind::option},
    SecretName{"token", SecretKind::option},
    SecretName{"key", SecretKind::option},
    SecretName{"kv_auth_token", SecretKind::secret_option},
    SecretName{"kv_auth_key", SecretKind::secret_option},
    SecretName{"kv_auth_secret", SecretKind::secret_option},
    SecretName{"密钥", SecretKind::option},
    SecretName{"密匙", SecretKind::option},
    SecretName{"令牌", SecretKind::option},
    SecretName{"密码", SecretKind::password},
    SecretName{"口令", SecretKind::password},
};

// Capital and small letters as one; what else falls together is told apart by the comparison that follows.
constexpr unsigned char folded(char c) {
    return static_cast<unsigned char>(c | 0x20);
}

// Most characters begin no name: they are passed over without a comparison.
constexpr std::array<bool, 256> kFirst = [] {
    std::array<bool, 256> first{};
    for (const SecretName& name : kNames) {
        first[folded(name.text.front())] = true;
    }
    return first;
}();

}  // namespace

const SecretName* secret_name_at(std::string_view text) {
    if (text.empty() || !kFirst[folded(text.front())]) {
        return nullptr;
    }
    const auto found = std::find_if(kNames.begin(), kNames.end(), [&](const SecretName& name) {
        return folded(name.text.front()) == folded(text.front()) && starts_with_ignoring_case(text, name.text);
    });
    return found == kNames.end() ? nullptr : &*found;
}

}  // namespace banana
