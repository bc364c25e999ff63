// Every config.ini that mend_config() accepts is read by Python's configparser afterwards, with the same other options.
//
// Usage: mend_differential [COUNT [SEED]]; exit code 0 only where that holds. Half of the files are sound ones with one
// to three of the usual mistakes made in them, so that what they mean is known; the other half are those that the
// reader is compared with, where Python's own reading of the file before says what it means, if it can be read.

#include "config_mending.hpp"
#include "differential/ini_cases.hpp"
#include "differential/python_peer.hpp"
#include "ini_reader.hpp"
#include "python_text.hpp"
#include "support/temporary_folder.hpp"
#include "utf8.hpp"

#include <unistd.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/string.hpp>
#include <chrono>
#include <exception>
#include <iostream>
#include <map>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace {

using namespace banana;
using namespace banana::differential;
namespace json = boost::json;

using Options = std::map<std::string, std::string>;

// A file as its owner means it, and the bytes that came of it.
struct Meant {
    Options others;  // of [gemini], beside the key
    std::string key;
    std::string bytes;
    std::string faults;
};

class FaultyFiles {
public:
    explicit FaultyFiles(std::uint64_t seed) : random_(seed) {}

    Meant next() {
        Meant meant;
        meant.key = test::made_up_key(static_cast<unsigned>(random_()));
        lines_.clear();
        ends_with_mark_ = false;
        comment();
        lines_.emplace_back("[gemini]");
        std::vector<std::string> options{"api_key"};
        for (const char* name : {"balance_cost_factor", "max_workers", "network_workers_cap", "bypass_proxy", "note"}) {
            if (one_in(2)) {
                options.emplace_back(name);
            }
        }
        std::shuffle(options.begin(), options.end(), random_);
        for (const std::string& name : options) {
            comment();
            const std::string value =
                name == "api_key" ? meant.key : pick({"8", "0.6", "true", "a word", "说明", "x:y"});
            lines_.push_back(name + pick({"=", " = ", ": ", ":", " ="}) + value);
            if (name != "api_key") {
                meant.others[name] = value;
            }
        }
        comment();
        if (one_in(4)) {
            lines_.emplace_back("[other]");
            lines_.emplace_back("max_workers = 3");
        }
        end_ = pick({"\n", "\n", "\r\n", "\r\n", "\r"});
        const std::size_t count = 1 + below(3);
        std::vector<std::size_t> kinds;
        while (kinds.size() < count) {
            const std::size_t kind = below(kLineFaults);
            if (std::none_of(kinds.begin(), kinds.end(), [&](std::size_t other) { return clash(kind, other); })) {
                kinds.push_back(kind);
            }
        }
        for (const std::size_t kind : kinds) {
            make_fault(kind, meant.key);
            meant.faults += std::to_string(kind) + " ";
        }
        meant.bytes = joined();
        if (one_in(3)) {
            encode(meant);
        }
        return meant;
    }

private:
    static constexpr std::size_t kLineFaults = 22;

    std::size_t below(std::size_t bound) { return bound == 0 ? 0 : static_cast<std::size_t>(random_() % bound); }
    bool one_in(std::size_t odds) { return below(odds) == 0; }
    std::string pick(const std::vector<std::string>& from) { return from[below(from.size())]; }

    void comment() {
        if (one_in(3)) {
            lines_.push_back(pick({"# 说明", "; comment = 1", "", "#", "  # deeper", "#[gemini]"}));
        }
    }

    std::size_t line_of(std::string_view start) {
        const auto found = std::find_if(lines_.begin(), lines_.end(),
                                        [&](const std::string& line) { return line.starts_with(start); });
        return static_cast<std::size_t>(found - lines_.begin());
    }

    void replace_once(const std::string& what, const std::string& by) {
        for (std::string& line : lines_) {
            if (const std::size_t at = line.find(what); at != std::string::npos) {
                line.replace(at, what.size(), by);
                return;
            }
        }
    }

    void insert(std::size_t at, const std::string& line) {
        lines_.insert(lines_.begin() + static_cast<std::ptrdiff_t>(std::min(at, lines_.size())), line);
    }

    // Of a line that is doubled and then misnamed nobody can tell that it was not meant.
    static bool clash(std::size_t kind, std::size_t other) {
        const auto are = [&](std::size_t one, std::size_t two) {
            return (kind == one && other == two) || (kind == two && other == one);
        };
        return kind == other || are(5, 12) || are(14, 4) || are(14, 20);
    }

    void make_fault(std::size_t kind, const std::string& key) {
        const std::size_t header = line_of("[gemini]");
        switch (kind) {
            case 0: insert(0, pick({"my settings", "配置文件", "Note: mine"})); break;
            case 1: insert(0, "```ini"), lines_.emplace_back("```"); break;
            case 2: insert(below(lines_.size() + 1), pick({"// mine", "//"})); break;
            case 3: replace_once("[gemini]", pick({"［gemini］", "[gemini", "【gemini】", "gemini]"})); break;
            case 4: replace_once("[gemini]", pick({"[Gemini]", "[ gemini ]", "[gemni]", "[GEMINI] x"})); break;
            case 5: replace_once("api_key", pick({"api-key", "apikey", "\"api_key\"", "api key", "token"})); break;
            case 6: replace_once(key, pick({"\"", "“", "<"}) + key + pick({"\"", "”", ">"})); break;
            case 7: replace_once(key, "Bearer " + key); break;
            case 8: replace_once(key, pick({"\u200B", "\uFEFF"}) + key); break;
            case 9: replace_once(key, key + pick({" # of Li", " ; x y", "\t// z"})); break;
            case 10: replace_once(key, key.substr(0, 20) + " " + key.substr(20)); break;
            case 11: break_key(key, pick({"", "  "})); break;
            case 12: double_line(line_of("api_key")); break;
            case 13: double_line(line_of("max_workers")); break;
            case 14: insert(below(lines_.size()) + 1, "[gemini]"); break;
            case 15: full_width("api_key", key); break;
            case 16: full_width("max_workers", "8"); break;
            case 17: indent_behind_key(); break;
            case 18:
                insert(header + 1 + below(lines_.size() - std::min(header, lines_.size())),
                       pick({"请在这里填写", "put it here"}));
                break;
            case 19: ends_with_mark_ = true; break;
            case 20: replace_once("[gemini]", pick({"\u200B[gemini]", "[gemini\u200B]"})); break;
            case 21: replace_once("[gemini]", ""); break;
            default: break;
        }
    }

    void break_key(const std::string& key, const std::string& indentation) {
        const std::size_t at = line_of("api_key");
        if (at < lines_.size() && lines_[at].ends_with(key)) {
            lines_[at].resize(lines_[at].size() - key.size());
            const std::size_t cut = one_in(2) ? 0 : 10 + below(30);
            lines_[at] += key.substr(0, cut);
            insert(at + 1, indentation + key.substr(cut));
        }
    }

    void double_line(std::size_t at) {
        if (at < lines_.size()) {
            insert(at + 1 + below(2), std::string(lines_[at]));
        }
    }

    void full_width(std::string_view name, const std::string& value) {
        const std::size_t at = line_of(name);
        if (at < lines_.size()) {
            const std::size_t delimiter = lines_[at].find_first_of("=:");
            if (delimiter != std::string::npos && lines_[at].ends_with(value)) {
                lines_[at].replace(delimiter, 1, pick({"＝", "：", " "}));
            }
        }
    }

    void indent_behind_key() {
        for (std::size_t at = line_of("api_key") + 1; at < lines_.size() && !lines_[at].starts_with('['); ++at) {
            lines_[at].insert(0, "  ");
        }
    }

    std::string joined() {
        std::string bytes;
        for (const std::string& line : lines_) {
            bytes += line + end_;
        }
        if (one_in(3)) {
            bytes.resize(bytes.size() - end_.size());
        }
        if (ends_with_mark_) {
            bytes += '\x1A';
        }
        return bytes;
    }

    void encode(Meant& meant) {
        switch (below(4)) {
            case 0: meant.bytes.insert(0, "\xEF\xBB\xBF"); break;
            case 1: meant.bytes.insert(0, "# \xc3\xdc\xd4\xbf" + end_); break;
            case 2: meant.bytes.insert(0, "# caf\xe9 " + end_); break;
            default: meant.bytes = utf16(meant.bytes, one_in(2)); break;
        }
        meant.faults += "encoded ";
    }

    static std::string utf16(const std::string& text, bool little) {
        std::string bytes = little ? "\xFF\xFE" : "\xFE\xFF";
        for (std::size_t offset = 0; offset < text.size();) {
            const char32_t c = utf8::next(text, offset);
            const char low = static_cast<char>(c & 0xFF);
            const char high = static_cast<char>(c >> 8 & 0xFF);
            bytes += little ? std::string{low, high} : std::string{high, low};
        }
        return bytes;
    }

    std::mt19937_64 random_;
    std::vector<std::string> lines_;
    std::string end_;
    bool ends_with_mark_ = false;
};

std::string text_of(const json::value& value) {
    return std::string(value.as_string());
}

// What Python reads of [gemini]; none where it reads no file.
std::optional<Options> options_of(const json::value& reading) {
    if (!reading.at("error").is_null()) {
        return std::nullopt;
    }
    Options options;
    for (const json::value& section : reading.at("sections").as_array()) {
        if (text_of(section.at(0)) == "gemini") {
            for (const json::value& option : section.at(1).as_array()) {
                options[text_of(option.at(0))] = text_of(option.at(1));
            }
        }
    }
    return options;
}

class Judge {
public:
    explicit Judge(PythonPeer& peer) : peer_(peer) {}

    void judge(const Meant& meant) {
        const auto outcome = mend_config(meant.bytes, nullptr);
        const auto* mended = count(outcome);
        if (mended == nullptr) {
            return;
        }
        const std::optional<Options> after = options_of(peer_.read(mended->bytes));
        Options wanted = meant.others;
        wanted["api_key"] = meant.key;
        Options got = after.value_or(Options());
        if (got.contains("api_key")) {
            got["api_key"] = python_strip(got["api_key"]);
        }
        if (!after || got != wanted) {
            report(meant.bytes, mended->bytes, meant.faults);
        }
    }

    void judge(const std::string& bytes, const Secret* key) {
        const auto outcome = mend_config(bytes, key);
        const auto* mended = count(outcome);
        if (mended == nullptr) {
            return;
        }
        const json::value before = peer_.read(bytes);
        const json::value after = peer_.read(mended->bytes);
        if (!after.at("error").is_null() || !after.at("values").as_object().contains("api_key")) {
            return report(bytes, mended->bytes, "unreadable");
        }
        const bool renamed = has(*mended, Mend::section_name) || has(*mended, Mend::option_name);
        if (!before.at("error").is_null() || renamed || has(*mended, Mend::indentation) ||
            has(*mended, Mend::encoding) || has(*mended, Mend::control_z)) {
            return;
        }
        Options theirs = options_of(before).value_or(Options());
        Options ours = options_of(after).value_or(Options());
        theirs.erase("api_key");
        ours.erase("api_key");
        if (theirs != ours) {
            report(bytes, mended->bytes, "other options");
        }
    }

    void summarise(std::ostream& out, std::chrono::duration<double> elapsed) const {
        out << files_ << " files, " << accepted_ << " mended, " << untouched_ << " sound, " << differences_
            << " differences, " << elapsed.count() << " s\n";
        for (const auto& [obstacle, times] : refused_) {
            out << "  " << times << " refused: " << obstacle << '\n';
        }
        for (const auto& [mend, times] : mends_) {
            out << "  " << times << ' ' << mend << '\n';
        }
    }

    [[nodiscard]] bool right() const noexcept { return differences_ == 0 && accepted_ > files_ / 10; }

private:
    static bool has(const MendedConfig& mended, Mend mend) {
        return std::find(mended.mends.begin(), mended.mends.end(), mend) != mended.mends.end();
    }

    const MendedConfig* count(const std::variant<MendedConfig, MendRefusal>& outcome) {
        ++files_;
        if (const auto* refusal = std::get_if<MendRefusal>(&outcome)) {
            ++refused_[std::string(obstacle_name(refusal->obstacle))];
            return nullptr;
        }
        const auto& mended = std::get<MendedConfig>(outcome);
        ++(mended.mends.empty() ? untouched_ : accepted_);
        for (const Mend mend : mended.mends) {
            ++mends_[std::string(mend_name(mend))];
        }
        return &mended;
    }

    void report(const std::string& before, const std::string& after, const std::string& what) {
        if (++differences_ <= 5) {
            std::cout << "DIFFERENCE: " << what << "\n  before " << json::serialize(json::value(before))
                      << "\n  after  " << json::serialize(json::value(after)) << "\n  python "
                      << json::serialize(peer_.read(after)) << '\n';
        }
    }

    PythonPeer& peer_;
    std::size_t files_ = 0, accepted_ = 0, untouched_ = 0, differences_ = 0;
    std::map<std::string, std::size_t> refused_, mends_;
};

}  // namespace

int main(int argc, char** argv) try {
    const std::size_t count = argc > 1 ? std::stoul(argv[1]) : 20'000;
    const std::uint64_t seed = argc > 2 ? std::stoull(argv[2]) : 20261128;
    const auto start = std::chrono::steady_clock::now();
    const auto scratch =
        std::filesystem::temp_directory_path() / ("banana-mend-differential-" + std::to_string(::getpid()) + ".ini");
    PythonPeer peer(std::filesystem::path(BANANA_SOURCE_DIR) / "tests/differential/configparser_peer.py", scratch);
    Judge judge(peer);
    const Secret key(test::made_up_key(1));
    for (const std::string& bytes : hand_picked_cases()) {
        judge.judge(bytes, nullptr);
        judge.judge(bytes, &key);
    }
    FaultyFiles faulty(seed);
    CaseGenerator any(seed);
    for (std::size_t index = 0; index < count / 2; ++index) {
        judge.judge(faulty.next());
        judge.judge(any.next(), &key);
    }
    judge.summarise(std::cout, std::chrono::steady_clock::now() - start);
    return judge.right() ? 0 : 1;
} catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
    return 2;
}
