// What people have at hand: a text of the button, a line of a log, an HTTP status. And the causes that it can mean.
#pragma once

#include <span>
#include <string_view>
#include <vector>

namespace banana {

enum class Cause : int;  // banana/cause.hpp

struct Symptom {
    std::string_view name;                // of the question that tells the causes apart: "explain.ask.<name>"
    std::vector<std::string_view> words;  // any of them, in any case
    std::vector<Cause> causes;            // likeliest first; none where it is no fault
};

// In the order in which they are asked: what says more comes first.
std::span<const Symptom> symptoms();

// The symptoms that the text shows; a bare number of three digits, or one behind "HTTP", is a status.
std::vector<const Symptom*> symptoms_in(std::string_view text);

}  // namespace banana
