#include "manual.hpp"

#include "option_table.hpp"
#include "shell_command.hpp"

#include <array>
#include <string_view>

namespace banana {
namespace {

using Takes = OptionRow::Takes;
using Value = OptionRow::Value;

// As troff shows it literally: its escape sign, hyphens that are to stay what was typed, a line that begins as a
// request would.
std::string troff(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (c == '\\') {
            out += "\\e";
        } else if (c == '-') {
            out += "\\-";
        } else if ((c == '.' || c == '\'') && (out.empty() || out.back() == '\n')) {
            out += std::string("\\&") + c;
        } else {
            out += c;
        }
    }
    return out;
}

std::string entry(const std::string& term, const std::string& words) {
    return ".TP\n.B " + troff(term) + "\n" + troff(words) + "\n";
}

std::string option_words(const OptionRow& row, const Catalog& texts) {
    return texts.text("option." + std::string(row.name) + ".help");
}

std::string names_of_commands() {
    std::string names;
    for (const CommandRow& row : command_rows()) {
        names += (names.empty() ? "" : " ") + std::string(row.name);
    }
    return names;
}

// Brackets and colons have a meaning in zsh's specifications.
std::string zsh_words(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (c == '[' || c == ']' || c == ':' || c == '\\') {
            out += '\\';
        }
        out += c;
    }
    return out;
}

std::string zsh_value(const OptionRow& row) {
    switch (row.value) {
        case Value::none: return {};
        case Value::folder: return ":folder:_files -/";
        case Value::file: return ":file:_files";
        case Value::choice: return ":choice:(" + std::string(row.choices) + ")";
        case Value::other: break;
    }
    return ":value: ";
}

}  // namespace

std::string manual_page(const Catalog& texts, const std::string& version, const std::string& date) {
    std::string page = ".TH BANANA\\-DIAG 1 \"" + date + "\" \"banana\\-diag " + version +
                       "\"\n.SH NAME\nbanana\\-diag \\- " + troff(texts.text("manual.name")) +
                       "\n.SH SYNOPSIS\n.B banana\\-diag\n[COMMAND] [OPTIONS]\n.SH DESCRIPTION\n" +
                       troff(texts.text("usage.what")) + "\n.SH COMMANDS\n";
    for (const CommandRow& row : command_rows()) {
        const std::string id = "command." + std::string(row.name);
        page += entry(texts.text(id + ".usage"), texts.text(id + ".help"));
    }
    page += ".SH OPTIONS\n";
    for (const OptionGroup group :
         {OptionGroup::places, OptionGroup::network, OptionGroup::checks, OptionGroup::repair, OptionGroup::output}) {
        page += ".SS " + troff(texts.text("option-group." + std::string(name_of(group)))) + "\n";
        for (const OptionRow& row : option_rows()) {
            if (row.group != group) {
                continue;
            }
            std::string term = row.letter != '\0' ? "-" + std::string(1, row.letter) + ", " : std::string();
            term += "--" + std::string(row.name);
            if (row.takes != Takes::nothing) {
                term += " " + texts.text("option." + std::string(row.name) + ".value");
            }
            page += entry(term, option_words(row, texts));
        }
    }
    return page + ".SH \"EXIT STATUS\"\n" + troff(texts.text("usage.exit-codes")) + "\n.SH SECRETS\n" +
           troff(texts.text("usage.keys")) + "\n";
}

std::string bash_completion() {
    std::string folders, files, choices, others, all;
    for (const OptionRow& row : option_rows()) {
        const std::string name = "--" + std::string(row.name);
        all += " " + name;
        if (row.value == Value::choice) {
            choices += "        " + name + ") COMPREPLY=($(compgen -W " + shell_literal(row.choices) +
                       " -- \"$word\")); return ;;\n";
        } else if (row.takes != Takes::nothing) {
            std::string& list = row.value == Value::folder ? folders : row.value == Value::file ? files : others;
            list += (list.empty() ? "" : "|") + name;
        }
    }
    return "# bash completion of banana-diag, made from its table of options\n"
           "_banana_diag() {\n"
           "    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}\n"
           "    COMPREPLY=()\n"
           "    case $before in\n" +
           choices + "        " + folders +
           ") compopt -o filenames; COMPREPLY=($(compgen -d -- \"$word\")); return ;;\n" + "        " + files +
           "|render|redact) compopt -o filenames; COMPREPLY=($(compgen -f -- \"$word\")); return ;;\n" + "        " +
           others + ") return ;;\n" +
           "    esac\n"
           "    if [[ $word == -* ]]; then\n"
           "        COMPREPLY=($(compgen -W '" +
           all.substr(1) +
           "' -- \"$word\"))\n"
           "    elif ((COMP_CWORD == 1)); then\n"
           "        COMPREPLY=($(compgen -W '" +
           names_of_commands() +
           "' -- \"$word\"))\n"
           "    fi\n"
           "}\n"
           "complete -F _banana_diag banana-diag\n";
}

std::string zsh_completion(const Catalog& texts) {
    std::string script =
        "#compdef banana-diag\n# zsh completion of banana-diag, made from its table of options\n_arguments \\\n";
    for (const OptionRow& row : option_rows()) {
        const std::string star = row.takes == Takes::values ? "*" : "";
        script += "  " +
                  shell_literal(star + "--" + std::string(row.name) + "[" + zsh_words(option_words(row, texts)) + "]" +
                                zsh_value(row)) +
                  " \\\n";
    }
    return script + "  '1:command:(" + names_of_commands() + ")' \\\n  '2:file:_files'\n";
}

}  // namespace banana
