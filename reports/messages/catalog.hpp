// The texts for people, by language and id.
//
// A text names arguments as {name}; {name|prefix} shows the text "prefix.<value of name>" where the catalog has one,
// else the value; {name|prefix|suffix} the text "prefix.<value of name>.suffix"; {name|number} groups digits by three,
// {name|minutes} says a number of minutes in minutes, hours or days.
// `code` and **strong** are the only markup; {{ and }} stand for braces. Arguments are untrusted: they can never become
// markup.
#pragma once

#include "banana/message.hpp"
#include "inline_text.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace banana {

// A line of steps that begins so is a command: it stands whole, so that it can be pasted.
inline constexpr std::string_view kCommandIndent = "    ";

struct CatalogEntry {
    std::string_view id;
    std::string_view text;
};

// Where each id stands: an open hash table whose places hold the entry's number from 1 on, 0 where there is none.
using CatalogPlace = std::uint16_t;

// FNV-1a, of 32 bits.
constexpr std::size_t hash_of_id(std::string_view id) {
    std::uint32_t hash = 2166136261U;
    for (const char c : id) {
        hash = (hash ^ static_cast<unsigned char>(c)) * 16777619U;
    }
    return hash;
}

// Where the id stands among the places, or the free place that it would take.
constexpr std::size_t place_of_id(std::string_view id, std::span<const CatalogEntry> entries,
                                  std::span<const CatalogPlace> places) {
    std::size_t place = hash_of_id(id) % places.size();
    while (places[place] != 0 && entries[places[place] - 1U].id != id) {
        place = (place + 1) % places.size();
    }
    return place;
}

class Catalog {
public:
    // Without places, the ids are searched one after the other.
    Catalog(std::string_view language, std::span<const CatalogEntry> entries,
            std::span<const CatalogPlace> places = {});

    [[nodiscard]] std::string_view language() const noexcept { return language_; }
    [[nodiscard]] std::span<const CatalogEntry> entries() const noexcept { return entries_; }
    [[nodiscard]] bool has(std::string_view id) const;
    // The template as it stands in the catalog; none for an unknown id.
    [[nodiscard]] std::optional<std::string_view> find(std::string_view id) const;

    // The text with its arguments filled in, markup removed. A missing argument shows as <name>, an unknown id as
    // the id itself.
    [[nodiscard]] std::string text(const Message& message) const;
    [[nodiscard]] std::string text(std::string_view id, const Arguments& args = {}) const;
    // The same for documents.
    [[nodiscard]] Inline rich(const Message& message) const;
    [[nodiscard]] Inline rich(std::string_view id, const Arguments& args = {}) const;
    // A text of several lines, split before the arguments are filled in, so that no argument can add a line.
    [[nodiscard]] std::vector<Inline> rich_lines(std::string_view id, const Arguments& args = {}) const;
    [[nodiscard]] std::vector<std::string> text_lines(std::string_view id, const Arguments& args = {}) const;

    // "cause.<code>.<field>", or its variant where the arguments name one that the catalog has.
    [[nodiscard]] std::string cause_text_id(std::string_view code, std::string_view field, const Arguments& args) const;

private:
    std::string_view language_;
    std::span<const CatalogEntry> entries_;
    std::span<const CatalogPlace> places_;
};

// One a language; the first is that of the default language.
[[nodiscard]] const std::vector<Catalog>& catalogs();
// The catalog of a language; of the default language for one that has none.
[[nodiscard]] const Catalog& catalog(std::string_view language);

// The placeholders of a template in order of appearance, "name" or "name|prefix".
[[nodiscard]] std::vector<std::string> placeholders(std::string_view text);

}  // namespace banana
