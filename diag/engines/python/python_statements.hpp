// Python source as a list of statements: enough of the language to find a definition or a call by what
// it says rather than by its line number. Nothing is executed or evaluated.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace banana {

enum class PythonKind { plain, function, class_definition, decorator, conditional };

struct PythonStatement {
    int line = 0;                 // one-based, of its first physical line
    std::string_view first_line;  // untrimmed, within the source that was given
    std::string code;             // comments removed, physical lines joined; triple-quoted text is emptied
    std::string bare;             // as `code`, with the content of every string emptied
    PythonKind kind = PythonKind::plain;
    std::string name;      // of a function or class
    int parent = -1;       // index of the innermost enclosing function or class; -1 at module level
    bool guarded = false;  // inside a block that may not run, or whose failure is caught
};

// Statements in source order; docstrings are left out. Never fails: broken source gives what can be told.
// Line ends may be LF, CRLF or CR. A statement is bounded: brackets that are never closed end after 400 lines.
std::vector<PythonStatement> python_statements(std::string_view source);

// Whether `inner` is within the function or class at index `outer`, at any depth.
bool is_within(const std::vector<PythonStatement>& statements, const PythonStatement& inner, int outer);

// Index of the first function of that name; -1 where there is none.
int find_function(const std::vector<PythonStatement>& statements, std::string_view name);

// Whether `name` stands in the code as a whole identifier.
bool mentions(std::string_view bare, std::string_view name);
// The same, directly followed by an opening parenthesis and not preceded by `def`.
bool calls(std::string_view bare, std::string_view name);

// The string literals of a statement's `code`, in order, simple escapes resolved.
std::vector<std::string> string_literals(std::string_view code);
// Whether one of them is `value`.
bool has_literal(const PythonStatement& statement, std::string_view value);

}  // namespace banana
