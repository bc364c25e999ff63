// What the texts of a catalog may name, held against them when they are compiled.
#pragma once

#include "catalog.hpp"

#include <algorithm>
#include <cstddef>
#include <span>
#include <stdexcept>
#include <string_view>

namespace banana {

// The arguments of one text, or of all texts of a cause, whose ids begin with the one given, its last dot included.
struct DeclaredArguments {
    std::string_view id;
    std::string_view names;  // with a blank between them
};

namespace message_arguments {

// No constant expression: the compiler stops here where a text names an argument that is not declared.
[[noreturn]] inline void text_names_an_undeclared_argument() {
    throw std::logic_error("a text names an argument that is not declared");
}

constexpr std::string_view names_for(std::string_view id, std::span<const DeclaredArguments> declared) {
    std::size_t begin = 0;
    std::size_t end = declared.size();
    while (begin < end) {
        const std::size_t middle = begin + (end - begin) / 2;
        if (declared[middle].id <= id) {
            begin = middle + 1;
        } else {
            end = middle;
        }
    }
    if (begin == 0) {
        return {};
    }
    const DeclaredArguments& nearest = declared[begin - 1];
    const bool of_cause = nearest.id.ends_with('.') && id.starts_with(nearest.id);
    return of_cause || nearest.id == id ? nearest.names : std::string_view();
}

constexpr bool has_name(std::string_view names, std::string_view name) {
    while (!names.empty()) {
        const std::size_t end = std::min(names.find(' '), names.size());
        if (names.substr(0, end) == name) {
            return true;
        }
        names.remove_prefix(std::min(end + 1, names.size()));
    }
    return false;
}

// The grammar of a text is that of catalog.hpp. By pointers: constant evaluation is slow, and shows which text it is.
constexpr void check_text(const char* id, const char* text, std::span<const DeclaredArguments> declared) {
    for (const char* at = text; *at != '\0'; ++at) {
        if (*at != '{' && *at != '}') {
            continue;
        }
        if (at[1] == at[0]) {
            ++at;
            continue;
        }
        const char* end = at + 1;
        while (*end != '}' && *end != '|' && *end != '\0') {
            ++end;
        }
        if (!has_name(names_for(id, declared), std::string_view(at + 1, static_cast<std::size_t>(end - at - 1)))) {
            text_names_an_undeclared_argument();
        }
        while (*end != '}' && *end != '\0') {
            ++end;
        }
        at = *end == '\0' ? end - 1 : end;
    }
}

}  // namespace message_arguments

// True, or no constant expression. Of texts that are literals.
constexpr bool names_only_declared(std::span<const CatalogEntry> texts, std::span<const DeclaredArguments> declared) {
    for (const CatalogEntry& entry : texts) {
        message_arguments::check_text(entry.id.data(), entry.text.data(), declared);
    }
    return true;
}

constexpr bool are_in_order(std::span<const DeclaredArguments> declared) {
    return std::is_sorted(declared.begin(), declared.end(), [](const auto& a, const auto& b) { return a.id < b.id; });
}

}  // namespace banana
