// An install whose ComfyUI left a log, for startup.log.
#pragma once

#include "plugin_fixture.hpp"
#include "process.hpp"
#include "run_check.hpp"
#include "run_of.hpp"

#include <boost/json/value.hpp>
#include <filesystem>
#include <string>
#include <utility>

namespace banana::test::log_stage {

inline const std::string kStart = "** ComfyUI startup time: 2025-11-12 16:40:00.000\n";
inline const std::string kTitle = "[16:40:03][Main]   ═══ 🍌 Banana Node Loader\n";
inline const std::string kLoaded = "[16:40:03][Main]   ✅ 成功加载节点文件: Gemini_Imagen_Generator.py\n";
inline const std::string kReady = "Starting server\nTo see the GUI go to: http://127.0.0.1:8188\n";
inline const std::string kTraceback = "Traceback (most recent call last):\n  File \"main.py\", line 1, in <module>\n";
inline const std::string kFailed = "[16:40:03][Main]   ❌ 加载节点文件失败 Gemini_Imagen_Generator.py: ";

// An install with a log file of this content.
struct Stage : test::CheckStage {
    explicit Stage(const std::string& log) {
        root = test::make_comfyui(folder);
        Install install;
        install.comfyui_dir = root;
        install.plugin_dir = root / "custom_nodes" / "p";
        install.folder_name = "p";
        context.found.install = std::move(install);
        if (!log.empty()) {
            folder.write("ComfyUI/user/comfyui.log", log);
        }
    }
    CheckResult check() { return run(banana::test::run_of("startup.log")); }
    void found_server() {
        context.found.server.emplace();
        context.found.server->base_url = "http://127.0.0.1:" + std::to_string(test::free_port());
    }

    test::TemporaryFolder folder;
    std::filesystem::path root;
};

inline std::string text(const boost::json::value& value) {
    return std::string(value.as_string());
}

}  // namespace banana::test::log_stage
