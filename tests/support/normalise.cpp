#include "support/normalise.hpp"

#include <regex>
#include <utility>
#include <vector>

namespace banana::test {

std::string normalise(std::string report) {
    static const std::vector<std::pair<std::regex, std::string>> rules = [] {
        std::vector<std::pair<std::regex, std::string>> list;
        const auto add = [&](const char* pattern, const char* with) { list.emplace_back(std::regex(pattern), with); };
        add("<!-- banana-diag report data [^>]*-->", "<!-- banana-diag report data … -->");
        add(R"x(/tmp/banana-diag-world-[0-9A-Za-z]+)x", "/tmp/banana-diag-world");
        add(R"x(127\.0\.0\.1(:|%3A)[0-9]{2,5})x", "127.0.0.1$018188");
        add(R"x((--port",? *"?|comfyui_|port ?)[0-9]{4,5})x", "$018188");
        add(R"x([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}(Z|[+-][0-9:]{5}))x", "2025-11-12T16:49:00+08:00");
        add(R"x([0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}(:[0-9]{2})?)x", "2025-11-12 16:49");
        add("(查询时间 )[0-9]{2}:[0-9]{2}", "$0116:49");
        add(R"x(("[a-z_]*(_ms|days_left)": )[0-9.eE+-]+)x", "$010.1");
        add(R"x((dns|tcp|tls|first_byte|total)": [0-9.eE+-]+)x", "$1\": 0.1");
        add(R"x([0-9]+(\\?\.[0-9]+)? (ms|毫秒))x", "0.1 $2");
        add(R"x(\b[0-9]+(\\?\.[0-9]+)? s\b)x", "0.1 s");
        add(R"x(("(ms|clock_difference_seconds)": )[0-9.eE+-]+)x", "$010.1");
        add(R"x(("port": )[0-9]+)x", "$018188");
        add(R"x(("os": ")[^"]*")x", "$01Linux\"");
        add(R"x(("not_after": ")[^"]*")x", "$012026-02-10T00:00:00Z\"");
        add(R"x(("(python|tool_version|age_ms)": ")[^"]*")x", "$01-\"");
        return list;
    }();
    for (const auto& [pattern, with] : rules) {
        report = std::regex_replace(report, pattern, with);
    }
    return report;
}

}  // namespace banana::test
