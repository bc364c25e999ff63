// The words that the model's enumerations have in machine-readable outputs, and numbers as JSON writes them.
#pragma once

#include "banana/report.hpp"
#include "catalog.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace banana {

std::string_view severity_name(Severity severity);
std::string_view status_name(Status status);
std::string_view confidence_name(Confidence confidence);

// What a check looks at, in the reader's language; the id where the catalog has no name for it.
std::string check_name(std::string_view id, const Catalog& texts);

// None for a word that does not exist.
std::optional<Severity> severity_from_name(std::string_view name);
std::optional<Status> status_from_name(std::string_view name);

// Whole numbers without exponent or fraction, others as short as they can be read back.
std::string number_text(double number);

}  // namespace banana
