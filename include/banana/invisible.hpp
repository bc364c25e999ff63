// Characters that cannot be seen: what untrusted text must not hide behind, and no report shows.
#pragma once

namespace banana {

// C0, C1 and DEL. Line breaks and tabs are among them.
constexpr bool is_control_character(char32_t c) {
    return c < 0x20 || (c >= 0x7F && c < 0xA0);
}

// Bidi controls, zero-width characters, fillers, variation selectors, separators and tags: they reorder a text, or
// split a word that looks whole.
constexpr bool is_invisible_character(char32_t c) {
    const auto within = [c](char32_t first, char32_t last) { return c >= first && c <= last; };
    const bool formatting = c == 0x00AD || c == 0x034F || c == 0x061C || within(0x200B, 0x200F) ||
                            within(0x2028, 0x202E) || within(0x2060, 0x206F) || c == 0xFEFF || within(0xFFF9, 0xFFFB);
    const bool filler = c == 0x115F || c == 0x1160 || c == 0x3164 || c == 0xFFA0 || within(0x17B4, 0x17B5);
    const bool selector = within(0x180B, 0x180F) || within(0xFE00, 0xFE0F);
    return formatting || filler || selector || within(0x1D173, 0x1D17A) || within(0xE0000, 0xE0FFF);
}

}  // namespace banana
