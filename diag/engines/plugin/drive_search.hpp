// Looks through whole disks for ComfyUI, where people unpack it wherever there is room: `D:\AI 绘画\便携版\ComfyUI`.
#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <vector>

namespace banana {

struct DriveSearchLimits {
    std::size_t folders;               // how many are opened at most
    std::function<bool()> is_time_up;  // asked before each folder is opened
};

// ComfyUI's roots at most two folders below each of the drives, three where the second has a promising name, and in
// what lies there: the ComfyUI folder of a portable package, StabilityMatrix's packages, Pinokio's apps. The most
// promising names are looked at first; a search that is stopped by its limits has found what it has found. Each root
// once; throws platform::Exhausted.
std::vector<std::filesystem::path> search_drives(const std::vector<std::filesystem::path>& drives,
                                                 const DriveSearchLimits& limits);

}  // namespace banana
