// Reads the same files with Python's configparser and with our reader; any difference is printed, shrunk.
//
// Usage: ini_differential [COUNT [SEED]]; exit code 0 only without a difference.

#include "differential/ini_cases.hpp"
#include "differential/python_peer.hpp"
#include "ini_reader.hpp"

#include <unistd.h>

#include <array>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/string.hpp>
#include <chrono>
#include <exception>
#include <iostream>
#include <map>
#include <string>

namespace {

using namespace banana;
using namespace banana::differential;
namespace json = boost::json;

constexpr std::array<std::string_view, 7> kOptions = {
    "api_key",      "balance_cost_factor", "max_workers",        "network_workers_cap",
    "bypass_proxy", "api_base_url_enc",    "modelscope_api_key",
};

json::array options_of(const IniSection& section) {
    json::array options;
    for (const IniOption& option : section.options) {
        options.push_back(json::array{option.name, option.value});
    }
    return options;
}

json::value our_reading(const std::string& bytes) {
    const IniFile file = IniFile::parse(bytes);
    if (file.error()) {
        json::object failure{{"error", file.error()->python_class}, {"line", nullptr}};
        if (file.error()->line) {
            failure["line"] = *file.error()->line;
        }
        return failure;
    }
    json::array sections;
    for (const IniSection& section : file.sections()) {
        sections.push_back(json::array{section.name, options_of(section)});
    }
    json::object values;
    for (const std::string_view option : kOptions) {
        const IniValue value = file.get("gemini", option);
        if (value.value) {
            values[option] = json::object{{"value", *value.value}};
        } else if (value.error) {
            values[option] = json::object{{"error", value.error->python_class}};
        }
    }
    return json::object{{"error", nullptr},
                        {"line", nullptr},
                        {"sections", std::move(sections)},
                        {"defaults", options_of(file.defaults())},
                        {"values", std::move(values)}};
}

std::string escaped(const std::string& bytes) {
    static constexpr char kDigits[] = "0123456789abcdef";
    std::string text;
    for (const char c : bytes) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '\n') {
            text += "\\n";
        } else if (byte < 0x20 || byte >= 0x7F || c == '\\') {
            text += "\\x";
            text += kDigits[byte >> 4];
            text += kDigits[byte & 15];
        } else {
            text += c;
        }
    }
    return text;
}

class Comparison {
public:
    explicit Comparison(PythonPeer& peer) : peer_(peer) {}

    void compare(const std::string& bytes) {
        ++count_;
        const json::value theirs = peer_.read(bytes);
        const json::value& error = theirs.at("error");
        ++outcomes_[error.is_null() ? "read" : std::string(error.as_string())];
        if (theirs == our_reading(bytes)) {
            return;
        }
        if (++differences_ > 5) {
            return;
        }
        const std::string small = shrink(
            bytes, [this](const std::string& candidate) { return peer_.read(candidate) != our_reading(candidate); });
        std::cout << "DIFFERENCE (case " << count_ << ")\n  file   \"" << escaped(small) << "\"\n  python "
                  << json::serialize(peer_.read(small)) << "\n  ours   " << json::serialize(our_reading(small)) << '\n';
    }

    void summarise(std::ostream& out, std::chrono::duration<double> elapsed) const {
        out << count_ << " files, " << differences_ << " differences, " << elapsed.count() << " s\n";
        for (const auto& [outcome, times] : outcomes_) {
            out << "  " << times << ' ' << outcome << '\n';
        }
    }

    [[nodiscard]] bool equal() const noexcept { return differences_ == 0; }

private:
    PythonPeer& peer_;
    std::size_t count_ = 0;
    std::size_t differences_ = 0;
    std::map<std::string, std::size_t> outcomes_;
};

}  // namespace

int main(int argc, char** argv) try {
    const std::size_t generated = argc > 1 ? std::stoul(argv[1]) : 20'000;
    const std::uint64_t seed = argc > 2 ? std::stoull(argv[2]) : 20251112;
    const auto start = std::chrono::steady_clock::now();
    const auto scratch =
        std::filesystem::temp_directory_path() / ("banana-ini-differential-" + std::to_string(::getpid()) + ".ini");
    PythonPeer peer(std::filesystem::path(BANANA_SOURCE_DIR) / "tests/differential/configparser_peer.py", scratch);
    Comparison comparison(peer);
    for (const std::string& bytes : hand_picked_cases()) {
        comparison.compare(bytes);
    }
    CaseGenerator generator(seed);
    for (std::size_t index = 0; index < generated; ++index) {
        comparison.compare(generator.next());
    }
    comparison.summarise(std::cout, std::chrono::steady_clock::now() - start);
    return comparison.equal() ? 0 : 1;
} catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
    return 2;
}
