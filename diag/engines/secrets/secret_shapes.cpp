#include "secret_shapes.hpp"

#include "encoded_texts.hpp"
#include "random_tokens.hpp"
#include "secret_columns.hpp"
#include "secret_finder.hpp"
#include "split_keys.hpp"
#include "text_view.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace banana {
namespace {

constexpr std::size_t kShortestShape = 6;  // "a@b.cn"

// Which looks a text is given.
enum class Depth { whole, decoded };

void add_shapes(std::string_view text, Depth depth, std::vector<Replacement>& found);

bool holds_secret(std::string_view decoded) {
    std::vector<Replacement> found;
    add_shapes(decoded, Depth::decoded, found);
    // An address of a person is no secret in a picture's or a certificate's text.
    return std::any_of(found.begin(), found.end(), [](const Replacement& shape) { return shape.key; });
}

void append(std::vector<Replacement>& found, std::vector<Replacement> more) {
    std::move(more.begin(), more.end(), std::back_inserter(found));
}

void add_shapes(std::string_view text, Depth depth, std::vector<Replacement>& found) {
    append(found, find_secrets_as_written(text));
    append(found, find_random_tokens(text));
    append(found, find_secret_columns(text));
    if (depth == Depth::whole) {
        append(found, find_encoded_secrets(text, holds_secret));
    }
    add_parts_beyond_breaks(text, found);
}

// What is found in another view of the text, at its places in the text.
void add_from_view(const TextView& view, std::vector<Replacement>& found) {
    std::vector<Replacement> shapes;
    add_shapes(view.characters(), Depth::whole, shapes);
    for (Replacement& shape : shapes) {
        if (shape.end > shape.begin) {
            found.push_back({view.begin_of(shape.begin), view.end_of(shape.end - 1), std::move(shape.with), shape.key,
                             shape.guessed});
        }
    }
}

}  // namespace

std::vector<Replacement> find_secret_shapes(std::string_view text) {
    std::vector<Replacement> found;
    if (text.size() < kShortestShape) {
        return found;
    }
    add_shapes(text, Depth::whole, found);
    // A second look, with escapes undone: a name or a separator may be written in them.
    const TextView plain = TextView(text).unescaped();
    if (plain.size() != text.size()) {
        add_from_view(plain, found);
    }
    // A third one without what cannot be seen, which breaks a key in two.
    const TextView visible = TextView(text).visible();
    if (visible.size() != text.size()) {
        add_from_view(visible, found);
    }
    std::stable_sort(found.begin(), found.end(),
                     [](const Replacement& a, const Replacement& b) { return a.begin < b.begin; });
    return found;
}

}  // namespace banana
