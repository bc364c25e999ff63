// The key that the user gives to test with, from a file, standard input or the environment; never from argv.
#pragma once

#include "banana/context.hpp"
#include "banana/message.hpp"
#include "options.hpp"

#include <optional>
#include <variant>

namespace banana {

// None when no key was given; a message when what was given cannot be used.
std::variant<std::optional<KeyUnderTest>, Message> read_given_key(const CommandLine& line,
                                                                  const Environment& environment);

// Why --as-node cannot be obeyed: no key, or it would have to travel over plain http to another machine.
std::optional<Message> refuse_as_node(const RunOptions& options, bool key_given);

}  // namespace banana
