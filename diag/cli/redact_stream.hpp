// `redact`: a text of any size, written again with every secret masked and everything else byte for byte.
#pragma once

#include "redaction.hpp"

#include <iosfwd>

namespace banana {

// At most bounds::kRedactPieceBytes are held at once: a longer line is cut, between two words where it has any.
// False when reading or writing failed.
bool redact_stream(std::istream& in, std::ostream& out, const Redactor& redactor);

}  // namespace banana
