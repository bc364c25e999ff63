#include "messages.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <iterator>
#include <utility>

namespace banana {
namespace {

constexpr CatalogEntry kChinese[] = {
#include "zh-CN/comfyui.inc"
#include "zh-CN/config.inc"
#include "zh-CN/fix.inc"
#include "zh-CN/install.inc"
#include "zh-CN/program.inc"
#include "zh-CN/report.inc"
#include "zh-CN/upstream.inc"
#include "zh-CN/world.inc"
};

constexpr CatalogEntry kEnglish[] = {
#include "en/comfyui.inc"
#include "en/config.inc"
#include "en/fix.inc"
#include "en/install.inc"
#include "en/program.inc"
#include "en/report.inc"
#include "en/upstream.inc"
#include "en/world.inc"
};

// Made by the compiler: a run would have to read each id for it.
template <const auto& kTexts>
constexpr auto kPlaces = [] {
    std::array<CatalogPlace, std::bit_ceil(2 * std::size(kTexts) + 1)> places{};
    for (std::size_t index = 0; index < std::size(kTexts); ++index) {
        CatalogPlace& place = places[place_of_id(kTexts[index].id, kTexts, places)];
        place = place == 0 ? static_cast<CatalogPlace>(index + 1) : place;
    }
    return places;
}();

// A further language is its folder and a line here.
constexpr std::array kLanguages{LanguageMessages{"zh-CN", kChinese, kPlaces<kChinese>},
                                LanguageMessages{"en", kEnglish, kPlaces<kEnglish>}};

// In alphabetical order of ids.
constexpr DeclaredArguments kDeclared[] = {
#include "arguments.inc"
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
