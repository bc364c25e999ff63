#include "given_key.hpp"

#include "banana/bounds.hpp"
#include "banana/key_source.hpp"
#include "bounded_file.hpp"
#include "displayable_text.hpp"
#include "platform.hpp"
#include "text.hpp"
#include "web_url.hpp"

#include <iostream>

namespace banana {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

Message unusable(std::string_view id, const std::filesystem::path& path) {
    Arguments args;
    args["path"] = displayable_path(path);
    return Message(std::string(id), std::move(args));
}

// The first line with something on it: what an editor saves around a pasted key is not part of it.
std::string_view first_line(std::string_view text) {
    if (text.starts_with(kByteOrderMark)) {
        text.remove_prefix(kByteOrderMark.size());
    }
    text = trim_ascii(text);
    return trim_ascii(text.substr(0, text.find_first_of("\r\n")));
}

// "[gemini]", "api_key = sk-…": the whole config.ini was given, or a line of it.
bool is_of_config_file(std::string_view line) {
    const bool is_option = to_lower_ascii(line).starts_with("api_key") && line.find_first_of("=:") != line.npos;
    return is_option || line.starts_with('[');
}

bool key_would_be_seen(const std::string& url) {
    const std::optional<WebUrl> parsed = parse_web_url(url);
    return parsed && !parsed->secure() && !is_loopback_host(parsed->host);
}

}  // namespace

std::variant<std::optional<KeyUnderTest>, Message> read_given_key(const CommandLine& line,
                                                                  const Environment& environment) {
    using Result = std::variant<std::optional<KeyUnderTest>, Message>;
    if (!line.api_key_file) {
        const std::string value(trim_ascii(environment.get("BANANA_API_KEY").value_or("")));
        std::optional<KeyUnderTest> key;
        if (!value.empty()) {
            key.emplace(Secret(value), std::string(key_source::environment));
        }
        return Result(std::move(key));
    }
    std::string text;
    if (*line.api_key_file == "-") {
        text = read_bounded(std::cin, bounds::kKeyFileBytes);
    } else {
        platform::RawRead file = platform::read_without_waiting(*line.api_key_file, bounds::kKeyFileBytes);
        if (file.error || file.kind != platform::FileKind::regular) {
            return unusable("usage.key-file-unreadable", *line.api_key_file);
        }
        text = std::move(file.bytes);
    }
    const std::string_view value = first_line(text);
    if (value.empty()) {
        return unusable("usage.key-file-empty", *line.api_key_file);
    }
    if (is_of_config_file(value)) {
        return unusable("usage.key-file-config", *line.api_key_file);
    }
    std::optional<KeyUnderTest> key;
    key.emplace(Secret(value), std::string(key_source::key_file));
    return Result(std::move(key));
}

std::optional<Message> refuse_as_node(const RunOptions& options, bool key_given) {
    if (!options.as_node) {
        return std::nullopt;
    }
    if (!key_given) {
        return Message("usage.as-node-without-key");
    }
    if (key_would_be_seen(options.base_url) || key_would_be_seen(options.comfyui_url)) {
        return Message("usage.as-node-insecure");
    }
    return std::nullopt;
}

}  // namespace banana
