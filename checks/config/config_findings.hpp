// Findings about config.ini, each from one observed defect of the file or of the key in it.
#pragma once

#include "banana/finding.hpp"
#include "bounded_file.hpp"
#include "config_options.hpp"
#include "config_text.hpp"
#include "ini_reader.hpp"
#include "run_context.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace banana {

// A file on the way from bytes to findings.
struct ExaminedConfig {
    ExaminedConfig(std::filesystem::path file, std::string_view bytes);
    std::filesystem::path file;
    IniFile reading;                 // as Python reads it
    DecodedConfig decoded;           // as it was meant
    std::vector<std::string> lines;  // of `decoded`
    ProposedConfig proposed;
    IniFile proposed_reading;     // of `proposed`
    std::optional<int> bad_line;  // of the byte that cannot be decoded
    // The reading that the near misses are looked for in.
    [[nodiscard]] const IniFile& readable() const { return reading_is_usable() ? reading : proposed_reading; }
    // The parser is content, and with the text that was meant.
    [[nodiscard]] bool reading_is_usable() const;
};

// What all findings about one file share: its name, the key to put in, the redactor.
class ConfigFindings {
public:
    ConfigFindings(const RunContext& context, std::filesystem::path file);

    // A file beside it that was meant, under another name, or the plugin's example; empty: none.
    [[nodiscard]] std::filesystem::path misnamed_file() const;
    [[nodiscard]] Finding missing_file(FileProblem problem) const;
    [[nodiscard]] Finding unreadable_file(const BoundedFile& content) const;
    // What reading the file, or an encoding that only looks readable, prevents; none where the parser is content.
    [[nodiscard]] std::optional<Finding> reading_failure(const ExaminedConfig& config) const;
    [[nodiscard]] Finding interpolation(const ExaminedConfig& config, const IniError& error, int line) const;
    [[nodiscard]] Finding missing_section(const ExaminedConfig& config) const;
    [[nodiscard]] Finding missing_key(const ExaminedConfig& config) const;
    [[nodiscard]] Finding empty_key(int line) const;
    // A copy beside the file that holds a real key is named in it; false where there is none.
    bool offer_backup(Finding& finding) const;
    // `known`: whether the installed plugin takes it for a sample; none where its version is not known.
    [[nodiscard]] Finding sample_key(std::string_view sample, int line, std::optional<bool> known) const;
    // None for a clean key.
    [[nodiscard]] std::optional<Finding> malformed_key(std::string_view value, int line) const;
    [[nodiscard]] Finding option_problem(const OptionProblem& problem) const;
    [[nodiscard]] Finding readable_by_others() const;
    [[nodiscard]] Finding tracked_by_git(const std::filesystem::path& repository) const;
    // The whole file put right, where that could be done.
    void add_correction(Finding& finding, const ExaminedConfig& config) const;

private:
    [[nodiscard]] Finding start(Cause code, int line = 0) const;
    [[nodiscard]] std::string masked_line(const std::vector<std::string>& lines, int line) const;
    [[nodiscard]] Finding syntax(const ExaminedConfig& config, const IniError& error) const;

    const RunContext& context_;
    std::filesystem::path file_;
    std::string path_;         // as it is shown
    std::string name_;         // of the file, without its folder
    std::string replacement_;  // the given key, masked, or <YOUR-KEY>
};

}  // namespace banana
