#include "mending.hpp"

#include "config_options.hpp"
#include "config_words.hpp"
#include "mending_lines.hpp"
#include "python_text.hpp"

#include <algorithm>
#include <optional>

namespace banana::mending {

void Mending::mend_section() {
    const IniFile file = read();
    if (file.section(kPluginSection) != nullptr) {
        return;
    }
    const IniSection* near = near_section(file);
    if (near != nullptr) {
        const std::string meant = meant_section(near->name);
        const bool certain = meant == kPluginSection || differs_by_one_letter(meant, kPluginSection) ||
                             near->find(kKeyOption) != nullptr;
        const auto twins = std::count_if(file.sections().begin(), file.sections().end(),
                                         [&](const auto& other) { return meant_section(other.name) == meant; });
        if (!certain || twins != 1) {
            refuse_to_mend(MendObstacle::unclear_section, near->line);
        }
        std::string text = lines_.text(near->line);
        const std::size_t open = text.find('[');
        text.replace(open + 1, text.rfind(']') - open - 1, kPluginSection);
        lines_.set_text(near->line, std::move(text));
        renamed_section_ = near->name;
        return note(Mend::section_name);
    }
    const bool elsewhere = std::any_of(file.sections().begin(), file.sections().end(),
                                       [](const auto& section) { return section.find(kKeyOption) != nullptr; });
    if (elsewhere) {
        refuse_to_mend(MendObstacle::unclear_section);
    }
    lines_.insert(lines_.count() + 1, std::string(kPluginHeader));
    note(Mend::missing_header);
}

void Mending::mend_option_name() {
    const IniFile file = read();
    if (file.get(kPluginSection, kKeyOption).option != nullptr) {
        return;
    }
    const auto near = near_api_key(file, lines_.texts());
    if (near && near->kind == "name") {
        return rename_option(*file.section(kPluginSection), *near);
    }
    if (near && near->kind == "command") {
        return drop_command_word(*near);
    }
    if (near && near->kind == "swallowed") {
        free_swallowed(*file.section(kPluginSection)->find(near->swallowed_by));
    }
}

void Mending::rename_option(const IniSection& section, const NearOption& near) {
    const IniOption& option = *section.find(near.name);
    const std::string_view value = python_strip(option.value);
    const auto others = std::count_if(section.options.begin(), section.options.end(), [](const IniOption& other) {
        return means_api_key(other.name) || differs_by_one_letter(meant_name(other.name), "apikey");
    });
    if (others != 1 || !is_key_or_none(value)) {
        refuse_to_mend(MendObstacle::unclear_line, near.line);
    }
    std::string text = lines_.text(option.line);
    const std::size_t delimiter = text.find_first_of("=:");
    const std::string_view name = python_strip(std::string_view(text).substr(0, delimiter));
    text.replace(static_cast<std::size_t>(name.data() - text.data()), name.size(), kKeyOption);
    lines_.set_text(option.line, std::move(text));
    changed_options_.insert(near.name);
    note(Mend::option_name);
}

void Mending::drop_command_word(const NearOption& near) {
    const std::string plain(without_command_word(lines_.text(near.line)));
    const std::size_t delimiter = plain.find_first_of("=:");
    const std::string_view value = python_strip(std::string_view(plain).substr(delimiter + 1));
    const bool goes_on = near.line < lines_.count() && !is_blank(lines_.text(near.line + 1)) &&
                         lines_.indentation(near.line + 1).size() > 0;
    if (goes_on || !is_key_or_none(value)) {
        refuse_to_mend(MendObstacle::unclear_line, near.line);
    }
    lines_.set_text(near.line, std::string(kKeyOption) + " = " + std::string(value));
    changed_options_.insert(near.name);
    note(Mend::option_name);
}

void Mending::free_swallowed(const IniOption& option) {
    const std::string indentation(lines_.indentation(option.line));
    for (int number = option.line + 1; number <= option.last_line; ++number) {
        if (is_option_line(lines_.text(number)) && !is_comment(lines_.text(number))) {
            lines_.set_indentation(number, indentation);
            changed_options_.insert(option.name);
            note(Mend::indentation);
        }
    }
    if (const std::optional<IniError> error = read().error()) {
        refuse_to_mend(MendObstacle::unclear_duplicate, error->line.value_or(option.line));
    }
}

}  // namespace banana::mending
