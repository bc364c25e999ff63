#include "plugin_source.hpp"

#include "address_elsewhere.hpp"
#include "banana/ascii.hpp"
#include "banana/bounds.hpp"
#include "plugin_base_url.hpp"
#include "plugin_imports.hpp"
#include "python_statements.hpp"
#include "script_landmarks.hpp"
#include "script_traits.hpp"
#include "source_landmarks.hpp"
#include "text.hpp"

#include <algorithm>
#include <array>
#include <set>

namespace banana {
namespace {

void read_sample_keys(const PythonStatement& statement, PluginSource& result) {
    if (!contains_ignoring_case(statement.code, "api")) {
        return;
    }
    for (const std::string& literal : string_literals(statement.code)) {
        if (literal == "yourapikeyhere" || literal == "your_api_key_here") {
            result.knows_sample_spellings = true;
        } else if (literal == "your-api-key-here" || literal == "you api_key") {
            result.knows_sample_spellings = result.knows_sample_spellings.value_or(false);
        }
    }
}

// Addresses in the source, and the labels of a dictionary that stand before them.
void read_addresses(const PythonStatement& statement, PluginSource& result) {
    if (statement.code.find("http") == std::string::npos) {
        return;
    }
    const bool is_map = statement.bare.find('{') != std::string::npos;
    std::string label;
    for (const std::string& literal : string_literals(statement.code)) {
        if (!literal.starts_with("https://") && !literal.starts_with("http://")) {
            label = literal;
            continue;
        }
        if (literal.size() > bounds::kSourceUrlBytes || result.addresses.size() >= bounds::kSourceAddresses) {
            continue;
        }
        const std::string url(literal.substr(0, literal.find_last_not_of('/') + 1));
        result.addresses.push_back(url);
        if (is_map && !label.empty()) {
            result.service_lines.push_back({sanitize(label, Lines::single, bounds::kLineNameTextBytes), url});
        }
        label.clear();
    }
}

// The literal behind the option's name, where it is an address: `fallback="https://…"`.
std::string address_behind(const PythonStatement& statement, std::string_view option) {
    const std::vector<std::string> literals = string_literals(statement.code);
    auto found = std::find(literals.begin(), literals.end(), option);
    found = found == literals.end() ? found : std::next(found);
    const bool is_url = found != literals.end() && (found->starts_with("https://") || found->starts_with("http://"));
    return is_url && found->size() <= bounds::kSourceUrlBytes ? sanitize(*found) : std::string();
}

// Where a source that reads a config file takes its key from, as far as its literals tell.
struct KeyOption {
    bool reads_config = false;
    bool names_section = false;      // "gemini"
    bool names_option = false;       // "api_key" in a file that reads the config
    bool reads_another_key = false;  // ("gemini", "token") and its kind
    bool names_file = false;         // "config.ini"
    bool names_another_file = false;
    bool parses_otherwise = false;  // than ConfigParser() and read(path, encoding="utf-8") do

    void read(const std::vector<PythonStatement>& statements) {
        const bool of_config = std::any_of(statements.begin(), statements.end(), reads_settings);
        reads_config = reads_config || of_config;
        for (const PythonStatement& statement : statements) {
            const std::vector<std::string> literals = string_literals(statement.code);
            parses_otherwise = parses_otherwise || (of_config && is_other_parsing(statement, literals));
            const bool leads_away = mentions(statement.bare, "expanduser") || mentions(statement.bare, "home") ||
                                    mentions(statement.bare, "environ");
            for (std::size_t index = 0; index < literals.size(); ++index) {
                names_section = names_section || literals[index] == "gemini";
                const bool is_config = literals[index].ends_with("config.ini");
                const bool is_away = leads_away || literals[index].starts_with('~') || literals[index].starts_with('/');
                names_file = names_file || (is_config && !is_away);
                names_another_file = names_another_file || (of_config && is_config && is_away);
                names_another_file = names_another_file || (of_config && is_another_file(literals[index]));
                names_option = names_option || (of_config && literals[index] == "api_key");
                const bool is_next = index > 0 && literals[index - 1] == "gemini" && calls(statement.bare, "get");
                reads_another_key = reads_another_key || (is_next && literals[index] != "api_key" &&
                                                          (contains_ignoring_case(literals[index], "key") ||
                                                           contains_ignoring_case(literals[index], "token")));
            }
        }
    }

    // With configparser, or from a JSON file or environment file that holds the key.
    static bool reads_settings(const PythonStatement& statement) {
        return statement.bare.find("ConfigParser") != std::string::npos ||
               statement.bare.find("json.load(") != std::string::npos || mentions(statement.bare, "load_dotenv");
    }

    // Arguments to the parser (other comment signs, no interpolation, not strict), another parser, another encoding.
    static bool is_other_parsing(const PythonStatement& statement, const std::vector<std::string>& literals) {
        constexpr std::string_view kParser = "ConfigParser(";
        const std::size_t made = statement.bare.find(kParser);
        if (made != std::string::npos && statement.kind == PythonKind::plain) {
            const std::string_view arguments =
                trim_ascii(std::string_view(statement.bare).substr(made + kParser.size()));
            if (!arguments.starts_with(')') || mentions(statement.bare, "RawConfigParser")) {
                return true;
            }
        }
        static constexpr std::array<std::string_view, 8> kOthers{"utf-8-sig", "utf_8_sig", "gbk",  "gb2312",
                                                                 "gb18030",   "cp936",     "mbcs", "utf-16"};
        return mentions(statement.bare, "encoding") &&
               (calls(statement.bare, "read") || calls(statement.bare, "open")) &&
               std::any_of(literals.begin(), literals.end(), [](const std::string& literal) {
                   const std::string lower = to_lower_ascii(literal);
                   return std::find(kOthers.begin(), kOthers.end(), lower) != kOthers.end();
               });
    }

    // That of the test mode is read beside the own one.
    static bool is_another_file(std::string_view name) {
        if (name == ".env" || name.ends_with("/.env")) {
            return true;
        }
        const std::size_t dot = name.rfind('.');
        const std::string_view ending =
            dot == std::string_view::npos || dot == 0 ? std::string_view() : name.substr(dot);
        return (ending == ".ini" || ending == ".cfg" || ending == ".conf" || ending == ".json") &&
               !name.ends_with("config.ini") && !name.ends_with("local.ini");
    }

    [[nodiscard]] bool is_in_another_file() const { return reads_config && names_another_file && !names_file; }

    [[nodiscard]] bool is_another() const {
        return reads_config && (!names_section || (reads_another_key && !names_option));
    }
};

// `options().get("api_base_url")` or `section["api_base_url"]`, of whatever has that name; what the page or the node's
// boxes sent has such names too.
bool looks_up(const PythonStatement& statement, std::string_view option) {
    static constexpr std::array<std::string_view, 9> kOfRequest{"request", "query",  "payload", "body", "data",
                                                                "params",  "inputs", "kwargs",  "json"};
    if (std::any_of(kOfRequest.begin(), kOfRequest.end(),
                    [&](std::string_view name) { return contains_ignoring_case(statement.bare, name); })) {
        return false;
    }
    const std::string_view code = statement.code;
    for (const char quote : {'"', '\''}) {
        const std::string quoted = quote + std::string(option) + quote;
        const std::size_t item = code.find("[" + quoted + "]");
        const bool is_item = item != std::string_view::npos && item > 0 &&
                             (is_alphanumeric(code[item - 1]) || code[item - 1] == '_' || code[item - 1] == ')');
        if (is_item || code.find(".get(" + quoted) != std::string_view::npos) {
            return true;
        }
    }
    return false;
}

// A fork's plain option for the address: `config.get("gemini", "api_base_url", …)` and its kind.
void read_plain_url_option(const PythonStatement& statement, PluginSource& result) {
    constexpr std::string_view kOption = "api_base_url";
    const bool of_config = has_literal(statement, "gemini") || contains_ignoring_case(statement.bare, "config") ||
                           contains_ignoring_case(statement.bare, "parser") ||
                           contains_ignoring_case(statement.bare, "section");
    const bool is_asked = calls(statement.bare, "get") || statement.bare.find("[\"\"]") != std::string::npos;
    if (has_literal(statement, kOption) && ((of_config && is_asked) || looks_up(statement, kOption))) {
        result.plain_url_option = kOption;
        if (result.default_base_url.empty()) {
            result.default_base_url = address_behind(statement, kOption);
        }
    }
}

// The node classes that a page's script names.
void read_script_classes(std::string_view script, PluginSource& result) {
    for (std::size_t at = script.find(kNodeClass); at != std::string_view::npos; at = script.find(kNodeClass, at + 1)) {
        std::size_t end = at + kNodeClass.size();
        while (end < script.size() && (is_alphanumeric(script[end]) || script[end] == '_')) {
            ++end;
        }
        const std::string name(script.substr(at, std::min(end - at, bounds::kNodeClassBytes)));
        const auto& known = result.script_classes;
        if (known.size() < bounds::kScriptClasses && std::find(known.begin(), known.end(), name) == known.end()) {
            result.script_classes.push_back(name);
        }
    }
}

// NODE_DISPLAY_NAME_MAPPINGS = {"BananaImageNode": "…"}: the name that ComfyUI's menus show.
void read_node_name(const PythonStatement& statement, PluginSource& result) {
    if (!result.node_name.empty() || statement.bare.find("NODE_DISPLAY_NAME_MAPPINGS") == std::string::npos) {
        return;
    }
    const std::vector<std::string> literals = string_literals(statement.code);
    for (std::size_t index = 0; index + 1 < literals.size(); ++index) {
        if (literals[index].starts_with(kNodeClass)) {
            result.node_name = sanitize(literals[index + 1], Lines::single, bounds::kLineNameTextBytes);
            return;
        }
    }
}

// "🍌 Banana Node Loader" and its kind, with or without what a log line begins with.
void read_loader_header(const PythonStatement& statement, PluginSource& result) {
    constexpr std::string_view kEnd = "Loader";
    if (!result.loader_header.empty() || statement.code.find(kEnd) == std::string::npos) {
        return;
    }
    for (const std::string& literal : string_literals(statement.code)) {
        const bool named = literal.find("Banana") != std::string::npos || literal.find("香蕉") != std::string::npos;
        if (literal.ends_with(kEnd) && named && literal.find('{') == std::string::npos &&
            literal.size() <= bounds::kButtonLabelBytes) {
            const std::size_t mark = literal.rfind(']');
            const std::string_view header = std::string_view(literal).substr(mark == std::string::npos ? 0 : mark + 1);
            result.loader_header = sanitize(trim_ascii(header), Lines::single, bounds::kButtonLabelBytes);
            return;
        }
    }
}

// 0.1.1 for Linux and macOS: where `.banana_version` names another release, the loader deletes its binaries and fetches
// them anew from GitHub.
struct ReplacingLoader {
    bool reads_version_file = false;
    bool reports_mismatch = false;

    void read(const PythonStatement& statement) {
        if (statement.code.find("banana_version") != std::string::npos) {
            reads_version_file = true;
        }
        reports_mismatch = reports_mismatch || statement.code.find("Version mismatch") != std::string::npos;
    }
};

void read_version(std::string_view file, const PythonStatement& statement, PluginSource& result) {
    if (!trim_ascii(statement.bare).starts_with("__version__")) {
        return;
    }
    const std::vector<std::string> literals = string_literals(statement.code);
    const std::size_t equals = statement.code.find('=');
    const std::string_view value = equals == std::string::npos
                                       ? std::string_view()
                                       : trim_ascii(std::string_view(statement.code).substr(equals + 1));
    const bool is_format = value.starts_with("f\"") || value.starts_with("f'") || value.starts_with("F\"");
    const bool is_constant = literals.size() == 1 && statement.bare.find('(') == std::string::npos && !is_format &&
                             statement.bare.find('+') == std::string::npos;
    if (!is_constant && equals != std::string::npos && file == "__init__.py") {
        result.version_is_computed = true;
    }
    if (is_constant && (result.version.empty() || file == "__init__.py")) {
        result.version = sanitize(literals.front(), Lines::single, bounds::kVersionTextBytes);
    }
}

}  // namespace

PluginSource scan_plugin_source(std::span<const SourceFile> files) {
    PluginSource result;
    std::vector<PythonFile> python;
    for (const SourceFile& file : files) {
        if (file.name.ends_with(".py")) {
            python.push_back({file.name, python_statements(file.text)});
        } else if (file.name.ends_with(".js")) {
            add_script_landmarks(file, result);
            read_script_classes(file.text, result);
            read_script_traits(file.text, result.page);
        }
    }
    // The node's own file first: other files may repeat its names.
    std::stable_partition(python.begin(), python.end(), [](const PythonFile& file) {
        return contains_ignoring_case(file.name, "Gemini_Imagen_Generator");
    });
    ReplacingLoader loader;
    KeyOption key_option;
    for (const PythonFile& file : python) {
        find_landmarks(file, result);
        key_option.read(file.statements);
        for (const PythonStatement& statement : file.statements) {
            result.reads_encoded_url = result.reads_encoded_url || has_literal(statement, "api_base_url_enc");
            result.names_route = result.names_route || statement.code.find(kBalanceRoute) != std::string::npos;
            if (result.default_base_url.empty()) {
                result.default_base_url = base_url_set_by(file.statements, statement);
            }
            read_sample_keys(statement, result);
            read_addresses(statement, result);
            read_plain_url_option(statement, result);
            read_version(file.name, statement, result);
            read_node_name(statement, result);
            read_loader_header(statement, result);
            loader.read(statement);
        }
    }
    result.reads_other_file = key_option.is_in_another_file();
    result.parses_otherwise = key_option.parses_otherwise;
    result.reads_other_option = result.reads_other_file || key_option.is_another();
    result.address_from_elsewhere = std::any_of(python.begin(), python.end(), [&](const PythonFile& file) {
        return takes_address_from_elsewhere(file, result.default_base_url);
    });
    result.replaces_binaries = loader.reads_version_file && loader.reports_mismatch;
    for (const PythonFile& file : python) {
        find_landmarks_elsewhere(file, result);
    }
    result.required_modules = required_modules(python);
    return result;
}

std::string pyproject_version(std::string_view toml) {
    while (!toml.empty()) {
        const std::size_t end = std::min(toml.find_first_of("\r\n"), toml.size());
        const std::string_view line = trim_ascii(toml.substr(0, end));
        toml.remove_prefix(std::min(end + 1, toml.size()));
        const std::size_t equals = line.find('=');
        if (equals == std::string_view::npos || trim_ascii(line.substr(0, equals)) != "version") {
            continue;
        }
        const std::vector<std::string> literals = string_literals(line.substr(equals + 1));
        return literals.empty() ? std::string() : sanitize(literals.front(), Lines::single, bounds::kVersionTextBytes);
    }
    return {};
}

}  // namespace banana
