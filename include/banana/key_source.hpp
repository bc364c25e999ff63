// Where a key is from, as findings and reports name it: one of the two ways to give one, or the name of the file that
// the plugin reads. What a rule asks of it is asked here, never by comparing it with a file's usual name.
#pragma once

#include <string>
#include <string_view>
#include <utility>

namespace banana {

namespace key_source {
inline constexpr std::string_view key_file = "api-key-file";
inline constexpr std::string_view environment = "environment";                 // BANANA_API_KEY
inline constexpr std::string_view test_file = "banana_gemini_test.local.ini";  // of the plugin's test mode
}  // namespace key_source

// Given to test with, beside the configured one.
constexpr bool is_given_key(std::string_view source) noexcept {
    return source == key_source::key_file || source == key_source::environment;
}

// From a file that the plugin reads, whatever that is called. False where a finding is about no key.
constexpr bool is_configured_key(std::string_view source) noexcept {
    return !source.empty() && !is_given_key(source);
}

// The source of a key in a file of this name, which is not taken for a given one even where it is called like one.
inline std::string configured_key_source(std::string file_name) {
    return is_given_key(file_name) ? "./" + file_name : std::move(file_name);
}

}  // namespace banana
