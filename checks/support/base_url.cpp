#include "base_url.hpp"

#include "known_families.hpp"
#include "text.hpp"
#include "web_url.hpp"

namespace banana {
namespace {

constexpr std::string_view kDefaultV1 = "https://xinbaoapi.feng1994.xin";
constexpr std::string_view kDefaultV2 = "https://api.aabao.top";

}  // namespace

std::string effective_base_url(const RunContext& context) {
    if (!context.options.base_url.empty()) {
        return without_trailing_slash(std::string(trim_ascii(context.options.base_url)));
    }
    const Install* install = context.found.install ? &*context.found.install : nullptr;
    const Family family = install != nullptr ? install->family : Family::unknown;
    if (family == Family::v3) {
        const ServiceLine* line = find_service_line(context.options.line);
        return std::string(line != nullptr ? line->base_url : service_lines().front().base_url);
    }
    if (context.found.config && context.found.config->base_url) {
        return without_trailing_slash(*context.found.config->base_url);
    }
    if (install != nullptr && !install->default_base_url.empty()) {
        return without_trailing_slash(install->default_base_url);
    }
    return std::string(family == Family::v2 ? kDefaultV2 : kDefaultV1);
}

bool base_url_is_the_default(const RunContext& context) {
    const bool read = context.found.install || (context.found.config && context.found.config->base_url);
    return context.options.base_url.empty() && !read;
}

bool base_url_is_a_guess(const RunContext& context) {
    const bool folder_named = context.options.comfyui_dir || context.options.plugin_dir;
    return folder_named && base_url_is_the_default(context);
}

}  // namespace banana
