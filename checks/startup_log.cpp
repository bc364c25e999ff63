// startup.log: what the loader said at the last start, from ComfyUI's log file and from the running server.
#include "banana/cause.hpp"
#include "banana/facts.hpp"
#include "banana/variant.hpp"
#include "check.hpp"
#include "comfyui_api.hpp"
#include "comfyui_places.hpp"
#include "install_finder.hpp"
#include "load_failure.hpp"
#include "log_files.hpp"
#include "log_scanner.hpp"
#include "log_text.hpp"
#include "platform.hpp"
#include "platform_host.hpp"
#include "plugin_copies.hpp"
#include "process_view.hpp"
#include "redaction.hpp"
#include "run_context.hpp"
#include "shell_command.hpp"
#include "text.hpp"
#include "web_url.hpp"

#include <algorithm>
#include <boost/asio/awaitable.hpp>
#include <boost/json/array.hpp>
#include <chrono>
#include <span>

namespace banana {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

constexpr std::string_view kServerLog = "/internal/logs/raw";

// One text with what it says.
struct ReadLog {
    std::string source;  // path or URL, shown as it is
    std::string text;
    bool complete = false;
    std::string old_since;  // date of the last change, where the text may not be about the start in question
    bool outdated = false;  // it is not about it: what it says of the plugin does not count
    // When the running server started is not known, nor does that server tell its own log: it may be of an earlier one.
    bool start_unknown = false;
    LogScan scan;
};

// When the running server's process started, where that is seen.
std::optional<std::chrono::system_clock::time_point> server_start(const RunContext& context) {
    const std::optional<int> process = context.found.server ? context.found.server->pid : std::nullopt;
    return process ? process_start(*process) : std::nullopt;
}

std::string date_of(const LogFile& file, const Surroundings& surroundings) {
    const auto age = fs::file_time_type::clock::now() - file.changed;
    return platform::local_time(surroundings.now() -
                                std::chrono::duration_cast<std::chrono::system_clock::duration>(age));
}

// When the file was last changed, if long ago or if another log is newer.
std::string doubtful_date(const LogFile& file, std::span<const LogFile> all, const Surroundings& surroundings) {
    constexpr std::chrono::hours kRecent{24};
    const auto age = fs::file_time_type::clock::now() - file.changed;
    const bool newer_exists =
        std::any_of(all.begin(), all.end(), [&](const LogFile& other) { return other.changed > file.changed; });
    if (age <= kRecent && !newer_exists) {
        return {};
    }
    return date_of(file, surroundings);
}

// Last changed before the running server was started, or so long ago that this is no log of today's ComfyUI.
bool is_outdated(const LogFile& file, const RunContext& context) {
    constexpr std::chrono::hours kLongAgo{30 * 24};
    constexpr std::chrono::seconds kSlack{5};
    const auto age = fs::file_time_type::clock::now() - file.changed;
    if (age > kLongAgo) {
        return true;
    }
    const std::optional<std::chrono::system_clock::time_point> start = server_start(context);
    return start && age > std::chrono::system_clock::now() - *start + kSlack;
}

std::string folder_of(const RunContext& context) {
    return context.found.install ? context.found.install->folder_name : std::string();
}

std::optional<ReadLog> read_one(const fs::path& path, const std::string& folder) {
    LogText log = read_last_start(path, start_marks());
    if (log.problem) {
        return std::nullopt;
    }
    ReadLog result;
    result.scan = scan_log(log.text, folder, log.complete);
    if (log.has_gap && !result.scan.server_ready) {
        result.scan.fatal.reset();  // that the server was ready may stand in what was not read
    }
    result.source = sanitize(path_text(path));
    result.text = std::move(log.text);
    result.complete = log.complete;
    return result;
}

// The newest start's; where every file is of an earlier time, the first of them.
std::optional<ReadLog> read_log_file(const RunContext& context, bool server_tells) {
    LogPlaces places;
    if (context.found.install) {
        places.comfyui_dir = context.found.install->comfyui_dir;
    }
    std::string url = context.options.comfyui_url;
    if (context.found.server) {
        places.argv = context.found.server->argv;
        url = context.found.server->base_url;
    }
    if (const std::optional<WebUrl> parsed = parse_web_url(url)) {
        places.port = parsed->port;
    }
    const std::vector<LogFile> files = find_log_files(places, context.surroundings);
    std::optional<ReadLog> earlier;
    for (const LogFile& candidate : files) {
        const bool outdated = is_outdated(candidate, context);
        if (outdated && earlier) {
            continue;
        }
        std::optional<ReadLog> log = read_one(candidate.path, folder_of(context));
        if (!log) {
            continue;
        }
        log->old_since = doubtful_date(candidate, files, context.surroundings);
        log->outdated = outdated;
        log->start_unknown = context.found.server && !server_tells && !server_start(context);
        if (log->start_unknown && log->old_since.empty()) {
            log->old_since = date_of(candidate, context.surroundings);
        }
        if (!outdated) {
            return log;
        }
        earlier = std::move(log);
    }
    return earlier;
}

boost::asio::awaitable<std::optional<ReadLog>> read_server_log(RunContext& context) {
    std::optional<ReadLog> result;
    if (!context.found.server) {
        co_return result;
    }
    const std::optional<std::string> ring = co_await log_ring(context, context.found.server->base_url);
    if (!ring || ring->empty()) {
        co_return result;
    }
    result.emplace();
    result->source = context.found.server->base_url + std::string(kServerLog);
    result->text = decode_log(*ring);
    result->scan = scan_log(result->text, folder_of(context), false);
    co_return result;
}

// Whether the file holds what the running server wrote last. Without a line that is long enough to tell, yes.
bool is_of_this_server(const ReadLog& file, const ReadLog& ring) {
    constexpr std::size_t kTelling = 25;  // bytes
    constexpr int kLines = 20;
    std::string_view text = ring.text;
    bool any = false;
    for (int line = 0; line < kLines && !text.empty();) {
        const std::size_t start = text.find_last_of('\n', text.size() - 1);
        const std::size_t from = start == std::string_view::npos ? 0 : start + 1;
        const std::string_view last = trim_ascii(text.substr(from));
        text = text.substr(0, from == 0 ? 0 : from - 1);
        if (last.size() < kTelling) {
            continue;
        }
        any = true;
        ++line;
        if (file.text.find(last) != std::string::npos) {
            return true;
        }
    }
    return !any;
}

// The text that speaks of the start in question; the server's own where both do.
const ReadLog* deciding_log(const std::optional<ReadLog>& file, const std::optional<ReadLog>& ring) {
    const bool file_counts = file && !file->outdated;
    if (!ring) {
        return file_counts ? &*file : nullptr;
    }
    const bool ring_tells = ring->scan.loader_titles > 0 || ring->scan.node_file_loaded || ring->scan.load_error;
    if (ring_tells || !file_counts || !is_of_this_server(*file, *ring)) {
        return &*ring;
    }
    return &*file;
}

class Findings {
public:
    Findings(RunContext& context, const ReadLog& log, CheckResult& result)
        : context_(context), log_(log), result_(result) {}

    void report() {
        report_switched_off();
        report_load_error();
        report_route_taken();
        report_fatal();
    }

    // Only while that server runs: it may be started in another way today.
    void report_refused_origin() {
        if (!log_.scan.refused_origin || !context_.found.server) {
            return;
        }
        const RefusedOrigin& refused = *log_.scan.refused_origin;
        Finding finding(Cause::local_origin_refused);
        finding.args["host"] = scrubbed(refused.host);
        finding.args["origin"] = scrubbed(refused.origin);
        finding.args["log"] = log_.source;
        finding.evidence.push_back(log_evidence(refused.line));
        doubt_if_old(finding);
        result_.findings.push_back(std::move(finding));
    }

private:
    [[nodiscard]] std::string scrubbed(std::string_view text) const { return context_.redactor.scrub(text); }

    [[nodiscard]] Evidence log_evidence(const LogLine& line) const {
        return Evidence("startup-log-line", scrubbed(line.text), log_.source,
                        line.number > 0 ? std::optional<int>(line.number) : std::nullopt);
    }

    // The log tells of a start of another folder: it was brought here, or that is this folder by another name, as in a
    // container.
    [[nodiscard]] bool is_of_another_folder() const {
        const std::optional<Install>& install = context_.found.install;
        if (log_.scan.comfyui_dir.empty() || !install || install->comfyui_dir.empty() || context_.found.server) {
            return false;
        }
        std::error_code error;
        return !fs::equivalent(path_from_utf8(log_.scan.comfyui_dir), install->comfyui_dir, error) || error;
    }

    // What an old log says was true then.
    void doubt_if_old(Finding& finding) const {
        if (is_of_another_folder()) {
            finding.inferred = true;
            finding.evidence.emplace_back("log-of-folder", scrubbed(log_.scan.comfyui_dir), log_.source);
        }
        if (!log_.old_since.empty()) {
            finding.inferred = true;
            finding.evidence.emplace_back(log_.start_unknown ? "log-start-unknown" : "log-date", log_.old_since,
                                          log_.source);
        }
    }

    [[nodiscard]] bool has_copies() const { return context_.found.install && !context_.found.install->copies.empty(); }

    // A server that tells its command line was asked by local.server.
    void report_switched_off() {
        const bool option_seen = context_.found.server && !context_.found.server->argv.empty();
        if (!context_.found.install || option_seen || !log_.scan.custom_nodes_skipped) {
            return;
        }
        const Install& install = *context_.found.install;
        Finding finding(Cause::install_plugin_disabled);
        set_variant(finding, Variant::command_line);
        finding.args["plugin_dir"] = sanitize(path_text(install.plugin_dir));
        finding.args["folder"] = install.folder_name;
        finding.args["option"] = "--disable-all-custom-nodes";
        finding.evidence.emplace_back("startup-log-line", "Skipping loading of custom nodes", log_.source);
        doubt_if_old(finding);
        result_.findings.push_back(std::move(finding));
    }

    void report_load_error() {
        if (!log_.scan.load_error) {
            return;
        }
        Finding finding = load_failure(context_, log_.scan, log_.source);
        finding.evidence.push_back(log_evidence(log_.scan.load_error->line));
        const bool python_matters = log_.scan.load_error->kind == LoadFailure::binary_unusable && context_.found.server;
        if (python_matters && !context_.found.server->python_version.empty()) {
            finding.evidence.emplace_back("comfyui-python", context_.found.server->python_version);
        }
        doubt_if_old(finding);
        result_.findings.push_back(std::move(finding));
    }

    void report_route_taken() {
        if (!log_.scan.route_taken) {
            return;
        }
        if (has_copies()) {
            report_duplicate(*log_.scan.route_taken, Severity::warning, "v3");
            return;
        }
        Finding finding(Cause::route_duplicate);
        finding.args["log"] = log_.source;
        // Two loaders of the same kind: perhaps a copy of our own, deleted since.
        finding.inferred = log_.scan.loader_titles > 1;
        finding.evidence.push_back(log_evidence(*log_.scan.route_taken));
        doubt_if_old(finding);
        result_.findings.push_back(std::move(finding));
    }

    void report_duplicate(const LogLine& line, Severity severity, std::string_view variant) {
        const Install& install = *context_.found.install;
        Finding finding(Cause::install_plugin_duplicate, severity);
        if (!variant.empty()) {
            finding.args["variant"] =
                install.is_running_copy ? std::string(variant) + "-running" : std::string(variant);
        }
        describe_copies(install, finding);
        finding.evidence.push_back(log_evidence(line));
        doubt_if_old(finding);
        result_.findings.push_back(std::move(finding));
    }

    void report_fatal() {
        if (!log_.scan.fatal || context_.found.server || context_.found.server_listens) {
            return;
        }
        const FatalEnd& fatal = *log_.scan.fatal;
        if (fatal.kind == FatalKind::duplicate_route && has_copies()) {
            report_duplicate(fatal.line, Severity::error, {});
        }
        Finding finding(Cause::local_crashed_at_start);
        finding.args["exception"] = scrubbed(fatal.line.text);
        finding.args["log"] = log_.source;
        switch (fatal.kind) {
            case FatalKind::duplicate_route: finding.args["variant"] = "duplicate-route"; break;
            case FatalKind::console_encoding: finding.args["variant"] = "console-encoding"; break;
            case FatalKind::port_in_use: finding.args["variant"] = "port-in-use"; break;
            case FatalKind::other: break;
        }
        finding.inferred = !fatal.certain;
        finding.evidence.push_back(log_evidence(fatal.line));
        doubt_if_old(finding);
        result_.findings.push_back(std::move(finding));
    }

    RunContext& context_;
    const ReadLog& log_;
    CheckResult& result_;
};

// The configured key, or the given one, in a log that was read. `ring`: it is ComfyUI's own window, no file.
bool report_key_in_log(const RunContext& context, const ReadLog& log, bool ring, CheckResult& result) {
    const auto search = [&](const Secret& key, const std::string& source) {
        if (key.length() < kTellingPart) {
            return false;
        }
        const std::vector<int> lines = lines_containing(log.text, key.reveal());
        if (lines.empty()) {
            return false;
        }
        Finding finding(Cause::security_key_in_log);
        finding.key_source = source;
        finding.args["log"] = log.source;
        finding.args["count"] = lines.size();
        finding.args["masked"] = key.masked();
        if (ring) {
            finding.args["variant"] = "ring";
        }
        const std::optional<int> line = log.complete ? std::optional<int>(lines.front()) : std::nullopt;
        finding.evidence.emplace_back("key-in-log", key.masked(), log.source, line);
        result.findings.push_back(std::move(finding));
        return true;
    };
    const std::optional<ConfigReading>& config = context.found.config;
    if (config && config->key && search(*config->key, config->source)) {
        return true;
    }
    return context.given_key && search(context.given_key->key, context.given_key->source);
}

Message log_summary(const ReadLog& log, const CheckResult& result) {
    const auto named = [](std::string_view outcome) { return Message("summary.startup.log." + std::string(outcome)); };
    for (const Finding& finding : result.findings) {
        switch (finding.code) {
            case Cause::route_load_failed: return named(log.start_unknown ? "load-failed-once" : "load-failed");
            case Cause::local_crashed_at_start: return named("crashed");
            case Cause::install_plugin_disabled: return named("switched-off");
            case Cause::route_duplicate:
            case Cause::install_plugin_duplicate: return named("duplicate");
            default: break;
        }
    }
    if (log.scan.node_file_loaded.value_or(false)) {
        return named(log.start_unknown ? "loaded-once" : "loaded");
    }
    return log.scan.start_seen ? named("plugin-not-mentioned") : named("start-not-seen");
}

// `newest`: of what was read, the text with the last failed query.
facts::Log facts_of(const RunContext& context, const ReadLog& log, const LogScan& newest) {
    const auto scrubbed_or_null = [&](std::string_view text) {
        return facts::text_or_null(text.empty() ? std::string() : context.redactor.scrub(text));
    };
    facts::Log facts;
    facts.source = log.source;
    facts.complete = log.complete;
    facts.start_seen = log.scan.start_seen;
    facts.server_ready = log.scan.server_ready;
    facts.loader_titles = log.scan.loader_titles;
    facts.node_file_loaded = log.scan.node_file_loaded;
    facts.load_failure = scrubbed_or_null(log.scan.load_error ? log.scan.load_error->line.text : std::string());
    facts.failure_summary = scrubbed_or_null(newest.failure_summary);
    facts.config_error = scrubbed_or_null(log.scan.config_error ? log.scan.config_error->text : std::string());
    for (const LogLine& note : log.scan.notes) {
        facts::LogNote line;
        line.line = note.number > 0 ? facts::OrNull<int>(note.number) : std::nullopt;
        line.text = context.redactor.scrub(note.text);
        facts.lines.push_back(std::move(line));
    }
    return facts;
}

boost::asio::awaitable<CheckResult> run_startup_log(RunContext& context) {
    CheckResult result;
    std::optional<ReadLog> ring = co_await read_server_log(context);
    std::optional<ReadLog> file = read_log_file(context, ring.has_value());
    const ReadLog* log = deciding_log(file, ring);
    if (log == nullptr && !file) {
        result.summary = Message("summary.startup.log.no-log");
        result.skip_reason = std::string(skip_reason::not_applicable);
        co_return result;
    }
    if (log != nullptr) {
        Findings(context, *log, result).report();
        // The refusals come after the start, so the running server's own text knows them best.
        const bool ring_tells = ring && ring->scan.refused_origin;
        Findings(context, ring_tells ? *ring : *log, result).report_refused_origin();
    }
    // A key stays in a file long after the start that wrote it.
    const bool in_file = file && report_key_in_log(context, *file, false, result);
    if (!in_file && ring) {
        report_key_in_log(context, *ring, true, result);
    }
    if (log == nullptr) {
        facts::OldLog old;
        old.source = file->source;
        result.facts = facts::to_json(old);
        result.summary = Message("summary.startup.log.outdated", {{"source", file->source}});
        co_return result;
    }
    result.summary = log_summary(*log, result);
    const LogScan& newest = ring && !ring->scan.failure_summary.empty() ? ring->scan : log->scan;
    result.facts = facts::to_json(facts_of(context, *log, newest));
    co_return result;
}

}  // namespace

namespace checks {

extern constinit const Check startup_log{
    .id = "startup.log",
    .needs = {"install.plugin", "local.server"},
    .after = {"config.key"},
    .limit = std::chrono::seconds(15),
    .run = run_startup_log,
};

}  // namespace checks
}  // namespace banana
