#include "reports/messages.hpp"

#include <array>

namespace banana {
namespace {

constexpr auto kEntries = std::to_array<CatalogEntry>({
#if __has_include("messages/en/config.inc")
#include "messages/en/config.inc"
#endif
#if __has_include("messages/en/upstream.inc")
#include "messages/en/upstream.inc"
#endif
#if __has_include("messages/en/install.inc")
#include "messages/en/install.inc"
#endif
#if __has_include("messages/en/local.inc")
#include "messages/en/local.inc"
#endif
#if __has_include("messages/en/report.inc")
#include "messages/en/report.inc"
#endif
#if __has_include("messages/en/program.inc")
#include "messages/en/program.inc"
#endif
#if __has_include("messages/en/world.inc")
#include "messages/en/world.inc"
#endif
});

}  // namespace

std::span<const CatalogEntry> messages_en() {
    return kEntries;
}

}  // namespace banana
