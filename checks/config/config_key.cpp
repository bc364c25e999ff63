// config.key: what the plugin will read from config.ini, exactly as Python's configparser reads it, and whether the
// key in it is real.
#include "api_key.hpp"
#include "banana/ascii.hpp"
#include "banana/bounds.hpp"
#include "banana/cause.hpp"
#include "banana/facts.hpp"
#include "banana/key_source.hpp"
#include "banana/lookup.hpp"
#include "check.hpp"
#include "comfyui_process.hpp"
#include "config_findings.hpp"
#include "config_mending.hpp"
#include "displayable_text.hpp"
#include "file_exposure.hpp"
#include "key_text.hpp"
#include "known_families.hpp"
#include "python_text.hpp"
#include "redaction.hpp"
#include "run_context.hpp"
#include "sample_key.hpp"
#include "secret_names.hpp"
#include "split_key.hpp"
#include "text.hpp"
#include "utf8.hpp"

#include <algorithm>
#include <array>
#include <boost/asio/awaitable.hpp>

namespace banana {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

constexpr std::string_view kSection = "gemini";
constexpr std::string_view kTestSection = "gemini_test";
constexpr std::string_view kOption = "api_key";
constexpr std::string_view kAddressOption = "api_base_url_enc";
constexpr std::string_view kTestFile = key_source::test_file;
constexpr std::string_view kTestVariable = "BANANA_GEMINI_USE_LOCAL_TEST";
constexpr std::size_t kShortestRun = 16;
constexpr std::size_t kShortestLetters = 24;

// Letters and digits mixed; letters alone where both cases are mixed, or as many in a row as no word has.
bool looks_random(std::string_view run) {
    const bool digit = std::any_of(run.begin(), run.end(), is_digit);
    const bool small = std::any_of(run.begin(), run.end(), is_lower);
    const bool capital = std::any_of(run.begin(), run.end(), is_upper);
    if (digit) {
        return small || capital;
    }
    return run.size() >= kShortestLetters && ((small && capital) || run.find_first_of("-_") == std::string_view::npos);
}

// A header that Python's http.client can send: Latin-1 and one line.
bool can_be_sent(std::string_view value) {
    for (std::size_t offset = 0; offset < value.size();) {
        const char32_t c = utf8::next(value, offset);
        if (c > 0xFF || c == '\n' || c == '\r') {
            return false;
        }
    }
    return true;
}

bool is_of_parsing(const Finding& finding) {
    return finding.code == Cause::config_bom || finding.code == Cause::config_encoding ||
           finding.code == Cause::config_syntax;
}

class ConfigKeyCheck {
public:
    explicit ConfigKeyCheck(RunContext& context) : context_(context) {}

    CheckResult run() {
        const std::optional<fs::path> file = config_file();
        if (!file) {
            result_.skip_reason = std::string(skip_reason::need_prefix) + std::string(check_id::install_plugin);
            return std::move(result_);
        }
        found_.emplace();
        found_->file = *file;
        found_->source = configured_key_source(path_text(file->filename()));
        if (context_.options.config && displayable_path(*file) == "…") {
            found_->source = "…";
        }
        state_no_value();
        examine(*file);
        examine_test_file(*file);
        if (install() != nullptr && install()->reads_other_option && !context_.options.config) {
            leave_open();
        } else if (install() != nullptr && install()->parses_otherwise && depends_on_rules()) {
            leave_to_the_source();
        } else {
            summarise();
        }
        result_.facts = facts::to_json(facts_);
        context_.found.config = std::move(found_);
        return std::move(result_);
    }

private:
    [[nodiscard]] const Install* install() const { return context_.found.install ? &*context_.found.install : nullptr; }

    [[nodiscard]] std::optional<fs::path> config_file() const {
        if (context_.options.config) {
            return context_.options.config;
        }
        return install() != nullptr ? std::optional(install()->plugin_dir / "config.ini") : std::nullopt;
    }

    void state_no_value() {
        json::object options;
        for (const std::string_view name : known_options()) {
            options[name] = nullptr;
        }
        const std::string file =
            context_.options.config ? displayable_path(found_->file) : sanitize(path_text(found_->file));
        facts_.file = file;
        facts_.options = std::move(options);
    }

    void examine(const fs::path& file) {
        const BoundedFile content = read_bounded(file);
        const ConfigFindings findings(context_, file);
        if (content.problem) {
            const bool missing =
                content.problem == FileProblem::missing || content.problem == FileProblem::dangling_link;
            found_->state = missing ? KeyState::missing : KeyState::unreadable;
            result_.findings.push_back(missing ? findings.missing_file(*content.problem)
                                               : findings.unreadable_file(content));
            if (missing) {
                found_->misnamed = findings.misnamed_file();
            }
            return;
        }
        const ExaminedConfig config(file, content.bytes);
        learn_secrets(config.lines);
        state_reading(config);
        examine_reading(config, findings);
        if (!result_.findings.empty()) {
            findings.add_correction(result_.findings.front(), config);
        }
        if (found_->state == KeyState::placeholder) {
            found_->misnamed = findings.misnamed_file();  // the plugin writes a sample where it finds no file
        }
        note_repair(content.bytes);
        if (config.reading_is_usable()) {
            found_->base_url = base_url_of(config.reading, kSection, install());
            for (const OptionProblem& problem : find_option_problems(config.reading, install())) {
                result_.findings.push_back(findings.option_problem(problem));
            }
        }
        examine_exposure(file, findings);
    }

    // What is wrong so far is put right in one change of the file, or not at all.
    void note_repair(std::string_view bytes) {
        if (result_.findings.empty()) {
            return;
        }
        const auto outcome = mend_config(bytes, nullptr);
        const auto* refusal = std::get_if<MendRefusal>(&outcome);
        const bool mended = refusal != nullptr ? refusal->obstacle == MendObstacle::key_needed
                                               : !std::get<MendedConfig>(outcome).mends.empty();
        for (Finding& finding : result_.findings) {
            finding.repair = mended ? Repair::run : Repair::manual;
        }
    }

    // Whatever could be a key, before any of it can get into a finding; recognised samples are left readable.
    void learn_secrets(const std::vector<std::string>& lines) {
        // What has a name first: the number of values is limited.
        if (const std::optional<SplitKey> split = find_split_key(lines)) {
            learn(split->value);
        }
        for (std::size_t index = 0; index < lines.size(); ++index) {
            learn_named(lines, index);
        }
        for (const std::string& line : lines) {
            if (!is_address(line)) {
                learn_runs(line);
            }
        }
    }

    static std::size_t delimiter_of(std::string_view line) {
        return std::min({line.find_first_of("=:"), line.find("＝"), line.find("：")});
    }

    static std::string_view behind_delimiters(std::string_view line) {
        std::size_t offset = 0;
        while (offset < line.size()) {
            const std::size_t here = offset;
            if (std::u32string_view(U"=: \t＝：").find(utf8::next(line, offset)) == std::u32string_view::npos) {
                return python_strip(line.substr(here));
            }
        }
        return {};
    }

    static bool is_address(std::string_view line) {
        return contains_ignoring_case(line.substr(0, delimiter_of(line)), "base_url");
    }

    // The value of a secret option, and the lines behind it that hold nothing but the rest of it.
    void learn_named(const std::vector<std::string>& lines, std::size_t index) {
        const std::string_view line = lines[index];
        const std::size_t delimiter = delimiter_of(line);
        if (delimiter == std::string_view::npos || is_address(line) || !is_secret_name(line.substr(0, delimiter))) {
            return;
        }
        const std::string_view value = behind_delimiters(line.substr(delimiter));
        learn(value);
        std::string whole(value);
        for (++index; index < lines.size(); ++index) {
            const std::string_view rest = behind_delimiters(lines[index]);
            const bool piece =
                rest.size() >= kTellingPart && std::all_of(rest.begin(), rest.end(), key_text::is_key_character);
            if (!piece || mask_possible_keys(rest) == rest) {
                break;
            }
            learn(rest);
            whole += rest;
        }
        if (whole.size() > value.size()) {
            learn(whole);
        }
        learn_broken(value);
    }

    // A key with blanks in it, where no part of the value is a word of prose.
    void learn_broken(std::string_view value) {
        std::string joined(value);
        std::erase_if(joined, [](char c) { return c == ' ' || c == '\t'; });
        const bool plain = std::all_of(joined.begin(), joined.end(), key_text::is_key_character);
        std::string shown = mask_possible_keys(value);
        std::erase_if(shown, [](char c) { return c > 0; });
        const bool all_masked =
            !shown.empty() && mask_possible_keys(value).find_first_not_of(shown + " \t") == std::string::npos;
        if (plain && joined.size() < value.size() && all_masked) {
            learn(joined);
        }
    }

    void learn_runs(std::string_view line) {
        for (std::size_t at = 0; at < line.size();) {
            const std::size_t begin = at;
            while (at < line.size() && key_text::is_key_character(line[at])) {
                ++at;
            }
            const std::string_view run = line.substr(begin, at - begin);
            if (run.size() >= kShortestRun && looks_random(run)) {
                learn(run);
            }
            at += at == begin ? 1 : 0;
        }
    }

    void learn(std::string_view value) {
        if (value.size() < kTellingPart || value.size() > bounds::kLearnedValueBytes ||
            learned_ >= bounds::kLearnedValues || find_sample_key(value)) {
            return;
        }
        ++learned_;
        context_.redactor.learn(Secret(value));
    }

    void state_reading(const ExaminedConfig& config) {
        const auto& error = config.reading.error();
        if (error) {
            facts_.python_error = std::string(error->python_class);
            facts_.error_line = error->line;
            return;
        }
        const IniValue key = config.reading.get(kSection, kOption);
        if (key.error && !key.error->python_class.empty()) {
            facts_.python_error = std::string(key.error->python_class);
        }
        if (key.value) {
            const Secret secret(*key.value);
            facts_.api_key.present = true;
            facts_.api_key.length = secret.length();
            facts_.api_key.sha256_8 = facts::text_or_null(secret.fingerprint());
        }
        for (const std::string_view name : known_options()) {
            const IniValue value = config.reading.get(kSection, name);
            if (value.value) {
                const std::string text =
                    context_.redactor.scrub(sanitize(*value.value, Lines::keep, bounds::kConfigValueTextBytes));
                // An address in base64 looks like a key.
                facts_.options[name] = name == kAddressOption ? text : mask_possible_keys(text);
            }
        }
    }

    void examine_reading(const ExaminedConfig& config, const ConfigFindings& findings) {
        if (config.reading_is_usable()) {
            examine_key(config, findings, config.reading);
            return;
        }
        found_->state = KeyState::unreadable;
        result_.findings.push_back(*findings.reading_failure(config));
        // The text that was meant is examined too: what else must be put right before the key works.
        const bool no_text = config.decoded.encoding == TextEncoding::document;
        if (no_text || !config.proposed.parses || !config.proposed.key_certain) {
            return;
        }
        const bool whole = config.proposed.lines == config.lines;  // only the encoding was wrong
        const std::size_t already = result_.findings.size();
        const bool has_key = config.proposed_reading.get(kSection, kOption).option != nullptr;
        if (whole || has_key) {
            ConfigReading kept = std::move(*found_);
            found_.emplace();
            examine_key(config, findings, config.proposed_reading);
            has_real_key_ = has_real_key_ || found_->key.has_value();
            found_ = std::move(kept);
        }
        const auto shifted = static_cast<int>(config.proposed.lines.size()) - static_cast<int>(config.lines.size());
        for (std::size_t index = already; shifted != 0 && index < result_.findings.size(); ++index) {
            shift_lines(result_.findings[index], shifted);
        }
    }

    // A header that was put in for that is not in the user's file.
    static void shift_lines(Finding& finding, int shifted) {
        if (const json::value* line = find_member(finding.args, "line")) {
            finding.args["line"] = std::max<std::int64_t>(1, line->as_int64() - shifted);
        }
        for (Evidence& evidence : finding.evidence) {
            evidence.line = evidence.line ? std::optional(std::max(1, *evidence.line - shifted)) : std::nullopt;
        }
    }

    void examine_key(const ExaminedConfig& config, const ConfigFindings& findings, const IniFile& reading) {
        if (reading.section(kSection) == nullptr) {
            found_->state = KeyState::missing;
            result_.findings.push_back(findings.missing_section(config));
            return;
        }
        const IniValue read = reading.get(kSection, kOption);
        if (read.option == nullptr) {
            found_->state = KeyState::missing;
            result_.findings.push_back(findings.missing_key(config));
            return;
        }
        if (read.error) {
            found_->state = KeyState::unreadable;
            result_.findings.push_back(findings.interpolation(config, *read.error, read.option->line));
            return;
        }
        examine_value(python_strip(*read.value), read.option->line, config.decoded.exact, findings);
    }

    // `value` after strip(). Where the text was decoded by guess, characters other than ASCII prove nothing.
    void examine_value(std::string_view value, int line, bool exact, const ConfigFindings& findings) {
        if (value.empty()) {
            found_->state = KeyState::empty;
            result_.findings.push_back(findings.empty_key(line));
            return;
        }
        const Family family = install() != nullptr ? install()->family : Family::unknown;
        const auto spellings = install() != nullptr ? install()->knows_sample_spellings : std::nullopt;
        const bool known = plugin_knows_sample(family, spellings, value);
        if (const auto sample = find_sample_key(value)) {
            const bool version_known = family != Family::unknown || spellings || known;
            found_->state = KeyState::placeholder;
            found_->plugin_sends_it = !known && can_be_sent(value);
            result_.findings.push_back(
                findings.sample_key(*sample, line, version_known ? std::optional(known) : std::nullopt));
            return;
        }
        has_real_key_ = true;
        context_.redactor.learn(Secret(value));
        found_->key.emplace(value);
        found_->plugin_sends_it = can_be_sent(value);
        found_->state = KeyState::usable;
        auto malformed = exact ? findings.malformed_key(value, line) : std::nullopt;
        if (!malformed) {
            return;
        }
        // A length or suffix that this service does not issue is judged by the upstream's own answer.
        const json::string& variant = malformed->args["variant"].as_string();
        const bool worth_trying =
            variant == key_defect_name(KeyDefect::cut_short) || variant == key_defect_name(KeyDefect::suffix);
        found_->state = worth_trying ? KeyState::usable : KeyState::malformed;
        result_.findings.push_back(std::move(*malformed));
    }

    void examine_exposure(const fs::path& file, const ConfigFindings& findings) {
        if (!has_real_key_) {
            return;
        }
        if (context_.surroundings.other_accounts && readable_by_others(file)) {
            result_.findings.push_back(findings.readable_by_others());
        }
        if (const auto repository = tracking_repository(file)) {
            result_.findings.push_back(findings.tracked_by_git(*repository));
        }
    }

    [[nodiscard]] bool test_mode() const {
        const std::optional<SeenProcess> seen = comfyui_process_seen(context_);
        const auto value = (seen ? seen->environment : context_.surroundings.environment).get(kTestVariable);
        static constexpr std::array<std::string_view, 4> kOn{"1", "true", "yes", "on"};
        const std::string lower = value ? to_lower_ascii(trim_ascii(*value)) : "";
        return std::find(kOn.begin(), kOn.end(), lower) != kOn.end();
    }

    // V2 and V3 in test mode: the key of the test file wins, and with V2 its address too.
    void examine_test_file(const fs::path& file) {
        const Family family = install() != nullptr ? install()->family : Family::unknown;
        const bool late_v1 = family == Family::v1 && install()->knows_sample_spellings.value_or(false);
        if ((family != Family::v2 && family != Family::v3 && !late_v1) || !test_mode()) {
            return;
        }
        const fs::path test_file = file.parent_path() / kTestFile;
        const BoundedFile content = read_bounded(test_file);
        const IniFile reading = IniFile::parse(content.bytes);
        const IniValue read = reading.error() ? IniValue{} : reading.get(kTestSection, kOption);
        const std::string_view value = read.value ? python_strip(*read.value) : std::string_view();
        if (value.empty() || plugin_knows_sample(family, std::nullopt, value)) {
            return;
        }
        for (Finding& finding : result_.findings) {
            finding.severity = Severity::warning;
            finding.repair = Repair::manual;  // the file is not the one that is read
            finding.args[kRefutationArgument] = {{"id", "because.test-mode"}, {"args", {{"file", kTestFile}}}};
        }
        facts_.test_mode = facts::TestMode{std::string(kTestFile), std::string(kTestVariable)};
        found_->key.reset();
        found_->source = kTestFile;
        if (family != Family::v3) {
            if (auto url = base_url_of(reading, kTestSection, install())) {
                found_->base_url = std::move(url);
            }
        }
        learn_secrets(split_lines(content.bytes));
        const ConfigFindings findings(context_, test_file);
        examine_value(value, read.option->line, true, findings);
    }

    // What [gemini] and api_key hold says nothing of a plugin that reads neither; that the file cannot be parsed does,
    // where it is the one that is read.
    void leave_open() {
        const bool is_read = !install()->reads_other_file;
        std::erase_if(result_.findings, [&](const Finding& finding) {
            return !is_read || !(is_of_parsing(finding) || finding.code == Cause::config_file_unreadable);
        });
        found_->key.reset();
        found_->plugin_sends_it = false;
        found_->state = KeyState::unreadable;
        if (!result_.findings.empty()) {
            summarise();
            return;
        }
        result_.incomplete = true;
        result_.summary = Message("summary.config.key.other-option");
    }

    // A fault by the known releases' rules, which this source does not go by.
    [[nodiscard]] bool depends_on_rules() const {
        return std::any_of(result_.findings.begin(), result_.findings.end(), [](const Finding& finding) {
            return is_of_parsing(finding) || finding.code == Cause::config_interpolation ||
                   finding.code == Cause::config_key_malformed;
        });
    }

    void leave_to_the_source() {
        std::erase_if(result_.findings, [](const Finding& finding) {
            return finding.code != Cause::config_key_exposed && finding.code != Cause::config_file_unreadable;
        });
        found_->key.reset();
        found_->plugin_sends_it = false;
        found_->state = KeyState::unreadable;
        result_.incomplete = true;
        result_.summary = Message("summary.config.key.other-rules");
    }

    void summarise() {
        const auto main = std::find_if(result_.findings.begin(), result_.findings.end(), [](const Finding& finding) {
            return finding.code != Cause::config_value_invalid && finding.code != Cause::config_key_exposed;
        });
        const std::string prefix = "summary.config.key.";
        if (facts_.test_mode && found_->state == KeyState::usable) {
            Arguments args{{"source", kTestFile}, {"masked", found_->key->masked()}, {"variable", kTestVariable}};
            result_.summary = Message(prefix + "test-mode", std::move(args));
            return;
        }
        if (main == result_.findings.end()) {
            Arguments args{{"source", sanitize(found_->source)}, {"masked", found_->key ? found_->key->masked() : ""}};
            result_.summary = Message(prefix + "usable", std::move(args));
            return;
        }
        const std::string_view code = code_of(main->code);
        result_.summary = Message(prefix + std::string(code.substr(code.find('.') + 1)), main->args);
    }

    RunContext& context_;
    CheckResult result_;
    facts::Config facts_;
    std::optional<ConfigReading> found_;
    bool has_real_key_ = false;
    std::size_t learned_ = 0;
};

boost::asio::awaitable<CheckResult> run_config_key(RunContext& context) {
    ConfigKeyCheck check(context);
    co_return check.run();
}

}  // namespace

namespace checks {

extern constinit const Check config_key{
    .id = "config.key",
    .needs = {"install.plugin"},
    .limit = std::chrono::seconds(5),
    .is_handed_in = [](const RunOptions& options) { return options.config.has_value(); },
    .run = run_config_key,
};

}  // namespace checks
}  // namespace banana
