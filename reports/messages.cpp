#include "messages.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <iterator>
#include <utility>

namespace banana {
namespace {

constexpr CatalogEntry kChinese[] = {
#include "messages/zh-CN/comfyui.inc"
#include "messages/zh-CN/config.inc"
#include "messages/zh-CN/fix.inc"
#include "messages/zh-CN/install.inc"
#include "messages/zh-CN/program.inc"
#include "messages/zh-CN/report.inc"
#include "messages/zh-CN/upstream.inc"
#include "messages/zh-CN/world.inc"
};

constexpr CatalogEntry kEnglish[] = {
#include "messages/en/comfyui.inc"
#include "messages/en/config.inc"
#include "messages/en/fix.inc"
#include "messages/en/install.inc"
#include "messages/en/program.inc"
#include "messages/en/report.inc"
#include "messages/en/upstream.inc"
#include "messages/en/world.inc"
};

// A further language is its folder and a line here.
constexpr std::array kLanguages{LanguageMessages{"zh-CN", kChinese}, LanguageMessages{"en", kEnglish}};

// In alphabetical order of ids.
constexpr DeclaredArguments kDeclared[] = {
#include "messages/arguments.inc"
};
static_assert(are_in_order(kDeclared));

// A misspelt placeholder does not compile. In pieces, since compilers count the steps of one constant expression.
constexpr std::size_t kPieceLength = 32;
template <const auto& kTexts, std::size_t kPiece>
constexpr bool kIsDeclared = [] {
    const std::span<const CatalogEntry> all(kTexts);
    const std::size_t begin = kPiece * kPieceLength;
    return names_only_declared(all.subspan(begin, std::min(kPieceLength, all.size() - begin)), kDeclared);
}();

template <const auto& kTexts, std::size_t... kPieces>
constexpr bool are_declared(std::index_sequence<kPieces...> /*pieces*/) {
    return (kIsDeclared<kTexts, kPieces> && ...);
}

template <const auto& kTexts>
constexpr bool kAllDeclared = are_declared<kTexts>(std::make_index_sequence<std::size(kTexts) / kPieceLength + 1>());

static_assert(kAllDeclared<kChinese> && kAllDeclared<kEnglish>);

}  // namespace

std::span<const LanguageMessages> all_messages() {
    return kLanguages;
}

std::span<const DeclaredArguments> declared_arguments() {
    return kDeclared;
}

}  // namespace banana
