#include "secret_columns.hpp"

#include "banana/ascii.hpp"
#include "banana/secret.hpp"
#include "harmless_values.hpp"
#include "line_range.hpp"
#include "secret_names.hpp"
#include "text.hpp"

#include <algorithm>
#include <cstddef>
#include <optional>

namespace banana {
namespace {

struct Cell {
    std::size_t begin;  // in the text, without the blanks around it
    std::size_t end;
};

std::vector<Cell> cells_of(std::string_view text, std::size_t begin, std::size_t end, char separator) {
    std::vector<Cell> cells;
    const auto add = [&](std::size_t first, std::size_t last) {
        constexpr std::string_view kAround = " \t\r\"'`*";
        while (first < last && kAround.find(text[first]) != std::string_view::npos) {
            ++first;
        }
        while (last > first && kAround.find(text[last - 1]) != std::string_view::npos) {
            --last;
        }
        cells.push_back({first, last});
    };
    std::size_t from = begin;
    for (std::size_t at = begin; at < end; ++at) {
        if (separator != 0 ? text[at] == separator : text.substr(at, 2) == "  ") {
            add(from, at);
            while (separator == 0 && at + 1 < end && text[at + 1] == ' ') {
                ++at;
            }
            from = at + 1;
        }
    }
    add(from, end);
    return cells;
}

// A whole cell that names a secret: `api_key`, `API Key`, `密钥`.
bool is_heading(std::string_view cell) {
    constexpr std::size_t kLongestHeading = 32;
    if (cell.empty() || cell.size() > kLongestHeading) {
        return false;
    }
    for (std::size_t at = 0; at < cell.size(); ++at) {
        const SecretName* name = at == 0 || !is_alphanumeric(cell[at - 1]) ? secret_name_at(cell.substr(at)) : nullptr;
        if (name != nullptr && name->kind != SecretKind::scheme) {
            return std::string_view(cell).find_first_of("=:()[]{}<>") == std::string_view::npos &&
                   length_of_name(*name, cell.substr(at)) + at == cell.size();
        }
    }
    return false;
}

class ColumnFinder {
public:
    explicit ColumnFinder(std::string_view text) : text_(text) {}

    std::vector<Replacement> find() {
        for (const std::string_view each : LineRange(text_)) {
            const auto begin = static_cast<std::size_t>(each.data() - text_.data());
            line(begin, begin + each.size());
        }
        return std::move(found_);
    }

private:
    void line(std::size_t begin, std::size_t end) {
        constexpr std::size_t kLongestLine = 4096;
        if (end - begin > kLongestLine) {
            columns_.clear();
            return;
        }
        if (!columns_.empty()) {
            if (row(begin, end)) {
                return;
            }
            columns_.clear();
        }
        heading(begin, end);
    }

    void heading(std::size_t begin, std::size_t end) {
        const std::string_view line = text_.substr(begin, end - begin);
        for (const char separator : {'|', '\t', ',', ';', '\0'}) {
            if (separator != 0 ? line.find(separator) == std::string_view::npos
                               : line.find("  ") == std::string_view::npos) {
                continue;
            }
            const std::vector<Cell> cells = cells_of(text_, begin, end, separator);
            for (std::size_t index = 0; cells.size() > 1 && index < cells.size(); ++index) {
                if (is_heading(text_.substr(cells[index].begin, cells[index].end - cells[index].begin))) {
                    columns_.push_back(index);
                }
            }
            if (!columns_.empty()) {
                separator_ = separator;
                count_ = cells.size();
                return;
            }
        }
    }

    // False where the table has ended.
    bool row(std::size_t begin, std::size_t end) {
        const std::vector<Cell> cells = cells_of(text_, begin, end, separator_);
        if (cells.size() != count_) {
            return false;
        }
        for (const std::size_t column : columns_) {
            const Cell& cell = cells[column];
            const std::string_view value = text_.substr(cell.begin, cell.end - cell.begin);
            constexpr std::size_t kShortestValue = 6;
            const bool word = value.find_first_of("0123456789") == std::string_view::npos && value.size() < 16;
            if (value.size() >= kShortestValue && value.find_first_not_of("-: ") != std::string_view::npos && !word &&
                !is_sample_text(value) && !is_path_or_name(value) && value.find("…") == std::string_view::npos) {
                found_.push_back({cell.begin, cell.end, Secret(value).masked()});
            }
        }
        return true;
    }

    std::string_view text_;
    std::vector<std::size_t> columns_;
    char separator_ = '\0';
    std::size_t count_ = 0;
    std::vector<Replacement> found_;
};

}  // namespace

std::vector<Replacement> find_secret_columns(std::string_view text) {
    return ColumnFinder(text).find();
}

}  // namespace banana
