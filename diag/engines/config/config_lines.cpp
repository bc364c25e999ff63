#include "config_lines.hpp"

#include "python_text.hpp"

#include <algorithm>

namespace banana {

ConfigLines::ConfigLines(std::string_view text) {
    while (!text.empty()) {
        const std::size_t length = std::min(text.find_first_of("\r\n"), text.size());
        const std::string_view rest = text.substr(length);
        const std::size_t end = rest.starts_with("\r\n") ? 2 : std::min<std::size_t>(rest.size(), 1);
        lines_.push_back({std::string(text.substr(0, length)), std::string(rest.substr(0, end))});
        text.remove_prefix(length + end);
    }
}

void ConfigLines::erase(int number) {
    lines_.erase(lines_.begin() + (number - 1));
}

void ConfigLines::insert(int number, std::string text) {
    std::string end = "\n";
    if (!lines_.empty()) {
        const std::string& near = at(std::clamp(number, 1, count())).end;
        const std::string& first = lines_.front().end;
        end = !near.empty() ? near : !first.empty() ? first : end;
        if (number > count() && lines_.back().end.empty()) {
            lines_.back().end = end;
        }
    }
    lines_.insert(lines_.begin() + (number - 1), TextLine{std::move(text), end});
}

std::string_view ConfigLines::indentation(int number) const {
    const std::string_view line = text(number);
    return line.substr(0, line.size() - python_strip_left(line).size());
}

void ConfigLines::set_indentation(int number, std::string_view blanks) {
    set_text(number, std::string(blanks).append(python_strip_left(text(number))));
}

std::string ConfigLines::joined() const {
    std::string all;
    for (const TextLine& line : lines_) {
        all.append(line.text).append(line.end);
    }
    return all;
}

std::vector<std::string> ConfigLines::texts() const {
    std::vector<std::string> all;
    for (const TextLine& line : lines_) {
        all.push_back(line.text);
    }
    return all;
}

}  // namespace banana
