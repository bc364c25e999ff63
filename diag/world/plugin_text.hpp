// Source text of the made-up plugin trees.
#pragma once

#include <string>
#include <string_view>

namespace banana::world::text {

extern const std::string_view kV1Init;
extern const std::string_view kV1Node;  // "%ROUTE_KEY%" is where a late build reads the key of the request
extern const std::string_view kLogger;
extern const std::string_view kV2Init;
extern const std::string_view kV2Node;
extern const std::string_view kV2ConfigManager;
extern const std::string_view kV2ApiClient;
extern const std::string_view kV2BalanceService;
extern const std::string_view kV2ImageCodec;
extern const std::string_view kV2TaskRunner;
extern const std::string_view kV3Init;
extern const std::string_view kV3ComputedInit;
extern const std::string_view kV3Bootstrap;  // %HEADER%
extern const std::string_view kV3Project;    // %VERSION%
extern const std::string_view kForkInit;
extern const std::string_view kForkNode;
extern const std::string_view kForkConfigManager;
extern const std::string_view kForkRouteInit;
extern const std::string_view kForkRouteNode;
extern const std::string_view kForkBalanceService;
extern const std::string_view kConfigExample;

// web/extensions/token-balance.js; `parameters` is the query string's template text behind the "?".
// `other_buttons`: labels beside 查询余额, with "|" between them.
std::string balance_script(std::string_view parameters, std::string_view other_buttons);

}  // namespace banana::world::text
