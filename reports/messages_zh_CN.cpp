#include "reports/messages.hpp"

#include <array>

namespace banana {
namespace {

constexpr auto kEntries = std::to_array<CatalogEntry>({
#if __has_include("messages/zh-CN/config.inc")
#include "messages/zh-CN/config.inc"
#endif
#if __has_include("messages/zh-CN/upstream.inc")
#include "messages/zh-CN/upstream.inc"
#endif
#if __has_include("messages/zh-CN/install.inc")
#include "messages/zh-CN/install.inc"
#endif
#if __has_include("messages/zh-CN/local.inc")
#include "messages/zh-CN/local.inc"
#endif
#if __has_include("messages/zh-CN/report.inc")
#include "messages/zh-CN/report.inc"
#endif
#if __has_include("messages/zh-CN/program.inc")
#include "messages/zh-CN/program.inc"
#endif
#if __has_include("messages/zh-CN/world.inc")
#include "messages/zh-CN/world.inc"
#endif
});

}  // namespace

std::span<const CatalogEntry> messages_zh_CN() {
    return kEntries;
}

}  // namespace banana
