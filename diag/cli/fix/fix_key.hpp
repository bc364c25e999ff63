// Where the key comes from that `fix` puts in, and whether the upstream takes it: asked before anything is written.
#pragma once

#include "banana/secret.hpp"
#include "redaction.hpp"
#include "session.hpp"

#include <filesystem>
#include <iosfwd>
#include <optional>

namespace banana {

class KeySource {
public:
    // All outlive it. `may_ask`: somebody sits at the terminal.
    KeySource(const SessionInput& input, Redactor& redactor, std::ostream& out, bool may_ask)
        : input_(input), redactor_(redactor), out_(out), may_ask_(may_ask) {}

    // The given one where the first diagnosis showed that the upstream takes it; none where it is refused or no key.
    std::optional<Secret> given(const Secret& key, const Diagnosed& diagnosed);
    // From a file beside config.ini, tried; else typed in, tried. None where there is none, or nobody to ask.
    std::optional<Secret> find_or_ask(const std::filesystem::path& config, const std::filesystem::path& misnamed);

private:
    enum class Trial { accepted, refused, untested };

    // One direct query with it.
    Trial try_at_upstream(const Secret& key);
    std::optional<Secret> ask();
    // What was typed or given as a key; none where that is none.
    std::optional<Secret> usable(std::string_view text);

    const SessionInput& input_;
    Redactor& redactor_;
    std::ostream& out_;
    bool may_ask_;
};

// Asks a question that `no` answers unless somebody types another.
bool ask_to_confirm(const Catalog& texts, std::ostream& out);

}  // namespace banana
