// The proxy settings of Windows, as Python reads them.
#pragma once

#include "proxy_settings.hpp"

#include <string_view>

namespace banana {

// What Python makes of the proxy settings of Windows where it asks for them: urllib.request.getproxies_registry of
// Python 3.10 and later, and proxy_bypass_registry of requests 2.28. `variable` is then "system".
ProxyChoice choose_system_proxy(std::string_view url, const SystemProxySettings& settings);

}  // namespace banana
