#include "check.hpp"

namespace banana {

// In report order. A check is defined in a file of its own; this only orders them.
// One line a check.
// clang-format off
#define BANANA_CHECKS(check) \
    check(install_plugin) \
    check(config_key) \
    check(upstream_api) \
    check(local_server) \
    check(route_registration) \
    check(frontend_extension) \
    check(startup_log) \
    check(proxy_round_trip) \
    check(deep_key_override) \
    check(deep_key_destination)
// clang-format on

#define BANANA_DECLARE(name) extern const Check name;
#define BANANA_ADDRESS(name) &checks::name,

namespace checks {
BANANA_CHECKS(BANANA_DECLARE)
}  // namespace checks

std::span<const Check* const> all_checks() {
    static constexpr const Check* kChecks[] = {BANANA_CHECKS(BANANA_ADDRESS)};
    return kChecks;
}

}  // namespace banana
