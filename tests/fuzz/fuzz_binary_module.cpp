// Any file that is named like a module is judged, and what shows it can be shown.
#include "binary_module.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>
#include <string>
#include <string_view>

namespace {

// One file for the whole run; the name decides which Python it was built for.
std::filesystem::path scratch_file(const char* name) {
    static const std::filesystem::path folder = [] {
        std::random_device random;
        const auto made = std::filesystem::temp_directory_path() / ("banana-fuzz-" + std::to_string(random()));
        std::filesystem::create_directory(made);
        std::atexit([] {
            std::error_code ignored;
            std::filesystem::remove_all(folder, ignored);
        });
        return made;
    }();
    return folder / name;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    for (const char* name : {"module.abi3.so", "module.cp311-win_amd64.pyd"}) {
        const std::filesystem::path file = scratch_file(name);
        std::ofstream(file, std::ios::binary)
            .write(reinterpret_cast<const char*>(data), static_cast<std::streamsize>(size));
        banana::TargetPython target;
        target.minor = 12;
        target.system = std::string_view(name).ends_with(".pyd") ? banana::platform::System::windows
                                                                 : banana::platform::System::gnu_linux;
        const banana::BinaryJudgement judged = banana::judge_binary(file, target);
        const bool shown =
            std::none_of(judged.detail.begin(), judged.detail.end(), [](char c) { return c >= '\0' && c < ' '; });
        if (!shown || judged.detail.size() > 400 ||
            (judged.fault != banana::BinaryFault::none && judged.detail.empty())) {
            std::abort();
        }
    }
    return 0;
}
