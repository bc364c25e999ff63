// The run function of each check; each is in its own file, checks/<id with underscores>.cpp.
#pragma once

#include "check.hpp"

#include <boost/asio/awaitable.hpp>

namespace banana {

boost::asio::awaitable<CheckResult> run_install_plugin(RunContext& context);
boost::asio::awaitable<CheckResult> run_config_key(RunContext& context);
boost::asio::awaitable<CheckResult> run_upstream_api(RunContext& context);
boost::asio::awaitable<CheckResult> run_local_server(RunContext& context);
boost::asio::awaitable<CheckResult> run_route_registration(RunContext& context);
boost::asio::awaitable<CheckResult> run_frontend_extension(RunContext& context);
boost::asio::awaitable<CheckResult> run_startup_log(RunContext& context);
boost::asio::awaitable<CheckResult> run_proxy_round_trip(RunContext& context);
boost::asio::awaitable<CheckResult> run_deep_key_override(RunContext& context);
boost::asio::awaitable<CheckResult> run_deep_key_destination(RunContext& context);

}  // namespace banana
