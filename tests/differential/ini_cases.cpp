#include "differential/ini_cases.hpp"

#include "python_text.hpp"
#include "text.hpp"

#include <algorithm>

namespace banana::differential {
namespace {

const std::vector<std::string> kHeaders = {
    "[gemini]",   "[gemini]",      "[gemini]",      "[Gemini]",  "[ gemini ]", "[DEFAULT]", "[default]",
    "[other]",    "[gemini_test]", "[gemini] text", "[gemini",   "gemini]",    "[]",        "[]]",
    "[[gemini]]", "［gemini］",    "[gemini]]",     "[a] # [b]", "[\xC2\xA0]",
};
const std::vector<std::string> kNames = {
    "api_key",
    "api_key",
    "api_key",
    "API_KEY",
    "Api_Key",
    "api-key",
    "apikey",
    "\"api_key\"",
    "balance_cost_factor",
    "balance_cost_factor",
    "max_workers",
    "max_workers",
    "network_workers_cap",
    "bypass_proxy",
    "api_base_url_enc",
    "modelscope_api_key",
    "a",
    "b",
    "c",
    "x y",
    "",
    "密钥",
    "İ",
    "ΑΣ",
    "ας",
    "\xE2\x84\xAA"
    "ey",
    "api_\xE2\x84\xAA"
    "ey",
    "a\tb",
    "#a",
    ";b",
    "%",
    "a%b",
    "ẞ",
    "ΑΣ.",
    "Σ",
};
const std::vector<std::string> kDelimiters = {
    "=",      " = ",  " = ", ": ", ":", "==", ":=", " =  ", "\t=\t", "＝", "：", " ", "", "\xC2\xA0=\xE3\x80\x80",
    " =\x0B", "=\x1F"};
const std::vector<std::string> kValues = {
    "",
    "sk-a",
    "sk-abcdef",
    "YOUR_API_KEY_HERE",
    "your-api-key-here",
    "\"sk-a\"",
    "sk-a # c",
    "sk-a ; c",
    "0.6",
    "0,6",
    "8",
    "true",
    "abc",
    "%",
    "%%",
    "%a",
    "50%",
    "%(a)s",
    "%(b)s",
    "%(api_key)s",
    "%(A)s",
    "%(missing)s",
    "%(a)",
    "%()s",
    "%(a)s%(b)s",
    "%(a)s%%(b)s",
    "%(ΑΣ)s",
    "= sk-a",
    "[gemini]",
    "你的密钥",
    "\xE2\x80\x8Bsk-a",
    "\xC2\xA0sk-a\xC2\xA0",
    "a:b",
    "x=y",
    "a\x85z",
    "a\xC2\x85",
    "\xE2\x80\xA8z",
    "a\x1Cz",
    "%(a)s)s",
    "%(a\tb)s",
    "%%%%%",
    "%(%)s",
};
const std::vector<std::string> kLoose = {
    "",
    "",
    " ",
    "\t",
    "# comment",
    "; comment",
    "  # indented comment",
    "// comment",
    "text",
    "```ini",
    "\x1A",
    "   ",
    "\xC2\xA0",
    "\xE3\x80\x80",
    "#",
    ";",
    "\xEF\xBB\xBF",
    "%",
    "]",
    "[",
    "\x0C",
    "\xE2\x80\xA8",
    " \xE2\x80\x8B",
    "=",
    ": x",
    "# 注释",
    "api_key",
    "----",
};
const std::vector<std::string> kIndents = {" ", "  ", "\t", "    ", "\xC2\xA0", "\xE3\x80\x80", "\x0B", "\x1C", " \t "};
const std::vector<std::string> kBytes = {
    "\xEF\xBB\xBF",
    "\xFF\xFE",
    "\xFE\xFF",
    "\xC4\xE3",
    "\xE9",
    "\x80",
    "\xC0\x80",
    "\xED\xA0\x80",
    "\xF4\x90\x80\x80",
    "\xE4\xB8",
    "\xF0\x9F\x8C",
    "\xF5",
    "\xE0\x80",
    std::string(1, '\0'),
    "\r",
    "\n",
    "\r\n",
    "\n\r",
    "\r\r\n",
    "\x1A",
    "\x0B",
    "\x0C",
    "\x1C",
    "\xC2\x85",
    "\xE2\x80\xA8",
    "=",
    ":",
    "[",
    "]",
    "%",
    "%(",
    ")s",
    "#",
    ";",
    " ",
    "\t",
    "\n ",
    "🍌",
};

std::vector<std::string> split_keeping_ends(const std::string& bytes) {
    std::vector<std::string> lines;
    std::size_t start = 0;
    while (start < bytes.size()) {
        const std::size_t end = bytes.find('\n', start);
        const std::size_t behind = end == std::string::npos ? bytes.size() : end + 1;
        lines.push_back(bytes.substr(start, behind - start));
        start = behind;
    }
    return lines;
}

std::string concatenate(const std::vector<std::string>& parts) {
    std::string whole;
    for (const std::string& part : parts) {
        whole += part;
    }
    return whole;
}

// Leaves out runs of parts, long ones first, while the failure stays.
std::vector<std::string> reduce(std::vector<std::string> parts, const std::function<bool(const std::string&)>& fails) {
    for (std::size_t run = std::max<std::size_t>(parts.size() / 2, 1); run > 0; run /= 2) {
        for (std::size_t at = 0; at + run <= parts.size();) {
            std::vector<std::string> fewer = parts;
            const auto first = fewer.begin() + static_cast<std::ptrdiff_t>(at);
            fewer.erase(first, first + static_cast<std::ptrdiff_t>(run));
            if (fails(concatenate(fewer))) {
                parts = std::move(fewer);
            } else {
                at += run;
            }
        }
    }
    return parts;
}

// Every letter with a lower case, in names that differ only by what str.lower() makes of them.
std::string every_letter() {
    std::string file = "[gemini]\n";
    for (char32_t c = 0xA1; c < 0x1F000; ++c) {
        if (c >= 0xD800 && c < 0xE000) {
            continue;
        }
        std::string letter;
        append_utf8(letter, c);
        if (python_strip(letter).empty() || (c > 0x3000 && c < 0xA640) || (c >= 0xAC00 && c < 0xD800)) {
            continue;
        }
        file += "n" + std::to_string(c) + letter + "Σ" + letter + "=1\n";
    }
    return file;
}

}  // namespace

std::vector<std::string> hand_picked_cases() {
    std::vector<std::string> cases = {
        "",
        "\n",
        "\xEF\xBB\xBF",
        "\xEF\xBB\xBF[gemini]\napi_key = a\n",
        "\xEF\xBB\xBF# c\n[gemini]\n",
        "[gemini]",
        "[gemini]\napi_key = sk-a",
        "[gemini]\rapi_key = sk-a\r",
        "[gemini]\r\napi_key = sk-a\r\n\r\n",
        "[gemini]\n\rapi_key = sk-a\r\r\n x\n",
        "api_key = a\n",
        "// c\n[gemini]\n",
        "[gemini\napi_key = a\n",
        "［gemini］\napi_key = a\n",
        "[gemini]\ntext\napi_key = a\n",
        "[gemini]\napi_key\n",
        "[gemini]\napi_key＝a\n",
        "[gemini]\napi_key：a\n",
        "[gemini]\napi_key = a\n\x1A",
        "[gemini]\na = 1\nA = 2\n",
        "[gemini]\n[gemini]\n",
        "[gemini]\na=1\n[b]\nx=1\nx=2\n",
        "[DEFAULT]\na=1\n[DEFAULT]\nb=2\n[gemini]\n",
        "[DEFAULT]\na=1\n[DEFAULT]\na=2\n",
        "[DEFAULT]\napi_key = a\n[gemini]\n",
        "[DEFAULT]\napi_key = a\n",
        "[Gemini]\napi_key = a\n",
        " [gemini]\napi_key = a\n",
        "[gemini]\n  api_key = a\n   max_workers = 8\n",
        "[gemini]\nmax_workers = 8\n  api_key = a\n",
        "[gemini]\napi_key =\n  sk-a\n",
        "[gemini]\napi_key = a\n\n\n  b\n",
        "[gemini]\napi_key = a\n# c\n  b\n",
        "[gemini]\napi_key = a\n  # c\n  b\n\n",
        "[gemini]\napi_key = a\nbad\n  b\n",
        "[gemini]\n= a\n",
        "[gemini]\n= a\n= b\n",
        "[gemini]\n= a\n  b\n",
        "[gemini]\n:\n",
        "[gemini]\napi_key == a\n",
        "[gemini]\napi_key := a\n",
        "[gemini]\napi_key = %\n",
        "[gemini]\napi_key = %a\n",
        "[gemini]\napi_key = %%a\n",
        "[gemini]\napi_key = %(x)s\n",
        "[gemini]\napi_key = %(x)s\nX = 1\n",
        "[gemini]\napi_key = %(api_key)s\n",
        "[gemini]\napi_key = %(a)s\na=%(b)s\nb=%%\n",
        "[gemini]\napi_key = %(a)s\na=%\n",
        "[gemini]\napi_key = %(a\n  b)s\n",
        "[gemini]\nmax_workers = %\napi_key = a\n",
        "[gemini]\napi_key = \xC2\xA0"
        "a\xE3\x80\x80\n",
        "[gemini]\napi_key = \xE2\x80\x8B"
        "a\n",
        "[a]b]\nx=1\n",
        "[]\n",
        "[]]\n",
        std::string("[gemini]\napi_key = a\0b\n", 23),
        std::string("[\0g\0e\0m\0i\0n\0i\0]\0\n\0", 18),
        "\xFF\xFE[\0",
        "[gemini]\n# \xC4\xE3\napi_key = a\n",
        "[gemini]\napi_key = a\n\xE4\xB8",
        "\xE4\xB8",
    };
    std::string chain = "[gemini]\napi_key = %(a0)s\n";
    for (int depth = 0; depth < 14; ++depth) {
        const std::string at = std::to_string(depth);
        cases.push_back(chain + "a" + at + " = end%%\n");
        chain += "a" + at + " = %(a" + std::to_string(depth + 1) + ")s\n";
    }
    // A syntax error early in the file and a bad byte late in it, and the other way round, on every side of the
    // boundary between two chunks; a CR, a pair and a sequence of several bytes across it.
    for (int shift = -6; shift <= 6; ++shift) {
        for (const std::size_t chunks : {1, 2}) {
            const std::size_t edge = 8192 * chunks + static_cast<std::size_t>(shift + 8) - 8;
            for (const char* tail : {"\xFF", "\xE4\xB8\n", "\xE4\xB8", "\r\n\xFF", "\r\xFF", "中\xF0\x9F\xFF\n",
                                     "\n\xED\xA0", "\n\xE0\x80", "\r", "中\n", "🍌\r\n", "\xF0\x9F\x8C"}) {
                const std::string start = "[gemini]\nbad line\n[gemini]";
                cases.push_back(start + "\n#" + std::string(edge - start.size() - 2, 'x') + tail);
                cases.push_back("#" + std::string(edge - start.size() - 2, 'x') + "\n" + start + tail);
                // The line that raises ends exactly at the boundary: it counts only if its end is seen before the bad
                // byte.
                cases.push_back("#" + std::string(edge - 19, 'x') + "\n[gemini]\n[gemini]" + tail);
                cases.push_back("[gemini]\nv=" + std::string(edge - 11, 'x') + tail + "\nv=2\n\xFF");
            }
        }
    }
    cases.push_back(every_letter());
    return cases;
}

std::size_t CaseGenerator::below(std::size_t bound) {
    return static_cast<std::size_t>(random_() % bound);
}

const std::string& CaseGenerator::pick(const std::vector<std::string>& from) {
    return from[below(from.size())];
}

std::string CaseGenerator::value() {
    std::string text = pick(kValues);
    while (one_in(5)) {
        text += pick(kValues);
    }
    return text;
}

std::string CaseGenerator::line() {
    const std::size_t kind = below(24);
    if (kind == 0) {
        return pick(kHeaders);
    }
    if (kind < 4) {
        return one_in(3) ? pick(kLoose) : "# comment";
    }
    if (kind < 7) {
        return pick(kIndents) + value();
    }
    // Names of their own keep most files free of duplicates, so that reading gets as far as the values.
    const std::string name = one_in(3) ? pick(kNames) : "n" + std::to_string(below(1000));
    return name + (one_in(3) ? pick(kDelimiters) : " = ") + value();
}

void CaseGenerator::mutate(std::vector<std::string>& lines) {
    for (std::size_t round = below(4); round > 0 && !lines.empty(); --round) {
        const std::size_t at = below(lines.size());
        const auto place = lines.begin() + static_cast<std::ptrdiff_t>(at);
        switch (below(6)) {
            case 0: lines.insert(place, lines[below(lines.size())]); break;
            case 1: lines.erase(place); break;
            case 2: std::swap(lines[at], lines[below(lines.size())]); break;
            case 3: lines[at] = pick(kIndents) + lines[at]; break;
            case 4: lines[at] += pick(kIndents); break;
            default: lines.insert(place, pick(kLoose)); break;
        }
    }
}

std::string CaseGenerator::join(const std::vector<std::string>& lines) {
    static const std::vector<std::string> kEnds = {"\n", "\n", "\n", "\r\n", "\r"};
    const bool mixed = one_in(8);
    std::string end = pick(kEnds);
    std::string bytes;
    for (const std::string& text : lines) {
        bytes += text + end;
        if (mixed) {
            end = pick(kEnds);
        }
    }
    if (one_in(3) && !bytes.empty()) {
        bytes.pop_back();
    }
    return bytes;
}

void CaseGenerator::damage(std::string& bytes) {
    for (std::size_t round = 1 + below(3); round > 0; --round) {
        const std::size_t at = below(bytes.size() + 1);
        switch (below(4)) {
            case 0: bytes.insert(at, pick(kBytes)); break;
            case 1: bytes.erase(at, 1 + below(4)); break;
            case 2: bytes.resize(at); break;
            default: bytes.replace(at, std::min<std::size_t>(1, bytes.size() - at), pick(kBytes)); break;
        }
    }
}

void CaseGenerator::stretch(std::string& bytes) {
    const std::size_t at = below(bytes.size() + 1);
    const std::size_t edge = 8192 * (1 + below(2)) + below(9);
    const std::size_t room = edge - std::min(edge, at + 4);
    static const std::vector<std::string> kFillers = {"x", "#\n", "\n", " ", "\r", "中", "\n#"};
    const std::string& filler = pick(kFillers);
    std::string padding = one_in(2) ? "\n#" : "";
    while (padding.size() + filler.size() <= room) {
        padding += filler;
    }
    bytes.insert(at, padding);
}

std::string CaseGenerator::next() {
    std::vector<std::string> lines;
    if (!one_in(6)) {
        lines.push_back(one_in(4) ? pick(kHeaders) : "[gemini]");
    }
    for (std::size_t count = below(10); count > 0; --count) {
        lines.push_back(line());
    }
    mutate(lines);
    std::string bytes = join(lines);
    if (one_in(4)) {
        damage(bytes);
    }
    if (one_in(12)) {
        stretch(bytes);
        if (one_in(2)) {
            damage(bytes);
        }
    }
    return bytes;
}

std::string shrink(std::string bytes, const std::function<bool(const std::string&)>& fails) {
    bytes = concatenate(reduce(split_keeping_ends(bytes), fails));
    if (bytes.size() > 4096) {
        return bytes;
    }
    std::vector<std::string> characters;
    for (const char c : bytes) {
        characters.emplace_back(1, c);
    }
    return concatenate(reduce(std::move(characters), fails));
}

}  // namespace banana::differential
