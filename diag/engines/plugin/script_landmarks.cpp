#include "script_landmarks.hpp"

#include "banana/ascii.hpp"
#include "banana/bounds.hpp"
#include "line_range.hpp"
#include "text.hpp"

#include <algorithm>
#include <optional>

namespace banana {
namespace {

struct ScriptLine {
    int number = 0;
    std::string_view text;  // as written
    std::string code;       // without comments; strings kept
};

bool is_identifier(char c) {
    return is_alphanumeric(c) || c == '_' || c == '$';
}

// Lines without what comments say. Strings and template literals are passed over, so that "//" in a URL
// is no comment.
std::vector<ScriptLine> script_lines(std::string_view source) {
    std::vector<ScriptLine> lines;
    bool in_comment = false;
    char quote = '\0';
    int number = 0;
    for (const std::string_view text : LineRange(source)) {
        ScriptLine line;
        line.number = ++number;
        line.text = text;
        quote = quote == '`' ? quote : '\0';  // only template literals go on
        for (std::size_t at = 0; at < line.text.size(); ++at) {
            const std::string_view rest = line.text.substr(at);
            if (in_comment) {
                in_comment = !rest.starts_with("*/");
                at += in_comment ? 0 : 1;
                continue;
            }
            if (quote == '\0' && rest.starts_with("//")) {
                break;
            }
            if (quote == '\0' && rest.starts_with("/*")) {
                in_comment = true;
                ++at;
                continue;
            }
            const char c = rest.front();
            line.code.push_back(c);
            if (quote != '\0' && c == '\\' && rest.size() > 1) {
                line.code.push_back(rest[1]);
                ++at;
            } else if (quote != '\0') {
                quote = c == quote ? '\0' : quote;
            } else if (c == '"' || c == '\'' || c == '`') {
                quote = c;
            }
        }
        lines.push_back(std::move(line));
    }
    return lines;
}

// function name(, name = (…) =>, name: function, and the method name(…) {
bool defines(std::string_view code, std::string_view name) {
    const std::size_t at = code.find(name);
    if (at == std::string_view::npos || (at > 0 && (is_identifier(code[at - 1]) || code[at - 1] == '.'))) {
        return false;
    }
    const std::string_view before = trim_ascii(code.substr(0, at));
    const std::string_view after = trim_ascii(code.substr(at + name.size()));
    if (!after.empty() && is_identifier(after.front())) {
        return false;
    }
    if (before.ends_with("function") || before.ends_with("function*")) {
        return true;
    }
    const bool assigned = after.starts_with("=") || after.starts_with(":");
    if (assigned && (after.find("=>") != std::string_view::npos || after.find("function") != std::string_view::npos)) {
        return true;
    }
    const bool starts_line = before.empty() || before == "async" || before == "static" || before == "static async";
    return starts_line && after.starts_with("(") && trim_ascii(code).ends_with("{");
}

int brace_balance(std::string_view code) {
    return static_cast<int>(std::count(code.begin(), code.end(), '{') - std::count(code.begin(), code.end(), '}'));
}

}  // namespace

void add_script_landmarks(const SourceFile& file, PluginSource& source) {
    const std::vector<ScriptLine> lines = script_lines(file.text);
    const auto mark = [&](std::string_view name, const ScriptLine& line) {
        if (source.landmarks.find(name) != source.landmarks.end()) {
            return;
        }
        SourceLocation where;
        where.file = sanitize(file.name, Lines::single, bounds::kLandmarkTextBytes);
        where.line = line.number;
        where.text = sanitize(trim_ascii(line.text), Lines::single, bounds::kLandmarkTextBytes);
        source.landmarks.emplace(name, std::move(where));
    };
    const ScriptLine* last_fetch = nullptr;
    std::optional<int> depth_in_query;  // braces open within the query's function
    for (const ScriptLine& line : lines) {
        if (defines(line.code, "requestBalance")) {
            mark("script-request", line);
        }
        if (defines(line.code, "queryBalance")) {
            mark("script-query", line);
            depth_in_query = depth_in_query.value_or(0);
        }
        if (line.code.find("fetchApi") != std::string::npos) {
            last_fetch = &line;
        }
        // The path may stand a line or more below the call.
        if (last_fetch != nullptr && line.number - last_fetch->number < 8 &&
            line.code.find(kBalanceRoute) != std::string::npos) {
            mark("script-fetch", *last_fetch);
        }
        if (line.code.find("❌") != std::string::npos || line.code.find("\\u274c") != std::string::npos ||
            line.code.find("\\u274C") != std::string::npos) {
            if (depth_in_query) {
                mark("script-error", line);
            }
        }
        if (depth_in_query) {
            const bool had_body = *depth_in_query > 0;
            *depth_in_query += brace_balance(line.code);
            depth_in_query = had_body && *depth_in_query <= 0 ? std::nullopt : depth_in_query;
        }
    }
}

}  // namespace banana
