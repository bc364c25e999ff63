// A base URL that ends in a page or query of the service, behind which the plugin puts its own path.
#pragma once

#include "banana/finding.hpp"
#include "base_url.hpp"
#include "run_context.hpp"

#include <string>
#include <string_view>

namespace banana {

// The address without such an end ("/v1", "/api/usage/token", "/console/token" …); empty where it has none.
std::string without_page_path(std::string_view base_url);

// Where the target's address has such an end and `finding` can come from it: names the place that it comes from and the
// value that belongs there.
void blame_the_base_path(const RunContext& context, const UpstreamTarget& target, Finding& finding);

}  // namespace banana
