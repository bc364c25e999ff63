// Time to read config.ini: a normal one, and growth up to the bound of 1 MiB.
#include "ini_reader.hpp"

#include <chrono>
#include <cstdio>
#include <string>

namespace {

double microseconds_per_read(const std::string& bytes, int rounds) {
    std::size_t seen = 0;  // keeps the reading from being optimised away
    const auto start = std::chrono::steady_clock::now();
    for (int round = 0; round < rounds; ++round) {
        const banana::IniFile file = banana::IniFile::parse(bytes);
        seen += file.get("gemini", "api_key").value.value_or("").size();
    }
    const std::chrono::duration<double, std::micro> elapsed = std::chrono::steady_clock::now() - start;
    return seen == 0 ? -1 : elapsed.count() / rounds;
}

}  // namespace

int main() {
    const std::string normal = "[gemini]\napi_key = YOUR_API_KEY_HERE\nbalance_cost_factor = 0.5\nmax_workers = 8\n";
    std::printf("%9zu bytes %12.2f us\n", normal.size(), microseconds_per_read(normal, 20'000));
    for (std::size_t size = 1024; size <= 1024 * 1024; size *= 4) {
        std::string bytes = normal;
        for (int index = 0; bytes.size() + 40 < size; ++index) {
            bytes += "option_" + std::to_string(index) + " = value\n# comment\n";
        }
        const double time = microseconds_per_read(bytes, static_cast<int>(4 * 1024 * 1024 / size));
        std::printf("%9zu bytes %12.2f us  %.2f ns/byte\n", bytes.size(), time,
                    time * 1000 / static_cast<double>(bytes.size()));
    }
}
