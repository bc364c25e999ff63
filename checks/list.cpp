#include "list.hpp"

#include "run_context.hpp"

#include <array>

namespace banana {
namespace {

using namespace std::chrono_literals;

bool always(const RunContext&) {
    return true;
}
bool config_is_known(const RunContext& context) {
    return context.options.config || context.found.install;
}
bool server_answers(const RunContext& context) {
    return context.found.server.has_value();
}
bool route_answers(const RunContext& context) {
    return context.found.route && (context.found.route->with_api_prefix || context.found.route->without_api_prefix);
}
bool logs_can_exist(const RunContext& context) {
    return context.found.install || context.found.server;
}

template <const std::string_view&... Ids>
constexpr std::array<std::string_view, sizeof...(Ids)> ids{Ids...};

using namespace check_id;

// Report order. `after` holds back what would disturb an earlier check: the plugin writes a sample
// config.ini at the first query when there is none, so the file is read before anything asks the route.
constexpr std::array kChecks{
    Check{install_plugin, {}, always, {}, 12s, false, run_install_plugin},
    Check{config_key, ids<install_plugin>, config_is_known, {}, 5s, false, run_config_key},
    Check{upstream_api, {}, always, ids<install_plugin, config_key>, 30s, false, run_upstream_api},
    Check{local_server, {}, always, ids<install_plugin>, 30s, false, run_local_server},
    Check{route_registration, ids<local_server>, server_answers, ids<install_plugin, config_key>, 30s, false,
          run_route_registration},
    Check{frontend_extension, ids<local_server>, server_answers, ids<install_plugin>, 30s, false,
          run_frontend_extension},
    Check{startup_log, ids<install_plugin, local_server>, logs_can_exist, ids<config_key>, 15s, false, run_startup_log},
    Check{proxy_round_trip, ids<route_registration>, route_answers,
          ids<config_key, upstream_api, frontend_extension, startup_log>, 60s, false, run_proxy_round_trip},
    Check{deep_key_override, ids<route_registration>, route_answers, ids<proxy_round_trip>, 60s, true,
          run_deep_key_override},
    Check{deep_key_destination, ids<route_registration>, route_answers, ids<deep_key_override>, 60s, true,
          run_deep_key_destination},
};

}  // namespace

std::span<const Check> all_checks() {
    return kChecks;
}

}  // namespace banana
