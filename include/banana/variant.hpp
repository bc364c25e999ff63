// The variant of a finding. Texts know one a sentence; these are the ones that a rule asks for.
#pragma once

#include "banana/finding.hpp"
#include "banana/json_member.hpp"

#include <array>
#include <boost/json/value.hpp>
#include <string_view>
#include <utility>

namespace banana {

enum class Variant {
    none,
    sample_sent,     // config.key-placeholder: this version of the plugin sends the sample text upstream
    sample_known,    // it stops at it
    sample_unknown,  // cannot be told
    example,         // config.file-missing: an example file lies beside its place
    just_written,    // the plugin wrote a sample file while it was being checked
    clock,           // upstream.tls-expired: this computer's clock is wrong
    elsewhere,       // install.server-mismatch: a folder that is not on this machine, or has another name there
    moved,           // the folder was taken away under the running server
    answers,         // the service answers for a key that is expired or spent
    command_line,    // install.plugin-disabled: the server's own options switch custom nodes off
    permission,      // config.file-unreadable: this account may not read it
    bundle,          // upstream.tls-untrusted: the list of roots is not there or cannot be read
    rate_limited,    // proxy.upstream-failed: the service limits
    server_error,    // of the service, or of the route itself
    unusable,        // proxy.key-rejected: Python cannot put the key into a header
    works_directly,  // proxy.key-rejected: the same key has its balance in the direct call
    starting,        // local.server-down: a process of this ComfyUI runs and listens nowhere
    other_address,   // the ComfyUI of the examined folder listens at another address than the given one
    no_address,      // what was given is no address
    exhausted,       // a check ran out of memory, files or processes
    closed,          // a folder that this account may not look into
    given,           // install.plugin-not-found: the folder that was named for it
    behind_proxy,    // route.api-prefix-missing: what stands before ComfyUI holds the path back
    no_words,        // proxy.upstream-failed: an answer of an unknown form, without a message
    comes_and_goes,  // the same query is answered the next time
    other,           // one that no rule asks for
};

namespace variants {

inline constexpr std::string_view member = "variant";

// As they stand in the arguments.
inline constexpr auto names = std::to_array<std::pair<Variant, std::string_view>>({
    {Variant::sample_sent, "sent"},
    {Variant::sample_known, "known"},
    {Variant::sample_unknown, "unknown"},
    {Variant::example, "example"},
    {Variant::just_written, "just-written"},
    {Variant::clock, "clock"},
    {Variant::elsewhere, "elsewhere"},
    {Variant::moved, "moved"},
    {Variant::answers, "answers"},
    {Variant::command_line, "command-line"},
    {Variant::permission, "permission"},
    {Variant::bundle, "bundle"},
    {Variant::rate_limited, "rate-limited"},
    {Variant::server_error, "server-error"},
    {Variant::unusable, "unusable"},
    {Variant::works_directly, "works-directly"},
    {Variant::starting, "starting"},
    {Variant::other_address, "other-address"},
    {Variant::no_address, "no-address"},
    {Variant::exhausted, "exhausted"},
    {Variant::closed, "closed"},
    {Variant::given, "given"},
    {Variant::behind_proxy, "proxy"},
    {Variant::no_words, "no-words"},
    {Variant::comes_and_goes, "comes-and-goes"},
});

}  // namespace variants

inline Variant variant_of(const Finding& finding) {
    const std::string_view text = text_member(finding.args, variants::member);
    for (const auto& [variant, name] : variants::names) {
        if (name == text) {
            return variant;
        }
    }
    return text.empty() ? Variant::none : Variant::other;
}

constexpr std::string_view variant_name(Variant variant) {
    for (const auto& [each, name] : variants::names) {
        if (each == variant) {
            return name;
        }
    }
    return {};
}

inline void set_variant(Finding& finding, Variant variant) {
    finding.args[variants::member] = variant_name(variant);
}

}  // namespace banana
