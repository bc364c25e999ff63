#include "messages.hpp"

#include <array>

namespace banana {
namespace {

constexpr CatalogEntry kChinese[] = {
#include "messages/zh-CN.inc"
};

constexpr CatalogEntry kEnglish[] = {
#include "messages/en.inc"
};

// A further language is its file and a line here.
constexpr std::array kLanguages{LanguageMessages{"zh-CN", kChinese}, LanguageMessages{"en", kEnglish}};

}  // namespace

std::span<const LanguageMessages> all_messages() {
    return kLanguages;
}

}  // namespace banana
