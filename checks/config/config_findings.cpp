#include "config_findings.hpp"

#include "api_key.hpp"
#include "banana/bounds.hpp"
#include "banana/cause.hpp"
#include "banana/key_source.hpp"
#include "banana/lookup.hpp"
#include "banana/variant.hpp"
#include "displayable_text.hpp"
#include "files_beside_config.hpp"
#include "platform.hpp"
#include "python_text.hpp"
#include "redaction.hpp"
#include "sample_key.hpp"
#include "split_key.hpp"
#include "text.hpp"

#include <algorithm>
#include <array>

namespace banana {
namespace {

namespace fs = std::filesystem;

std::string file_name(const fs::path& file) {
    return sanitize(path_text(file.filename()), Lines::single, bounds::kConfigNameTextBytes);
}

// A name that stands in the file: a key may be taken for one.
std::string displayable_name(std::string_view name) {
    return sanitize(mask_possible_keys(sanitize(name)), Lines::single, bounds::kConfigNameTextBytes);
}

// git's marks around the two versions of a text that it could not join.
bool has_conflict_marks(const std::vector<std::string>& lines) {
    return std::any_of(lines.begin(), lines.end(),
                       [](const std::string& line) { return line.starts_with("<<<<<<< "); });
}

// One-based line of a byte offset.
int line_at(std::string_view bytes, std::size_t offset) {
    const std::string_view before = bytes.substr(0, offset);
    int line = 1;
    for (std::size_t at = 0; at < before.size(); ++at) {
        const bool pair = before[at] == '\r' && at + 1 < before.size() && before[at + 1] == '\n';
        line += before[at] == '\n' || (before[at] == '\r' && !pair) ? 1 : 0;
    }
    return line;
}

// A line that makes the parser raise is the rest of a key.
std::optional<SplitKey> split_key_at(const std::vector<std::string>& lines, const IniError& error) {
    std::optional<SplitKey> split = find_split_key(lines);
    const bool is_it = split && error.kind == IniErrorKind::parsing &&
                       std::any_of(error.lines.begin(), error.lines.end(), [&](int number) {
                           return number > split->first_line && number <= split->last_line;
                       });
    return is_it ? std::move(split) : std::nullopt;
}

std::string_view interpolation_variant(IniErrorKind kind) {
    switch (kind) {
        case IniErrorKind::interpolation_missing: return "missing";
        case IniErrorKind::interpolation_depth: return "depth";
        case IniErrorKind::interpolation_size: return "size";
        default: return "syntax";
    }
}

std::string joined(const std::vector<std::string>& lines) {
    std::string text;
    for (const std::string& line : lines) {
        text.append(line).push_back('\n');
    }
    return text;
}

bool is_utf16(TextEncoding encoding) {
    return encoding == TextEncoding::utf16_le || encoding == TextEncoding::utf16_be;
}

bool is_utf32(TextEncoding encoding) {
    return encoding == TextEncoding::utf32_le || encoding == TextEncoding::utf32_be;
}

// UTF-16 and UTF-32, which Python may decode as UTF-8 without complaint: NUL is a character there.
bool is_wide(TextEncoding encoding) {
    return is_utf16(encoding) || is_utf32(encoding);
}

std::string_view encoding_variant(TextEncoding encoding) {
    if (is_utf16(encoding)) {
        return "utf16";
    }
    if (is_utf32(encoding)) {
        return "utf32";
    }
    if (encoding == TextEncoding::document) {
        return "document";
    }
    return encoding == TextEncoding::gbk ? "gbk" : "other";
}

}  // namespace

ExaminedConfig::ExaminedConfig(fs::path path, std::string_view bytes)
    : file(std::move(path)),
      reading(IniFile::parse(bytes)),
      decoded(decode_config(bytes)),
      lines(split_lines(decoded.text)),
      proposed(propose_config(bytes, decoded)),
      proposed_reading(IniFile::parse(joined(proposed.lines))) {
    if (reading.error() && reading.error()->bad_byte) {
        bad_line = line_at(bytes, *reading.error()->bad_byte);
    }
}

bool ExaminedConfig::reading_is_usable() const {
    return !reading.error() && !is_wide(decoded.encoding);
}

ConfigFindings::ConfigFindings(const RunContext& context, fs::path file)
    : context_(context),
      file_(std::move(file)),
      // Whoever mistakes the option for another gives a key as the file's name.
      path_(context.options.config ? displayable_path(file_) : sanitize(path_text(file_))),
      name_(path_ == "…" ? path_ : file_name(file_)),
      replacement_(context.given_key ? context.given_key->key.masked() : "<YOUR-KEY>") {}

Finding ConfigFindings::start(Cause code, int line) const {
    Finding finding(code);
    finding.key_source = configured_key_source(name_);
    finding.args["file"] = path_;
    finding.args["name"] = name_;
    finding.args["replacement"] = replacement_;
    if (line > 0) {
        finding.args["line"] = line;
    }
    return finding;
}

std::string ConfigFindings::masked_line(const std::vector<std::string>& lines, int line) const {
    if (line < 1 || static_cast<std::size_t>(line) > lines.size()) {
        return {};
    }
    // Cut last: a cut key is no longer recognised by its shape.
    const std::string text =
        sanitize(lines[static_cast<std::size_t>(line - 1)], Lines::single, bounds::kConfigScrubbedLineBytes);
    return sanitize(mask_possible_keys(context_.redactor.scrub(text)), Lines::single, bounds::kConfigLineTextBytes);
}

fs::path ConfigFindings::misnamed_file() const {
    const std::optional<Neighbour> neighbour = find_neighbour(file_);
    const bool beside = neighbour && neighbour->kind != "misplaced";
    return beside ? file_.parent_path() / path_from_utf8(neighbour->name) : fs::path();
}

Finding ConfigFindings::missing_file(FileProblem problem) const {
    Finding finding = start(Cause::config_file_missing);
    // Where a link leads is somebody's intention.
    finding.repair = problem == FileProblem::missing ? Repair::run : Repair::manual;
    if (problem == FileProblem::dangling_link) {
        std::error_code ignored;
        finding.args["variant"] = "dangling-link";
        finding.args["target"] = sanitize(path_text(fs::read_symlink(file_, ignored)));
        return finding;
    }
    if (const auto neighbour = find_neighbour(file_)) {
        finding.repair = neighbour->kind == "misplaced" ? Repair::manual : finding.repair;
        finding.args["variant"] = neighbour->kind;
        const std::string shown = sanitize(neighbour->name, Lines::single, bounds::kConfigLineTextBytes);
        finding.args["found"] = shown;
        finding.evidence.emplace_back(neighbour->kind == "misplaced" ? "misplaced-file" : "nearby-file", shown, shown);
    }
    return finding;
}

Finding ConfigFindings::unreadable_file(const BoundedFile& content) const {
    Finding finding = start(Cause::config_file_unreadable);
    const std::string_view reason = file_problem_name(*content.problem);
    finding.args["variant"] = reason;
    finding.args["size"] = content.size;
    finding.args["reason"] = content.error ? sanitize(content.error.message()) : std::string(reason);
    // ComfyUI may run under another account, which can read it; and Python reads files of any size.
    finding.inferred = *content.problem == FileProblem::permission || *content.problem == FileProblem::too_large;
    finding.evidence.emplace_back("file-problem", std::string(finding.args["reason"].as_string()), name_);
    return finding;
}

std::optional<Finding> ConfigFindings::reading_failure(const ExaminedConfig& config) const {
    const auto& error = config.reading.error();
    const bool wide = is_wide(config.decoded.encoding);
    if (!error && !wide) {
        return std::nullopt;
    }
    if (wide || error->kind == IniErrorKind::decode) {
        Finding finding = start(Cause::config_encoding, config.bad_line.value_or(1));
        finding.args["encoding"] = encoding_name(config.decoded.encoding);
        finding.args["variant"] = encoding_variant(config.decoded.encoding);
        if (error) {
            finding.evidence.emplace_back("python-error", std::string(error->python_class));
        }
        finding.evidence.emplace_back("offending-line", masked_line(config.lines, config.bad_line.value_or(1)), name_,
                                      config.bad_line.value_or(1));
        return finding;
    }
    if (config.decoded.encoding == TextEncoding::utf8_bom && error->line == 1) {
        Finding finding = start(Cause::config_bom, 1);
        finding.evidence.emplace_back("first-bytes", "EF BB BF", name_, 1);
        finding.evidence.emplace_back("python-error", std::string(error->python_class));
        return finding;
    }
    return syntax(config, *error);
}

Finding ConfigFindings::syntax(const ExaminedConfig& config, const IniError& error) const {
    const int line = error.line.value_or(1);
    Finding finding = start(Cause::config_syntax, line);
    finding.args["error"] = error.python_class;
    finding.args["text"] = masked_line(config.lines, line);
    if (error.kind == IniErrorKind::duplicate_section) {
        const IniSection* first = config.reading.section(error.section);
        finding.args["variant"] = "duplicate-section";
        finding.args["section"] = displayable_name(error.section);
        finding.args["first_line"] = first != nullptr ? first->line : 0;
    } else if (error.kind == IniErrorKind::duplicate_option) {
        const IniSection* section = config.reading.section(error.section);
        const IniOption* first = (section != nullptr ? *section : config.reading.defaults()).find(error.option);
        finding.args["variant"] = "duplicate-option";
        finding.args["section"] = displayable_name(error.section);
        finding.args["option"] = displayable_name(error.option);
        finding.args["first_line"] = first != nullptr ? first->line : 0;
    } else if (const auto split = split_key_at(config.lines, error)) {
        const Secret whole(split->value);
        finding.args["variant"] = "broken-key";
        finding.args["first_line"] = split->first_line;
        finding.args["line"] = split->last_line;
        finding.args["counts"] = split->counts;
        finding.evidence.emplace_back("corrected-value", whole.masked(), name_, split->first_line);
    } else if (const std::string_view format = other_format(config.decoded.text);
               !format.empty() && error.kind == IniErrorKind::missing_header) {
        finding.args["variant"] = "other-format";
        finding.args["format"] = format;
    } else {
        const bool known = static_cast<std::size_t>(line) <= config.lines.size();
        finding.args["variant"] =
            known ? line_mistake(config.lines[static_cast<std::size_t>(line - 1)], error.kind) : "text";
    }
    if (has_conflict_marks(config.lines)) {
        finding.args["fix_variant"] = "conflict";
    }
    finding.evidence.emplace_back("offending-line", masked_line(config.lines, line), name_, line);
    finding.evidence.emplace_back("python-error", std::string(error.python_class), name_, line);
    for (std::size_t index = 1; index < std::min<std::size_t>(error.lines.size(), 5); ++index) {
        finding.evidence.emplace_back("offending-line", masked_line(config.lines, error.lines[index]), name_,
                                      error.lines[index]);
    }
    return finding;
}

Finding ConfigFindings::interpolation(const ExaminedConfig& config, const IniError& error, int line) const {
    Finding finding = start(Cause::config_interpolation, line);
    finding.args["variant"] = interpolation_variant(error.kind);
    finding.args["option"] = displayable_name(error.option);
    finding.args["reference"] = displayable_name(error.reference);
    finding.evidence.emplace_back("offending-line", masked_line(config.lines, line), name_, line);
    if (!error.python_class.empty()) {
        finding.evidence.emplace_back("python-error", std::string(error.python_class));
    }
    return finding;
}

Finding ConfigFindings::missing_section(const ExaminedConfig& config) const {
    const IniFile& file = config.readable();
    if (const IniSection* near_miss = near_section(file)) {
        Finding finding = start(Cause::config_section_missing, near_miss->line);
        const bool invisible = looks_right_without_invisible('[' + near_miss->name + ']');
        finding.args["variant"] = invisible ? "invisible" : "near";
        finding.args["found"] = displayable_name(near_miss->name);
        finding.evidence.emplace_back("current-header", '[' + displayable_name(near_miss->name) + ']', name_,
                                      near_miss->line);
        return finding;
    }
    Finding finding = start(Cause::config_section_missing);
    if (file.sections().empty() && file.defaults().line == 0) {
        finding.args["variant"] = "empty";
    }
    return finding;
}

Finding ConfigFindings::missing_key(const ExaminedConfig& config) const {
    const IniFile& file = config.readable();
    const auto near_miss = near_api_key(file, config.lines);
    if (!near_miss) {
        return start(Cause::config_key_missing);
    }
    Finding finding = start(Cause::config_key_missing, near_miss->line);
    const bool invisible = near_miss->kind == "name" && displayable_name(near_miss->name) == "api_key";
    finding.args["variant"] = invisible ? "invisible" : near_miss->kind;
    finding.args["found"] = displayable_name(near_miss->name);
    finding.args["option"] = displayable_name(near_miss->swallowed_by);
    finding.evidence.emplace_back("current-line", masked_line(config.lines, near_miss->line), name_, near_miss->line);
    return finding;
}

Finding ConfigFindings::empty_key(int line) const {
    Finding finding = start(Cause::config_key_empty, line);
    finding.evidence.emplace_back("current-line", "api_key =", name_, line);
    offer_backup(finding);
    return finding;
}

Finding ConfigFindings::sample_key(std::string_view sample, int line, std::optional<bool> known) const {
    Finding finding = start(Cause::config_key_placeholder, line);
    finding.args["sample"] = sample;
    set_variant(finding, !known ? Variant::sample_unknown : *known ? Variant::sample_known : Variant::sample_sent);
    finding.evidence.emplace_back("current-value", std::string(sample), name_, line);
    if (offer_backup(finding)) {
        return finding;
    }
    // The plugin writes a sample where it finds no file: the one that was edited may have another name or place.
    const auto neighbour = find_neighbour(file_);
    if (neighbour && neighbour->kind != "example") {
        const std::string shown = sanitize(neighbour->name, Lines::single, bounds::kConfigLineTextBytes);
        finding.evidence.emplace_back(neighbour->kind == "misplaced" ? "misplaced-file" : "nearby-file", shown, shown);
    }
    return finding;
}

bool ConfigFindings::offer_backup(Finding& finding) const {
    const std::optional<KeyCopy> backup = find_backup(file_);
    if (!backup) {
        return false;
    }
    finding.args["fix_variant"] = "backup";
    finding.args["backup"] = backup->name;
    finding.args["backup_line"] = backup->line;
    finding.evidence.emplace_back("nearby-file", backup->name, backup->name, backup->line);
    return true;
}

std::optional<Finding> ConfigFindings::malformed_key(std::string_view value, int line) const {
    const auto problem = find_key_problem(value);
    if (!problem) {
        return std::nullopt;
    }
    const Secret secret(value);
    Finding finding = start(Cause::config_key_malformed, line);
    finding.args["variant"] = key_defect_name(problem->defect);
    finding.args["defect"] = key_defect_name(problem->defect);
    finding.args["detail"] = sanitize(problem->detail);
    finding.args["position"] = problem->position;
    finding.args["length"] = secret.length();
    static constexpr std::array kByItsForm{KeyDefect::cut_short, KeyDefect::too_short, KeyDefect::suffix,
                                           KeyDefect::other_provider};
    finding.inferred = std::find(kByItsForm.begin(), kByItsForm.end(), problem->defect) != kByItsForm.end();
    finding.evidence.emplace_back("current-value", secret.masked(), name_, line);
    if (problem->corrected) {
        finding.args["corrected"] = problem->corrected->masked();
        finding.evidence.emplace_back("corrected-value", problem->corrected->masked(), name_, line);
    }
    return finding;
}

namespace {

// What has to stand there; empty for a number with a decimal point.
std::string_view remedy_of_option(std::string_view kind) {
    return kind == "encoded-url"                              ? "address"
           : kind == "whole-number" || kind == "not-positive" ? "whole-number"
           : kind == "switch"                                 ? "switch"
                                                              : "";
}

}  // namespace

Finding ConfigFindings::option_problem(const OptionProblem& problem) const {
    Finding finding = start(Cause::config_value_invalid, problem.line);
    finding.key_source.clear();
    finding.args["option"] = problem.option;
    finding.args["value"] = displayable_name(context_.redactor.scrub(problem.value));
    finding.args["kind"] = problem.kind;
    finding.args["variant"] = problem.used.empty() ? std::string("undocumented") : std::string("used");
    finding.args["used"] = problem.used;
    if (const std::string_view remedy = remedy_of_option(problem.kind); !remedy.empty()) {
        finding.args["fix_variant"] = remedy;
    }
    finding.evidence.emplace_back("current-value", std::string(finding.args["value"].as_string()), name_, problem.line);
    return finding;
}

Finding ConfigFindings::readable_by_others() const {
    Finding finding = start(Cause::config_key_exposed);
    if constexpr (platform::kSystem == platform::System::windows) {
        finding.args["variant"] = "access-list";
        return finding;
    }
    finding.args["variant"] = "readable";
    finding.repair = Repair::run;
    std::error_code ignored;
    const auto mode = static_cast<unsigned>(fs::status(file_, ignored).permissions()) & 0777U;
    const std::string octal{static_cast<char>('0' + mode / 64), static_cast<char>('0' + mode / 8 % 8),
                            static_cast<char>('0' + mode % 8)};
    finding.evidence.emplace_back("file-mode", octal, name_);
    return finding;
}

Finding ConfigFindings::tracked_by_git(const fs::path& repository) const {
    Finding finding = start(Cause::config_key_exposed);
    finding.args["variant"] = "git";
    finding.args["repository"] = sanitize(path_text(repository));
    finding.evidence.emplace_back("git-repository", sanitize(path_text(repository)), name_);
    return finding;
}

void ConfigFindings::add_correction(Finding& finding, const ExaminedConfig& config) const {
    if (text_argument(finding, "variant") == "other-format") {
        finding.evidence.emplace_back("corrected-file", "[gemini]\napi_key = <YOUR-KEY>", name_);
    } else if (config.proposed.parses) {
        finding.evidence.emplace_back("corrected-file", context_.redactor.scrub(corrected_config(config.proposed)),
                                      name_);
    }
}

}  // namespace banana
