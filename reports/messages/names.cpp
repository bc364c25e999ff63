#include "names.hpp"

#include "banana/lookup.hpp"
#include "numbers.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>

namespace banana {
namespace {

template <typename Enum, std::size_t Size>
std::optional<Enum> find_name(const std::array<Enum, Size>& all, std::string_view (*name_of)(Enum),
                              std::string_view name) {
    for (const Enum value : all) {
        if (name_of(value) == name) {
            return value;
        }
    }
    return std::nullopt;
}

}  // namespace

std::string_view severity_name(Severity severity) {
    switch (severity) {
        case Severity::none: return "none";
        case Severity::warning: return "warning";
        case Severity::error: return "error";
    }
    return "none";
}

std::string_view status_name(Status status) {
    switch (status) {
        case Status::pass: return "pass";
        case Status::warn: return "warn";
        case Status::fail: return "fail";
        case Status::skip: return "skip";
    }
    return "skip";
}

std::string_view confidence_name(Confidence confidence) {
    switch (confidence) {
        case Confidence::proved: return "proved";
        case Confidence::likely: return "likely";
        case Confidence::possible: return "possible";
    }
    return "possible";
}

std::string check_name(std::string_view id, const Catalog& texts) {
    const std::string text = "check-name." + std::string(id);
    return texts.has(text) ? texts.text(text) : std::string(id);
}

std::optional<Severity> severity_from_name(std::string_view name) {
    return find_name(std::array{Severity::none, Severity::warning, Severity::error}, severity_name, name);
}

std::optional<Status> status_from_name(std::string_view name) {
    return find_name(std::array{Status::pass, Status::warn, Status::fail, Status::skip}, status_name, name);
}

std::string number_text(double number) {
    constexpr double kExactIntegers = 9e15;
    std::array<char, 40> buffer{};
    char* const begin = buffer.data();
    char* const end = begin + buffer.size();
    const bool whole = std::isfinite(number) && number == nearest_whole(number) && std::fabs(number) < kExactIntegers;
    const auto written =
        whole ? std::to_chars(begin, end, static_cast<std::int64_t>(number)) : std::to_chars(begin, end, number);
    return std::string(begin, written.ptr);
}

}  // namespace banana
