// How much a finding matters. Apart from the table of causes, so that what only carries findings does not read it.
#pragma once

namespace banana {

// error: breaks the balance query; warning: does not by itself; none: never a cause.
enum class Severity { none, warning, error };

}  // namespace banana
