// Files for the comparison with Python: hand-picked ones and generated ones.
#pragma once

#include <cstdint>
#include <functional>
#include <random>
#include <string>
#include <vector>

namespace banana::differential {

// One for each rule of the parser and of its text layer that is known to surprise.
std::vector<std::string> hand_picked_cases();

// Plausible config files, then mutated: lines moved, doubled, indented, cut; bytes of other encodings; other line
// ends; stretched so that the 8192-byte chunks of Python's text layer matter. The same seed gives the same files.
class CaseGenerator {
public:
    explicit CaseGenerator(std::uint64_t seed) : random_(seed) {}
    std::string next();

private:
    std::size_t below(std::size_t bound);
    bool one_in(std::size_t odds) { return below(odds) == 0; }
    const std::string& pick(const std::vector<std::string>& from);
    std::string value();
    std::string line();
    void mutate(std::vector<std::string>& lines);
    std::string join(const std::vector<std::string>& lines);
    void damage(std::string& bytes);
    void stretch(std::string& bytes);

    std::mt19937_64 random_;
};

// The smallest file found, by leaving out lines and then bytes, for which `fails` still holds.
std::string shrink(std::string bytes, const std::function<bool(const std::string&)>& fails);

}  // namespace banana::differential
