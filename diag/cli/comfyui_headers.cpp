#include "comfyui_headers.hpp"

#include "banana/ascii.hpp"
#include "banana/bounds.hpp"
#include "bounded_file.hpp"
#include "displayable_text.hpp"
#include "platform.hpp"
#include "text.hpp"
#include "web_url.hpp"

#include <algorithm>
#include <array>
#include <iostream>

namespace banana {
namespace {

constexpr std::string_view kUtf8Mark = "\xEF\xBB\xBF";

Message header_file_message(std::string_view id, const std::filesystem::path& path, std::size_t line = 0) {
    Arguments args{{"path", displayable_path(path)}};
    if (line > 0) {
        args["line"] = line;
    }
    return Message(std::string(id), std::move(args));
}

// RFC 9110 section 5.6.2.
bool is_header_name(std::string_view name) {
    return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
        return is_alphanumeric(c) || std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
    });
}

// What decides how a message is framed, coded, or whom it reaches, is the client's own; all of it stands in what people
// copy from a browser.
bool is_clients_own(std::string_view name) {
    static constexpr std::array<std::string_view, 10> kNames{
        "host",    "connection", "content-length", "transfer-encoding", "upgrade", "accept-encoding", "te",
        "trailer", "expect",     "range"};
    return std::any_of(kNames.begin(), kNames.end(),
                       [&](std::string_view own) { return equal_ignoring_case(own, name); });
}

bool is_header_value(std::string_view value) {
    return !value.empty() && std::all_of(value.begin(), value.end(), [](char c) {
        const auto octet = static_cast<unsigned char>(c);
        return octet == '\t' || (octet >= 0x20 && octet != 0x7F);
    });
}

// The way to ComfyUI lets others read what is sent.
bool others_can_read(std::string url) {
    if (url.find("://") == std::string::npos) {
        const bool is_port = url.find_first_not_of("0123456789") == std::string::npos;
        url = is_port ? std::string() : "http://" + url;
    }
    const std::optional<WebUrl> parsed = parse_web_url(url);
    return parsed && !parsed->secure() && !is_loopback_host(parsed->host);
}

std::variant<std::vector<SecretHeader>, Message> headers_in(std::string_view text, const std::filesystem::path& path) {
    std::vector<SecretHeader> headers;
    std::size_t number = 0;
    if (text.starts_with(kUtf8Mark)) {
        text.remove_prefix(kUtf8Mark.size());
    }
    while (!text.empty()) {
        const std::size_t end = std::min(text.find_first_of("\r\n"), text.size());
        const std::string_view line = trim_ascii(text.substr(0, end));
        const bool pair = text.substr(end).starts_with("\r\n");
        text.remove_prefix(std::min(end + (pair ? 2 : 1), text.size()));
        ++number;
        if (line.empty()) {
            continue;
        }
        const std::size_t colon = line.find(':');
        const std::string_view name = trim_ascii(line.substr(0, std::min(colon, line.size())));
        const std::string_view value =
            colon == std::string_view::npos ? std::string_view() : trim_ascii(line.substr(colon + 1));
        if (!is_header_name(name) || !is_header_value(value)) {
            return header_file_message("usage.header-file-line", path, number);
        }
        if (is_clients_own(name)) {
            continue;
        }
        if (headers.size() >= bounds::kComfyuiHeaders) {
            return header_file_message("usage.header-file-long", path);
        }
        headers.emplace_back(std::string(name), Secret(value));
    }
    if (headers.empty()) {
        return header_file_message("usage.header-file-empty", path);
    }
    return headers;
}

}  // namespace

std::variant<std::vector<SecretHeader>, Message> read_comfyui_headers(const CommandLine& line) {
    if (!line.comfyui_header_file) {
        return std::vector<SecretHeader>();
    }
    const std::filesystem::path& path = *line.comfyui_header_file;
    if (others_can_read(line.run.comfyui_url)) {
        return Message("usage.header-file-insecure");
    }
    std::string text;
    if (path == "-") {
        if (line.api_key_file == path) {
            return Message("usage.input-twice");
        }
        text = read_bounded(std::cin, bounds::kKeyFileBytes);
    } else {
        platform::RawRead file = platform::read_without_waiting(path, bounds::kKeyFileBytes);
        if (file.error || file.kind != platform::FileKind::regular) {
            return header_file_message("usage.header-file-unreadable", path);
        }
        text = std::move(file.bytes);
    }
    return headers_in(text, path);
}

}  // namespace banana
