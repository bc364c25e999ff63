// Logs as ComfyUI writes them: a healthy start, and one whose plugin could not be loaded.
#pragma once

#include "log_scanner.hpp"
#include "log_text.hpp"

#include <string>
#include <string_view>

namespace banana::test {

inline constexpr std::string_view kFolder = "comfyui-banana-gemini";

inline const std::string kStart =
    "** ComfyUI startup time: 2025-11-12 16:40:00.000\n"
    "** Python executable: /opt/comfy/venv/bin/python\n"
    "Total VRAM 8192 MB, total RAM 32768 MB\n"
    "Checkpoint files will always be loaded safely.\n";
inline const std::string kLoaded =
    "\x1b[95m[16:40:03][Main]   ═══ 🍌 Banana Node Loader\x1b[0m\n"
    "\x1b[92m[16:40:03][Main]   ✅ 成功加载节点文件: Gemini_Imagen_Generator.py\x1b[0m\n"
    "[16:40:03][Main]   · 总共加载了 1 个自定义节点\n"
    "[16:40:03][Main]   ·    - 心宝❤Banana (BananaImageNode)\n";
inline const std::string kReady =
    "Import times for custom nodes:\n"
    "   0.3 seconds: /opt/comfy/custom_nodes/comfyui-banana-gemini\n"
    "Starting server\n"
    "To see the GUI go to: http://127.0.0.1:8188\n";
inline const std::string kTitle = "[16:40:03][Main]   ═══ 🍌 Banana Node Loader\n";

inline LogScan scan(const std::string& text, bool complete = true) {
    return scan_log(decode_log(text), kFolder, complete);
}

inline std::string failed(const std::string& exception) {
    return kStart + kTitle + "[16:40:03][Main]   ❌ 加载节点文件失败 Gemini_Imagen_Generator.py: " + exception + "\n" +
           kReady;
}

}  // namespace banana::test
