// Arithmetic that the C library's libm has too; without it a start loads one library less.
#pragma once

#include <cstdint>

namespace banana {

// The nearest whole number, halves away from zero, as std::round.
constexpr double nearest_whole(double value) {
    constexpr double kAllWhole = 4503599627370496.0;  // 2^52: a double from here on has no fraction
    if (!(value > -kAllWhole && value < kAllWhole)) {
        return value;
    }
    const auto whole = static_cast<double>(static_cast<std::int64_t>(value));
    const double rest = value - whole;
    return rest >= 0.5 ? whole + 1 : rest <= -0.5 ? whole - 1 : whole;
}

}  // namespace banana
