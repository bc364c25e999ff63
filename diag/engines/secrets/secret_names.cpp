#include "secret_names.hpp"

#include "banana/ascii.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

namespace banana {
namespace {

// The one table of names. Longer names before those that they begin with.
constexpr std::array kNames{
    SecretName{"authorization", SecretKind::header},
    SecretName{"proxy-authorization", SecretKind::header},
    SecretName{"cookie", SecretKind::header},
    SecretName{"set-cookie", SecretKind::header},
    SecretName{"x_api_key", SecretKind::secret_option},
    SecretName{"x_goog_api_key", SecretKind::secret_option},
    SecretName{"bearer", SecretKind::scheme},
    SecretName{"basic", SecretKind::scheme},
    SecretName{"api_key", SecretKind::secret_option},
    SecretName{"api key", SecretKind::option},
    SecretName{"api_token", SecretKind::secret_option},
    SecretName{"api token", SecretKind::option},
    SecretName{"api_secret", SecretKind::secret_option},
    SecretName{"app_secret", SecretKind::secret_option},
    SecretName{"app_key", SecretKind::secret_option},
    SecretName{"access_token", SecretKind::secret_option},
    SecretName{"access token", SecretKind::option},
    SecretName{"access_key", SecretKind::secret_option},
    SecretName{"auth_token", SecretKind::secret_option},
    SecretName{"auth_key", SecretKind::secret_option},
    SecretName{"auth_secret", SecretKind::secret_option},
    SecretName{"bearer_token", SecretKind::secret_option},
    SecretName{"refresh_token", SecretKind::secret_option},
    SecretName{"client_secret", SecretKind::secret_option},
    SecretName{"secret_key", SecretKind::secret_option},
    SecretName{"private_key", SecretKind::secret_option},
    SecretName{"session_id", SecretKind::secret_option},
    SecretName{"session_key", SecretKind::secret_option},
    SecretName{"signature", SecretKind::secret_option},
    SecretName{"credentials", SecretKind::secret_option},
    SecretName{"credential", SecretKind::secret_option},
    SecretName{"password", SecretKind::password},
    SecretName{"passwd", SecretKind::password},
    SecretName{"passphrase", SecretKind::password},
    SecretName{"pwd", SecretKind::password},
    SecretName{"secret", SecretKind::option},
    SecretName{"token", SecretKind::option},
    SecretName{"key", SecretKind::option},
    SecretName{"密钥", SecretKind::secret_option},
    SecretName{"密匙", SecretKind::secret_option},
    SecretName{"秘钥", SecretKind::secret_option},
    SecretName{"秘匙", SecretKind::secret_option},
    SecretName{"金鑰", SecretKind::secret_option},
    SecretName{"金钥", SecretKind::secret_option},
    SecretName{"密鑰", SecretKind::secret_option},
    SecretName{"秘鑰", SecretKind::secret_option},
    SecretName{"令牌", SecretKind::secret_option},
    SecretName{"權杖", SecretKind::secret_option},
    SecretName{"凭证", SecretKind::secret_option},
    SecretName{"憑證", SecretKind::secret_option},
    SecretName{"凭据", SecretKind::secret_option},
    SecretName{"授权码", SecretKind::secret_option},
    SecretName{"授權碼", SecretKind::secret_option},
    SecretName{"密码", SecretKind::password},
    SecretName{"密碼", SecretKind::password},
    SecretName{"口令", SecretKind::password},
    SecretName{"auth", SecretKind::part},
    SecretName{"pass", SecretKind::part},
    SecretName{"cred", SecretKind::part},
    SecretName{"sig", SecretKind::part},
};

// Capital and small letters as one; what else falls together is told apart by the comparison that follows.
constexpr unsigned char folded(char c) {
    return static_cast<unsigned char>(c | 0x20);
}

// One of 32, the same for a capital and its small letter.
constexpr std::uint32_t bit_of(char c) {
    return 1U << (static_cast<unsigned char>(c) & 0x1FU);
}

// The names by their first character, in the table's order: where each row of them begins, and the next one of its row.
// Most characters begin no name, and most that do are followed by another than a name's second: they are passed over
// without a comparison.
struct Rows {
    static constexpr std::size_t kEnd = kNames.size();
    std::array<std::uint32_t, 256> second{};
    std::array<std::size_t, 256> first{};
    std::array<std::size_t, kNames.size()> next{};
};

constexpr Rows kRows = [] {
    Rows rows;
    rows.first.fill(Rows::kEnd);
    for (std::size_t index = kNames.size(); index-- > 0;) {
        const unsigned char lead = folded(kNames[index].text.front());
        const char second = kNames[index].text[1];
        rows.second[lead] |= second == '_' ? ~0U : bit_of(second);
        std::size_t& first = rows.first[lead];
        rows.next[index] = first;
        first = index;
    }
    return rows;
}();

constexpr bool is_joint(char c) {
    return c == '_' || c == '-' || c == '.';
}

}  // namespace

std::size_t length_of_name(const SecretName& name, std::string_view text) {
    std::size_t at = 0;
    for (const char c : name.text) {
        if (c == '_') {
            at += at < text.size() && is_joint(text[at]) ? 1 : 0;
        } else if (at < text.size() && to_lower(text[at]) == c) {
            ++at;
        } else {
            return 0;
        }
    }
    return at;
}

const SecretName* secret_name_at(std::string_view text) {
    if (text.size() < 2 || (kRows.second[folded(text.front())] & bit_of(text[1])) == 0) {
        return nullptr;
    }
    for (std::size_t index = kRows.first[folded(text.front())]; index != Rows::kEnd; index = kRows.next[index]) {
        const SecretName& name = kNames[index];
        // Its second character tells most words from the name, without a call.
        const char second = name.text[1];
        const bool may_be_it = second == '_' || to_lower(text[1]) == second;
        if (may_be_it && name.kind != SecretKind::part && length_of_name(name, text) > 0) {
            return &name;
        }
    }
    return nullptr;
}

bool is_secret_name(std::string_view name) {
    for (std::size_t at = 0; at < name.size(); ++at) {
        const std::string_view rest = name.substr(at);
        if (std::any_of(kNames.begin(), kNames.end(), [&](const SecretName& row) {
                return row.kind != SecretKind::scheme && length_of_name(row, rest) > 0;
            })) {
            return true;
        }
    }
    return false;
}

}  // namespace banana
