#include "plugin_files.hpp"

#include "base64.hpp"
#include "embedded_files.hpp"
#include "platform.hpp"

namespace banana::world {
namespace {

// Its folder below tests/fixtures/families.
std::string_view folder_of(PluginKind kind) {
    switch (kind) {
        case PluginKind::v1_report: return "v1_report";
        case PluginKind::v1_late: return "v1_late";
        case PluginKind::v2: return "v2";
        case PluginKind::v3: return "v3";
        case PluginKind::v3_2026: return "v3_2026";
        case PluginKind::v3_class: return "v3_class";
        case PluginKind::white_label: return "white_label";
        case PluginKind::fork: return "fork";
        case PluginKind::fork_with_address: return "fork_with_address";
        case PluginKind::fork_with_route: break;
    }
    return "fork_with_route";
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
    const std::string folder = std::string(folder_of(kind)) + '/';
    std::vector<PluginFile> files;
    for (const EmbeddedFile& file : embedded_files()) {
        if (file.path.starts_with(folder)) {
            files.push_back({std::string(file.path.substr(folder.size())), std::string(file.text)});
        }
    }
    if (is_v3(kind)) {
        for (const char* module : {"Gemini_Imagen_Generator", "api_client", "balance_service", "banana_local_crop",
                                   "config_manager", "image_codec", "logger", "task_runner"}) {
            files.push_back({module + std::string(native_library_suffix()), native_library_stub()});
        }
    }
    return files;
}

std::string encode_base_url(std::string_view url) {
    std::string octets(url);
    for (char& octet : octets) {
        octet = static_cast<char>(octet ^ 7);
    }
    return base64_encode(octets);
}

}  // namespace banana::world
