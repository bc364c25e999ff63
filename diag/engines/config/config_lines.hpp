// A text as lines that keep their own ends, so that what is not edited stays byte for byte.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace banana {

struct TextLine {
    std::string text;
    std::string end;  // "\n", "\r\n", "\r"; empty for a last line without one
};

// Lines are numbered from 1, as Python's universal newlines count them.
class ConfigLines {
public:
    explicit ConfigLines(std::string_view text);

    [[nodiscard]] int count() const noexcept { return static_cast<int>(lines_.size()); }
    [[nodiscard]] const std::string& text(int number) const { return at(number).text; }
    void set_text(int number, std::string text) { at(number).text = std::move(text); }
    void erase(int number);
    // The new line becomes number `number`; 1 to count() + 1. It ends as its neighbours do.
    void insert(int number, std::string text);

    // White space in front of the line's text.
    [[nodiscard]] std::string_view indentation(int number) const;
    void set_indentation(int number, std::string_view blanks);

    [[nodiscard]] std::string joined() const;
    [[nodiscard]] std::vector<std::string> texts() const;

private:
    [[nodiscard]] const TextLine& at(int number) const { return lines_.at(static_cast<std::size_t>(number - 1)); }
    [[nodiscard]] TextLine& at(int number) { return lines_.at(static_cast<std::size_t>(number - 1)); }

    std::vector<TextLine> lines_;
};

}  // namespace banana
