// The commands and options that this program has. The parser, --help, the man page and the completions are made of
// these rows; their words stand in the catalogs: "command.<name>.usage" and ".help", "option.<name>.value" (only where
// it takes one) and ".help", "option-group.<name>".
#pragma once

#include "catalog.hpp"
#include "options.hpp"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace banana {

struct CommandRow {
    std::string_view name;
    Command command;
    bool takes_argument = false;
};

enum class OptionGroup { places, network, checks, repair, output };
constexpr std::string_view name_of(OptionGroup group) {
    switch (group) {
        case OptionGroup::places: return "places";
        case OptionGroup::network: return "network";
        case OptionGroup::checks: return "checks";
        case OptionGroup::repair: return "repair";
        case OptionGroup::output: break;
    }
    return "output";
}

struct OptionRow {
    enum class Takes { nothing, value, values };  // values: may be repeated
    enum class Value { none, folder, file, other, choice };

    std::string_view name;
    OptionGroup group;
    Takes takes = Takes::nothing;
    char letter = '\0';  // '\0': none
    Value value = Value::none;
    std::string_view choices = {};  // of a choice: separated by blanks, the default first
};

std::span<const CommandRow> command_rows();
std::span<const OptionRow> option_rows();

// For "did you mean": all names, without the dashes.
std::vector<std::string_view> command_names();
std::vector<std::string_view> option_names();

// What --help prints, lines of at most `width` columns.
std::string help_text(const Catalog& texts, int width);

}  // namespace banana
