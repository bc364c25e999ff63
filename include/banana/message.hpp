// A sentence for people, named by its catalog id; the text itself lives in reports/messages only.
#pragma once

#include <boost/json/object.hpp>
#include <string>
#include <utility>

namespace banana {

// Values that a text may name: strings, integers, numbers, booleans. Untrusted: writers escape them.
using Arguments = boost::json::object;

struct Message {
    Message() = default;
    explicit Message(std::string id, Arguments args = {}) : id(std::move(id)), args(std::move(args)) {}
    std::string id;
    Arguments args;
};

}  // namespace banana
