#include "support/normalise.hpp"

#include <regex>
#include <utility>
#include <vector>

namespace banana::test {

std::string normalise(std::string report) {
    static const std::vector<std::pair<std::regex, std::string>> rules = [] {
        std::vector<std::pair<std::regex, std::string>> list;
        const auto add = [&](const char* pattern, const char* with) { list.emplace_back(std::regex(pattern), with); };
        add(R"(/tmp/banana-diag-world-[0-9A-Za-z]+)", "/tmp/banana-diag-world");
        add(R"(127\.0\.0\.1(:|%3A)[0-9]{2,5})", "127.0.0.1$018188");
        add(R"((--port",? *"?|comfyui_|port ?)[0-9]{4,5})", "$018188");
        add(R"([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}(Z|[+-][0-9:]{5}))", "2025-11-12T16:49:00+08:00");
        add(R"([0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}(:[0-9]{2})?)", "2025-11-12 16:49");
        add("(查询时间 )[0-9]{2}:[0-9]{2}", "$0116:49");
        add(R"(("[a-z_]*(_ms|days_left)": )[0-9.eE+-]+)", "$010.1");
        add(R"((dns|tcp|tls|first_byte|total)": [0-9.eE+-]+)", "$1\": 0.1");
        add(R"([0-9]+(\\?\.[0-9]+)? (ms|毫秒))", "0.1 $2");
        add(R"(\b[0-9]+(\\?\.[0-9]+)? s\b)", "0.1 s");
        add(R"(("os": ")[^"]*")", "$01Linux\"");
        add(R"(("not_after": ")[^"]*")", "$012026-02-10T00:00:00Z\"");
        add(R"(("(python|tool_version|age_ms)": ")[^"]*")", "$01-\"");
        return list;
    }();
    for (const auto& [pattern, with] : rules) {
        report = std::regex_replace(report, pattern, with);
    }
    return report;
}

}  // namespace banana::test
