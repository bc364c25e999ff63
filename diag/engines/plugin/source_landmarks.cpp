#include "source_landmarks.hpp"

#include "banana/bounds.hpp"
#include "route_handler.hpp"
#include "text.hpp"

#include <algorithm>
#include <set>

namespace banana {
namespace {

SourceLocation location(std::string_view file, const PythonStatement& statement) {
    SourceLocation result;
    result.file = sanitize(file, Lines::single, bounds::kLandmarkTextBytes);
    result.line = statement.line;
    result.text = sanitize(trim_ascii(statement.first_line), Lines::single, bounds::kLandmarkTextBytes);
    return result;
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
            result_.route_files.push_back(sanitize(file_.name, Lines::single, bounds::kLandmarkTextBytes));
        }
    }

private:
    void mark(std::string_view name, const PythonStatement& statement) {
        result_.landmarks.emplace(name, location(file_.name, statement));
    }

    void find_route() {
        const RouteHandler route = find_route_handler(statements_);
        handler_ = route.function;
        registers_route_ = route.registration >= 0;
        if (registers_route_) {
            mark("route-decorator", at(route.registration));
        }
        if (handler_ >= 0) {
            mark("handler", at(handler_));
        }
    }

    void find_registration() {
        for (const PythonStatement& statement : statements_) {
            if (statement.parent < 0 && calls(statement.bare, "ensure_balance_route")) {
                mark("ensure-route-call", statement);
            }
            const bool delayed = statement.parent >= 0 && calls(statement.bare, "Timer");
            if (delayed && (contains_ignoring_case(at(statement.parent).name, "route") ||
                            contains_ignoring_case(at(statement.parent).name, "retry"))) {
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
        std::vector<const PythonStatement*> failures;
        const PythonStatement* failure_of_query = nullptr;
        bool fetched = false;
        find_reading_of_key();
        for (const PythonStatement& statement : statements_) {
            const bool inside = is_within(statements_, statement, handler_);
            const bool names_query = statement.code.find("query") != std::string::npos || !query_alias_.empty();
            if (names_query && (inside || takes_request(statement))) {
                reads_query = read_parameters(statement, parameters) || reads_query;
            }
            if (!inside) {
                continue;
            }
            if (mentions(statement.bare, "fetch_token_usage")) {
                mark("fetch-usage", statement);
                fetched = true;
            }
            if (stores_snapshot(statement.bare)) {
                mark("store-snapshot", statement);
            }
            if (answers_failure(statement)) {
                failures.push_back(&statement);
                failure_of_query = fetched && failure_of_query == nullptr ? &statement : failure_of_query;
            }
        }
        // Of several, none of which stands behind the query, it is not sure which one answers for it.
        std::erase_if(failures, [](const PythonStatement* answer) { return says_there_is_no_key(*answer); });
        if (failure_of_query == nullptr && failures.size() == 1) {
            failure_of_query = failures.front();
        }
        if (failure_of_query != nullptr) {
            mark("error-response", *failure_of_query);
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

    // A JSON answer that says `success` false. A success holds other members that are False.
    static bool answers_failure(const PythonStatement& statement) {
        constexpr std::string_view kName = "success";
        if (statement.bare.find("json_response") == std::string::npos) {
            return false;
        }
        const std::string_view code = statement.code;
        for (std::size_t at = code.find(kName); at != std::string_view::npos; at = code.find(kName, at + 1)) {
            std::string_view rest = code.substr(at + kName.size());
            const bool quoted = rest.starts_with('"') || rest.starts_with('\'');
            rest = trim_ascii(rest.substr(quoted ? 1 : 0));
            if (rest.starts_with(':') || (rest.starts_with('=') && !rest.starts_with("=="))) {
                return trim_ascii(rest.substr(1)).starts_with("False");
            }
        }
        return false;
    }

    static bool says_there_is_no_key(const PythonStatement& answer) {
        return answer.code.find("未配置") != std::string::npos;
    }

    // Where the handler, or a function that it hands the request to, takes the key from the file. A statement that only
    // reads another option, such as the base URL, is none.
    void find_reading_of_key() {
        const PythonStatement* best = nullptr;
        int best_score = 1;
        for (const PythonStatement& statement : statements_) {
            const bool inside = is_within(statements_, statement, handler_);
            if (statement.kind != PythonKind::plain || (!inside && !takes_request(statement))) {
                continue;
            }
            const bool loads = calls(statement.bare, "load_config");
            if (!loads && !contains_ignoring_case(statement.bare, "config")) {
                continue;
            }
            const bool names_key = contains_ignoring_case(statement.code, "key");
            const bool names_address = contains_ignoring_case(statement.bare, "url");
            const int score = (names_key ? 4 : 0) + (loads ? 5 : 0) - (names_address && !names_key ? 4 : 0);
            if (score > best_score) {
                best = &statement;
                best_score = score;
            }
        }
        if (best != nullptr) {
            mark("load-config", *best);
        }
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

    const PythonFile& file_;
    const std::vector<PythonStatement>& statements_;
    PluginSource& result_;
    std::string query_alias_;
    int handler_ = -1;
    bool registers_route_ = false;
    bool defines_node_ = false;
};

}  // namespace

void find_landmarks(const PythonFile& file, PluginSource& result) {
    LandmarkFinder(file, result).run();
}

void find_landmarks_elsewhere(const PythonFile& file, PluginSource& result) {
    const auto mark = [&](std::string_view name, const PythonStatement& statement) {
        result.landmarks.emplace(name, location(file.name, statement));
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

}  // namespace banana
