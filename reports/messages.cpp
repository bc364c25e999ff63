#include "messages.hpp"

#include <array>

namespace banana {
namespace {

constexpr CatalogEntry kChinese[] = {
#include "messages/zh-CN/comfyui.inc"
#include "messages/zh-CN/config.inc"
#include "messages/zh-CN/install.inc"
#include "messages/zh-CN/program.inc"
#include "messages/zh-CN/report.inc"
#include "messages/zh-CN/upstream.inc"
#include "messages/zh-CN/world.inc"
};

constexpr CatalogEntry kEnglish[] = {
#include "messages/en/comfyui.inc"
#include "messages/en/config.inc"
#include "messages/en/install.inc"
#include "messages/en/program.inc"
#include "messages/en/report.inc"
#include "messages/en/upstream.inc"
#include "messages/en/world.inc"
};

// A further language is its folder and a line here.
constexpr std::array kLanguages{LanguageMessages{"zh-CN", kChinese}, LanguageMessages{"en", kEnglish}};

}  // namespace

std::span<const LanguageMessages> all_messages() {
    return kLanguages;
}

}  // namespace banana
