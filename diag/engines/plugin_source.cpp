#include "engines/plugin_source.hpp"

#include "banana/bounds.hpp"
#include "engines/python_statements.hpp"
#include "engines/script_landmarks.hpp"
#include "engines/text.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <optional>
#include <set>

namespace banana {
namespace {

// Modules that the families are made of (contract.md, families); their import names are global.
constexpr std::array<std::string_view, 7> kOwnModules{
    "Gemini_Imagen_Generator", "logger",      "config_manager", "api_client",
    "balance_service",         "image_codec", "task_runner"};

using Statements = std::vector<PythonStatement>;

struct PythonFile {
    const SourceFile* source;
    Statements statements;
};

SourceLocation location(const SourceFile& file, const PythonStatement& statement) {
    SourceLocation result;
    result.file = sanitize(file.name, Lines::single, bounds::kLandmarkTextBytes);
    result.line = statement.line;
    result.text = sanitize(trim_ascii(statement.first_line), Lines::single, bounds::kLandmarkTextBytes);
    return result;
}

bool has_literal(const PythonStatement& statement, std::string_view value) {
    if (statement.code.find(value) == std::string::npos) {
        return false;
    }
    const std::vector<std::string> literals = string_literals(statement.code);
    return std::find(literals.begin(), literals.end(), value) != literals.end();
}

// Finds landmarks in one file.
class LandmarkFinder {
public:
    LandmarkFinder(const PythonFile& file, PluginSource& result)
        : file_(file), statements_(file.statements), result_(result) {}

    void run() {
        find_route();
        find_registration();
        find_definitions();
        if (handler_ >= 0) {
            read_handler();
        }
        find_key_priority();
        if (registers_route_ && defines_node_) {
            result_.route_files.push_back(sanitize(file_.source->name, Lines::single, bounds::kLandmarkTextBytes));
        }
    }

private:
    void mark(std::string_view name, const PythonStatement& statement) {
        result_.landmarks.emplace(name, location(*file_.source, statement));
    }

    [[nodiscard]] bool registers_route(const PythonStatement& statement) const {
        const bool adds = calls(statement.bare, "get") || calls(statement.bare, "add_get") ||
                          calls(statement.bare, "add_route") || calls(statement.bare, "route");
        if (!adds || statement.bare.find("rout") == std::string::npos) {
            return false;
        }
        return has_literal(statement, kBalanceRoute) ||
               (!route_constant_.empty() && mentions(statement.bare, route_constant_));
    }

    void find_route() {
        for (const PythonStatement& statement : statements_) {
            const std::size_t equals = statement.bare.find('=');
            if (equals != std::string::npos && statement.bare.find('(') == std::string::npos &&
                has_literal(statement, kBalanceRoute)) {
                route_constant_ = std::string(trim_ascii(std::string_view(statement.bare).substr(0, equals)));
            }
        }
        for (std::size_t index = 0; index < statements_.size(); ++index) {
            if (registers_route(statements_[index])) {
                mark("route-decorator", statements_[index]);
                registers_route_ = true;
                find_handler(index);
                break;
            }
        }
        if (handler_ < 0) {
            handler_ = find_function("handle_token_usage");
        }
        if (handler_ >= 0) {
            mark("handler", at(handler_));
        }
    }

    // The function that a decorator stands on, else the one that the call names.
    void find_handler(std::size_t route) {
        if (statements_[route].kind != PythonKind::decorator) {
            for (std::size_t index = 0; index < statements_.size(); ++index) {
                if (statements_[index].kind == PythonKind::function &&
                    mentions(statements_[route].bare, statements_[index].name)) {
                    handler_ = static_cast<int>(index);
                }
            }
            return;
        }
        for (std::size_t index = route + 1; index < statements_.size(); ++index) {
            if (statements_[index].kind == PythonKind::function) {
                handler_ = static_cast<int>(index);
                return;
            }
        }
    }

    void find_registration() {
        for (const PythonStatement& statement : statements_) {
            if (statement.parent < 0 && calls(statement.bare, "ensure_balance_route")) {
                mark("ensure-route-call", statement);
            }
            const bool near_registration =
                statement.parent >= 0 && (contains_ignoring_case(at(statement.parent).name, "route") ||
                                          contains_ignoring_case(at(statement.parent).name, "retry"));
            if (calls(statement.bare, "Timer") && near_registration) {
                mark("retry-timer", statement);
            }
        }
    }

    void find_definitions() {
        for (const PythonStatement& statement : statements_) {
            if (statement.kind == PythonKind::class_definition && statement.name == kNodeClass) {
                result_.defines_node = true;
                defines_node_ = true;
            }
            if (statement.kind != PythonKind::function) {
                continue;
            }
            if (statement.name == "ensure_balance_route") {
                mark("ensure-route-definition", statement);
            } else if (statement.name == "load_config") {
                mark("load-config-definition", statement);
            }
        }
    }

    void read_handler() {
        std::set<std::string> parameters;
        bool reads_query = false;
        const PythonStatement* first_failure = nullptr;
        const PythonStatement* last_failure = nullptr;
        bool fetched = false;
        for (const PythonStatement& statement : statements_) {
            const bool inside = is_within(statements_, statement, handler_);
            const bool names_query = statement.code.find("query") != std::string::npos || !query_alias_.empty();
            if (names_query && (inside || takes_request(statement))) {
                reads_query = read_parameters(statement, parameters) || reads_query;
            }
            if (!inside) {
                continue;
            }
            if (calls(statement.bare, "load_config") || mentions(statement.bare, "config_manager")) {
                mark("load-config", statement);
            }
            if (mentions(statement.bare, "fetch_token_usage")) {
                mark("fetch-usage", statement);
                fetched = true;
            }
            if (stores_snapshot(statement.bare)) {
                mark("store-snapshot", statement);
            }
            if (answers_failure(statement)) {
                last_failure = &statement;
                first_failure = fetched && first_failure == nullptr ? &statement : first_failure;
            }
        }
        if (last_failure != nullptr) {
            mark("error-response", first_failure != nullptr ? *first_failure : *last_failure);
        }
        if (reads_query) {
            parameters.erase("refresh");
            result_.route_parameters.emplace(parameters.begin(), parameters.end());
        }
    }

    [[nodiscard]] bool takes_request(const PythonStatement& statement) const {
        return statement.parent >= 0 && mentions(at(statement.parent).bare, "request");
    }

    static bool stores_snapshot(std::string_view bare) {
        return mentions(bare, "_store_balance_snapshot") || mentions(bare, "store_balance_snapshot");
    }

    // A JSON answer that says `success` false.
    static bool answers_failure(const PythonStatement& statement) {
        return statement.bare.find("json_response") != std::string::npos && has_literal(statement, "success") &&
               mentions(statement.bare, "False");
    }

    // request.query.get("x"), request.rel_url.query["x"], params.get("x") after params = request.query,
    // "x" in request.query. True when any was seen.
    bool read_parameters(const PythonStatement& statement, std::set<std::string>& names) {
        const std::string_view code = statement.code;
        if (mentions(statement.bare, "query") && statement.bare.find('=') != std::string::npos &&
            trim_ascii(statement.bare).ends_with("query")) {
            query_alias_ = std::string(trim_ascii(code.substr(0, code.find('='))));
        }
        bool seen = false;
        for (const std::string& alias : {std::string("query"), query_alias_}) {
            for (std::size_t at = alias.empty() ? std::string_view::npos : code.find(alias);
                 at != std::string_view::npos; at = code.find(alias, at + 1)) {
                const std::string name = subscript(code.substr(at + alias.size()));
                if (!name.empty()) {
                    names.insert(name);
                    seen = true;
                }
            }
        }
        return seen;
    }

    // The name in `.get("name"`, `["name"]` or `.getone("name"` at the start of `rest`; empty when none.
    static std::string subscript(std::string_view rest) {
        rest = trim_ascii(rest);
        const std::size_t open = rest.find_first_of("([");
        if (open == std::string_view::npos) {
            return {};
        }
        const std::string_view method = trim_ascii(rest.substr(0, open));
        if (!(method.empty() && rest[open] == '[') && method != ".get" && method != ".getone") {
            return {};
        }
        rest = trim_ascii(rest.substr(open + 1));
        if (rest.empty() || (rest.front() != '"' && rest.front() != '\'')) {
            return {};
        }
        const std::size_t end = rest.find(rest.front(), 1);
        const std::string_view name = end == std::string_view::npos ? std::string_view() : rest.substr(1, end - 1);
        return name.size() <= bounds::kRequestParameterBytes ? sanitize(name) : std::string();
    }

    // Where a function that is handed an `api_key` chooses between it and the file's.
    void find_key_priority() {
        const PythonStatement* best = nullptr;
        int best_score = 2;
        for (const PythonStatement& statement : statements_) {
            if (statement.parent < 0 || statement.kind != PythonKind::plain || !mentions(statement.bare, "api_key")) {
                continue;
            }
            const PythonStatement& function = at(statement.parent);
            if (function.kind != PythonKind::function || !mentions(function.bare, "api_key") ||
                contains_ignoring_case(function.name, "fetch") || is_within_handler(statement)) {
                continue;
            }
            const int score = (mentions(statement.bare, "or") || mentions(statement.bare, "else") ? 2 : 0) +
                              (contains_ignoring_case(statement.bare, "config") ? 2 : 0) +
                              (mentions(function.bare, "prompt") ? 1 : 0) +
                              (trim_ascii(statement.bare).starts_with("if ") ? 1 : 0);
            if (score > best_score) {
                best = &statement;
                best_score = score;
            }
        }
        if (best != nullptr) {
            mark("node-key-priority", *best);
        }
    }

    [[nodiscard]] bool is_within_handler(const PythonStatement& statement) const {
        return handler_ >= 0 && is_within(statements_, statement, handler_);
    }

    [[nodiscard]] const PythonStatement& at(int index) const { return statements_[static_cast<std::size_t>(index)]; }

    [[nodiscard]] int find_function(std::string_view name) const {
        const auto found = std::find_if(statements_.begin(), statements_.end(), [&](const PythonStatement& statement) {
            return statement.kind == PythonKind::function && statement.name == name;
        });
        return found == statements_.end() ? -1 : static_cast<int>(found - statements_.begin());
    }

    const PythonFile& file_;
    const Statements& statements_;
    PluginSource& result_;
    std::string route_constant_;
    std::string query_alias_;
    int handler_ = -1;
    bool registers_route_ = false;
    bool defines_node_ = false;
};

// Landmarks that the handler's own file may lack because it only passes the work on.
void find_elsewhere(const PythonFile& file, PluginSource& result) {
    const auto mark = [&](std::string_view name, const PythonStatement& statement) {
        result.landmarks.emplace(name, location(*file.source, statement));
    };
    for (const PythonStatement& statement : file.statements) {
        const bool defines = statement.kind == PythonKind::function;
        if (!defines && calls(statement.bare, "fetch_token_usage")) {
            mark("fetch-usage", statement);
        }
        if (defines && (statement.name == "_store_balance_snapshot" || statement.name == "store_balance_snapshot")) {
            mark("store-snapshot", statement);
        }
    }
}

// A URL spelled as code points: [104, 116, 116, 112, …] or chr(104) + chr(0x74) + …
std::string url_from_code_points(std::string_view bare) {
    std::string text;
    for (std::size_t at = 0; at < bare.size();) {
        if (bare[at] < '0' || bare[at] > '9' || (at > 0 && (bare[at - 1] == '_' || bare[at - 1] == '.'))) {
            ++at;
            continue;
        }
        const bool hex = bare[at] == '0' && at + 1 < bare.size() && (bare[at + 1] | 0x20) == 'x';
        const std::size_t start = hex ? at + 2 : at;
        const std::size_t end =
            std::min(bare.find_first_not_of(hex ? "0123456789abcdefABCDEF" : "0123456789", start), bare.size());
        const std::string digits(bare.substr(start, std::min<std::size_t>(end - start, 4)));
        const long value = std::strtol(digits.c_str(), nullptr, hex ? 16 : 10);
        text.push_back(value > 0x20 && value < 0x7F ? static_cast<char>(value) : ' ');
        at = std::max(end, at + 1);
    }
    const std::size_t start = text.find("http");
    if (start == std::string::npos) {
        return {};
    }
    text = text.substr(start, text.find(' ', start) - start);
    return text.starts_with("https://") || text.starts_with("http://") ? text : std::string();
}

// A constant `…BASE_URL = "text"`, whatever the text is: the plugin asks it, also where it is no address. None where
// more than string literals stand behind the sign.
std::optional<std::string> base_url_constant(const Statements& statements, const PythonStatement& statement,
                                             std::size_t equals) {
    std::string_view name = std::string_view(statement.bare).substr(0, equals);
    name = trim_ascii(name.substr(0, name.find(':')));
    const bool is_constant = name.ends_with("BASE_URL") && name.find_first_of(" .[(,") == std::string_view::npos;
    const bool in_function =
        statement.parent >= 0 && statements[static_cast<std::size_t>(statement.parent)].kind == PythonKind::function;
    const std::string_view value = std::string_view(statement.bare).substr(equals + 1);
    if (!is_constant || in_function || value.find_first_not_of("\"'+()uUrR \t\n\\") != std::string_view::npos) {
        return std::nullopt;
    }
    std::string joined;
    for (const std::string& literal : string_literals(statement.code)) {
        joined += literal;
    }
    // requests strips what stands in front of a URL, and not what stands behind it.
    joined.erase(0, std::min(joined.find_first_not_of(" \t\r\n"), joined.size()));
    const bool could_be_address = name == "DEFAULT_API_BASE_URL" || joined.find_first_of(".:") != std::string::npos;
    if (joined.empty() || joined.front() == '/' || !could_be_address || joined.size() > bounds::kSourceUrlBytes) {
        return std::nullopt;
    }
    return joined;
}

void read_base_url(const Statements& statements, const PythonStatement& statement, PluginSource& result) {
    if (!result.default_base_url.empty() || statement.kind == PythonKind::function) {
        return;
    }
    const std::size_t equals = statement.bare.find('=');
    if (equals == std::string::npos) {
        return;
    }
    if (auto constant = base_url_constant(statements, statement, equals)) {
        result.default_base_url = std::move(*constant);
        return;
    }
    const std::string_view target = std::string_view(statement.bare).substr(0, equals);
    if (contains_ignoring_case(target, "base_url") || contains_ignoring_case(target, "default")) {
        std::string joined;
        for (const std::string& literal : string_literals(statement.code)) {
            joined += literal;
        }
        const bool is_url = joined.starts_with("https://") || joined.starts_with("http://");
        if (is_url && joined.size() <= bounds::kSourceUrlBytes && joined.find_first_of(" {}\n") == std::string::npos) {
            result.default_base_url = sanitize(joined);
            return;
        }
    }
    result.default_base_url = url_from_code_points(statement.bare);
}

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

void read_version(const SourceFile& file, const PythonStatement& statement, PluginSource& result) {
    if (!trim_ascii(statement.bare).starts_with("__version__")) {
        return;
    }
    const std::vector<std::string> literals = string_literals(statement.code);
    const bool is_constant = literals.size() == 1 && statement.bare.find('(') == std::string::npos;
    if (is_constant && (result.version.empty() || file.name == "__init__.py")) {
        result.version = sanitize(literals.front(), Lines::single, bounds::kVersionTextBytes);
    }
}

// `import a, b as c`, `from .a import b`, `from . import a`: the modules of the plugin's own folder.
std::vector<std::string> imported_modules(const PythonStatement& statement) {
    std::string_view text = trim_ascii(statement.bare);
    const bool from = text.starts_with("from ");
    if ((!from && !text.starts_with("import ")) || statement.parent >= 0 || statement.guarded) {
        return {};
    }
    text = trim_ascii(text.substr(from ? 5 : 7));
    const bool relative = from && text.starts_with(".");
    if (from) {
        const std::size_t end = text.find(" import ");
        const bool package_itself = relative && trim_ascii(text.substr(0, end)) == ".";
        text = package_itself && end != std::string_view::npos ? text.substr(end + 8) : text.substr(0, end);
    }
    std::vector<std::string> modules;
    while (!text.empty()) {
        const std::size_t comma = text.find(',');
        std::string_view name = trim_ascii(text.substr(0, comma));
        name.remove_prefix(std::min(name.find_first_not_of(".( "), name.size()));
        name = name.substr(0, name.find_first_of(" .)"));
        if (relative || is_own_module(name)) {
            modules.emplace_back(name);
        }
        text = comma == std::string_view::npos ? std::string_view() : text.substr(comma + 1);
    }
    std::erase_if(modules, [](const std::string& name) {
        return name.empty() || name == "*" || name.size() > bounds::kPythonModuleNameBytes;
    });
    return modules;
}

// What the package and its node file import, directly or through own modules whose source is there.
std::vector<std::string> required_modules(const std::vector<PythonFile>& files) {
    std::set<std::string> required;
    std::vector<std::string> open{"__init__", "Gemini_Imagen_Generator"};
    while (!open.empty()) {
        const std::string module = open.back();
        open.pop_back();
        for (const PythonFile& file : files) {
            if (file.source->name != module + ".py") {
                continue;
            }
            for (const PythonStatement& statement : file.statements) {
                for (const std::string& name : imported_modules(statement)) {
                    if (required.insert(name).second) {
                        open.push_back(name);
                    }
                }
            }
        }
    }
    return {required.begin(), required.end()};
}

}  // namespace

PluginSource scan_plugin_source(std::span<const SourceFile> files) {
    PluginSource result;
    std::vector<PythonFile> python;
    for (const SourceFile& file : files) {
        if (file.name.ends_with(".py")) {
            python.push_back({&file, python_statements(file.text)});
        } else if (file.name.ends_with(".js")) {
            add_script_landmarks(file, result);
        }
    }
    // The node's own file first: other files may repeat its names.
    std::stable_partition(python.begin(), python.end(), [](const PythonFile& file) {
        return contains_ignoring_case(file.source->name, "Gemini_Imagen_Generator");
    });
    for (const PythonFile& file : python) {
        LandmarkFinder(file, result).run();
        for (const PythonStatement& statement : file.statements) {
            result.names_route = result.names_route || statement.code.find(kBalanceRoute) != std::string::npos;
            read_base_url(file.statements, statement, result);
            read_sample_keys(statement, result);
            read_version(*file.source, statement, result);
        }
    }
    for (const PythonFile& file : python) {
        find_elsewhere(file, result);
    }
    result.required_modules = required_modules(python);
    return result;
}

bool is_own_module(std::string_view name) {
    return std::find(kOwnModules.begin(), kOwnModules.end(), name) != kOwnModules.end();
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
