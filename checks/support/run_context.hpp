// What every check of a run is given: what the run knows, and the engines that are shared.
#pragma once

#include "banana/context.hpp"
#include "banana/message.hpp"

#include <functional>
#include <optional>

namespace banana {

class HttpClient;
class Redactor;

// One for a run; lives until every check has ended. Each member of `found` is written by exactly one check.
struct RunContext {
    RunContext(const RunOptions& options, const Surroundings& surroundings, HttpClient& http, Redactor& redactor)
        : options(options), surroundings(surroundings), http(http), redactor(redactor) {}
    const RunOptions& options;
    const Surroundings& surroundings;
    HttpClient& http;
    Redactor& redactor;
    std::optional<KeyUnderTest> given_key;
    Discoveries found;
    std::function<void(const Message&)> progress = [](const Message&) {};  // what a long wait waits for
};

}  // namespace banana
