#include "plugin_files.hpp"

#include "platform.hpp"
#include "plugin_text.hpp"

#include <cstdint>

namespace banana::world {
namespace {

constexpr std::string_view kLateRouteKey =
    "            node_key = request.query.get(\"api_key\", \"\").strip()\n"
    "            if cls.is_usable_key(node_key):\n"
    "                key = node_key\n";

std::string replace_all(std::string text, std::string_view mark, std::string_view replacement) {
    for (std::size_t at = text.find(mark); at != std::string::npos; at = text.find(mark, at + replacement.size())) {
        text.replace(at, mark.size(), replacement);
    }
    return text;
}

std::string v1_node(bool late) {
    std::string text(text::kV1Node);
    text =
        replace_all(std::move(text), "%SAMPLES%",
                    late ? R"("your-api-key-here", "your_api_key_here", "yourapikeyhere")" : R"("your-api-key-here")");
    text = replace_all(std::move(text), "%NORMALISE%",
                       late ? R"(.lower().replace("_", "").replace("-", "").replace(" ", ""))" : "");
    return replace_all(std::move(text), "%ROUTE_KEY%", late ? kLateRouteKey : "");
}

std::string script_of(PluginKind kind) {
    constexpr std::string_view kButtons = "复制微信号|二维码";
    switch (kind) {
        case PluginKind::v1_report:
            return text::balance_script("base_url=${encodeURIComponent(baseUrl)}&refresh=${refresh ? 1 : 0}", kButtons);
        case PluginKind::v1_late:
            return text::balance_script(
                "base_url=${encodeURIComponent(baseUrl)}&refresh=${refresh ? 1 : 0}"
                "&api_key=${encodeURIComponent(apiKey)}",
                kButtons);
        case PluginKind::v2:
        case PluginKind::fork_with_route:
            return text::balance_script("refresh=${refresh ? 1 : 0}&api_key=${encodeURIComponent(apiKey)}", kButtons);
        case PluginKind::v3:
        case PluginKind::v3_2026:
        case PluginKind::v3_class:
        case PluginKind::white_label:
            return text::balance_script(
                "refresh=${refresh ? 1 : 0}&banana_api_key=${encodeURIComponent(apiKey)}"
                "&route=${encodeURIComponent(route)}",
                kind == PluginKind::white_label ? ""
                : kind == PluginKind::v3_class  ? "兑换积分|二维码"
                                                : kButtons);
        case PluginKind::fork:
        case PluginKind::fork_with_address: break;
    }
    return {};
}

std::string project_of(PluginKind kind) {
    const std::string_view version = kind == PluginKind::v3_2026    ? "0.2.10"
                                     : kind == PluginKind::v3_class ? "0.3.4"
                                                                    : "0.1.3";
    return replace_all(std::string(text::kV3Project), "%VERSION%", version);
}

std::vector<PluginFile> v3_files(PluginKind kind) {
    std::vector<PluginFile> files{
        {"__init__.py", std::string(kind == PluginKind::v3 ? text::kV3Init : text::kV3ComputedInit)},
        {"loader_bootstrap.py",
         replace_all(std::string(text::kV3Bootstrap), "%HEADER%", std::string(loader_header(kind)))},
        {"pyproject.toml", project_of(kind)},
        {"segment_nodes_li/__init__.py", ""},
    };
    for (const std::string_view module : {std::string_view("Gemini_Imagen_Generator"), std::string_view("api_client"),
                                          std::string_view("balance_service"), std::string_view("banana_local_crop"),
                                          std::string_view("config_manager"), std::string_view("image_codec"),
                                          std::string_view("logger"), std::string_view("task_runner")}) {
        files.push_back({std::string(module) + std::string(native_library_suffix()), native_library_stub()});
    }
    return files;
}

}  // namespace

std::vector<std::string> line_labels(PluginKind kind) {
    if (kind == PluginKind::v3 || kind == PluginKind::white_label) {
        return {"香港专线", "直连美区", "CF专线"};
    }
    if (is_v3(kind)) {
        return {"心宝❤新渠道", "香港专线(旧渠道)", "直连美区(旧渠道)", "CF专线(旧渠道)"};
    }
    return {};
}

std::string default_line(PluginKind kind) {
    const std::vector<std::string> labels = line_labels(kind);
    return labels.empty() ? std::string() : labels.front();
}

std::string_view node_display_name(PluginKind kind) {
    return kind == PluginKind::v3_class ? "心宝♥BananaV4" : kind == PluginKind::white_label ? "香蕉" : "心宝❤Banana";
}

std::string_view loader_header(PluginKind kind) {
    return kind == PluginKind::white_label ? "香蕉 Loader"
           : is_v3(kind)                   ? "心宝❤Banana Loader"
                                           : "🍌 Banana Node Loader";
}

std::string_view node_class_name(PluginKind kind) {
    return kind == PluginKind::v3_class ? "BananaImageNodeV3" : "BananaImageNode";
}

std::string_view native_library_suffix() {
    switch (platform::kSystem) {
        case platform::System::windows: return ".pyd";
        case platform::System::mac: return ".darwin.so";
        case platform::System::gnu_linux: break;
    }
    return ".so";
}

std::string native_library_stub() {
    std::string stub;
    switch (platform::kSystem) {
        case platform::System::windows: stub = "MZ"; break;
        case platform::System::mac: stub = "\xcf\xfa\xed\xfe"; break;
        case platform::System::gnu_linux:
            // Class 64, little endian; a shared object (3) for this processor.
            stub = "\177ELF\x02\x01\x01";
            stub.resize(16, '\0');
            stub.push_back(3);
            stub.push_back('\0');
#if defined(__aarch64__)
            stub.push_back('\xb7');
#else
            stub.push_back('\x3e');
#endif
            break;
    }
    stub.resize(64, '\0');
    return stub;
}

std::string node_file_name(PluginKind kind) {
    switch (kind) {
        case PluginKind::v3:
        case PluginKind::v3_2026:
        case PluginKind::white_label:
        case PluginKind::v3_class: return "Gemini_Imagen_Generator" + std::string(native_library_suffix());
        case PluginKind::fork:
        case PluginKind::fork_with_address: return "gemini_node.py";
        case PluginKind::fork_with_route:
        case PluginKind::v1_report:
        case PluginKind::v1_late:
        case PluginKind::v2: break;
    }
    return "Gemini_Imagen_Generator.py";
}

std::vector<std::string> required_modules(PluginKind kind) {
    switch (kind) {
        case PluginKind::v1_report:
        case PluginKind::v1_late: return {"logger"};
        case PluginKind::v2:
        case PluginKind::v3:
        case PluginKind::v3_2026:
        case PluginKind::v3_class:
        case PluginKind::white_label:
            return {"api_client", "balance_service", "config_manager", "image_codec", "logger", "task_runner"};
        case PluginKind::fork_with_route: return {"balance_service", "config_manager"};
        case PluginKind::fork:
        case PluginKind::fork_with_address: break;
    }
    return {};
}

std::vector<PluginFile> plugin_files(PluginKind kind) {
    if (kind == PluginKind::fork) {
        return {{"__init__.py", std::string(text::kForkInit)}, {"gemini_node.py", std::string(text::kForkNode)}};
    }
    if (kind == PluginKind::fork_with_address) {
        return {{"__init__.py", std::string(text::kForkInit)},
                {"gemini_node.py", std::string(text::kForkNode)},
                {"config_manager.py", "\xEF\xBB\xBF" + std::string(text::kForkConfigManager)}};
    }
    std::vector<PluginFile> files;
    if (kind == PluginKind::fork_with_route) {
        files = {
            {"__init__.py", std::string(text::kForkRouteInit)},
            {"Gemini_Imagen_Generator.py", std::string(text::kForkRouteNode)},
            {"balance_service.py", std::string(text::kForkBalanceService)},
            {"config_manager.py", "\xEF\xBB\xBF" + std::string(text::kForkConfigManager)},
        };
    } else if (is_v3(kind)) {
        files = v3_files(kind);
    } else if (kind == PluginKind::v2) {
        files = {
            {"__init__.py", std::string(text::kV2Init)},
            {"Gemini_Imagen_Generator.py", std::string(text::kV2Node)},
            {"api_client.py", std::string(text::kV2ApiClient)},
            {"balance_service.py", std::string(text::kV2BalanceService)},
            {"config_manager.py", std::string(text::kV2ConfigManager)},
            {"image_codec.py", std::string(text::kV2ImageCodec)},
            {"logger.py", std::string(text::kLogger)},
            {"task_runner.py", std::string(text::kV2TaskRunner)},
        };
    } else {
        files = {
            {"__init__.py", std::string(text::kV1Init)},
            {"Gemini_Imagen_Generator.py", v1_node(kind == PluginKind::v1_late)},
            {"logger.py", std::string(text::kLogger)},
        };
    }
    files.push_back({"config.ini.example", std::string(text::kConfigExample)});
    files.push_back({"web/extensions/token-balance.js", script_of(kind)});
    return files;
}

std::string encode_base_url(std::string_view url) {
    constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string out;
    for (std::size_t at = 0; at < url.size(); at += 3) {
        std::uint32_t group = 0;
        for (std::size_t i = 0; i < 3; ++i) {
            const unsigned char byte = at + i < url.size() ? static_cast<unsigned char>(url[at + i] ^ 7) : 0;
            group = (group << 8U) | byte;
        }
        for (std::size_t i = 0; i < 4; ++i) {
            const bool padding = at + i > url.size();
            out += padding ? '=' : kAlphabet[(group >> (18U - 6U * i)) & 63U];
        }
    }
    return out;
}

}  // namespace banana::world
