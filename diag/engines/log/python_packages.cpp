#include "python_packages.hpp"

#include "banana/ascii.hpp"
#include "banana/bounds.hpp"

#include <algorithm>
#include <array>

namespace banana {
// Binary modules by the names that an exception has of them.
std::string_view package_of_binary(std::string_view binary) {
    constexpr std::array<NamedPackage, 12> kKnown{{{"_imaging", "pillow"},
                                                   {"_imagingft", "pillow"},
                                                   {"cv2", "opencv-python"},
                                                   {"onnxruntime_pybind11_state", "onnxruntime"},
                                                   {"_multiarray_umath", "numpy"},
                                                   {"_rust", "cryptography"},
                                                   {"_cffi_backend", "cffi"},
                                                   {"_C", "torch"},
                                                   {"_safetensors_rust", "safetensors"},
                                                   {"_pydantic_core", "pydantic-core"},
                                                   {"_ufuncs", "scipy"},
                                                   {"lxml", "lxml"}}};
    const auto known =
        std::find_if(kKnown.begin(), kKnown.end(), [&](const NamedPackage& entry) { return entry.module == binary; });
    return known != kKnown.end() ? known->package : std::string_view();
}

// ComfyUI's own modules: a package of the same name from pip would be another thing.
bool is_comfyuis_module(std::string_view name) {
    constexpr std::array<std::string_view, 14> kNames{
        "comfy",           "comfy_api", "comfy_execution", "comfy_extras", "comfy_config",
        "comfy_api_nodes", "nodes",     "folder_paths",    "server",       "execution",
        "node_helpers",    "app",       "api_server",      "middleware"};
    return std::find(kNames.begin(), kNames.end(), name) != kNames.end();
}

// What a Python is built with or without, and no package brings.
bool is_pythons_module(std::string_view name) {
    constexpr std::array<std::string_view, 6> kNames{"tkinter", "sqlite3", "ssl", "ctypes", "lzma", "imp"};
    return name.starts_with('_') || std::find(kNames.begin(), kNames.end(), name) != kNames.end();
}

std::string package_of_module(std::string_view module) {
    // Whole names before the packages that they lie in.
    constexpr std::array<NamedPackage, 46> kKnown{{{"google.genai", "google-genai"},
                                                   {"google.generativeai", "google-generativeai"},
                                                   {"google.ai", "google-ai-generativelanguage"},
                                                   {"google.protobuf", "protobuf"},
                                                   {"google.auth", "google-auth"},
                                                   {"google.oauth2", "google-auth"},
                                                   {"google.api_core", "google-api-core"},
                                                   {"google.cloud.storage", "google-cloud-storage"},
                                                   {"google.cloud.vision", "google-cloud-vision"},
                                                   {"google.cloud.aiplatform", "google-cloud-aiplatform"},
                                                   {"google", "google-genai"},
                                                   {"googleapiclient", "google-api-python-client"},
                                                   {"genai", "google-genai"},
                                                   {"PIL", "pillow"},
                                                   {"cv2", "opencv-python"},
                                                   {"skimage", "scikit-image"},
                                                   {"sklearn", "scikit-learn"},
                                                   {"yaml", "pyyaml"},
                                                   {"ruamel", "ruamel.yaml"},
                                                   {"bs4", "beautifulsoup4"},
                                                   {"Crypto", "pycryptodome"},
                                                   {"Cryptodome", "pycryptodomex"},
                                                   {"OpenSSL", "pyopenssl"},
                                                   {"dotenv", "python-dotenv"},
                                                   {"dateutil", "python-dateutil"},
                                                   {"magic", "python-magic"},
                                                   {"docx", "python-docx"},
                                                   {"pptx", "python-pptx"},
                                                   {"fitz", "pymupdf"},
                                                   {"git", "gitpython"},
                                                   {"jwt", "pyjwt"},
                                                   {"socks", "pysocks"},
                                                   {"websocket", "websocket-client"},
                                                   {"zmq", "pyzmq"},
                                                   {"serial", "pyserial"},
                                                   {"attr", "attrs"},
                                                   {"win32api", "pywin32"},
                                                   {"win32gui", "pywin32"},
                                                   {"win32con", "pywin32"},
                                                   {"pythoncom", "pywin32"},
                                                   {"faiss", "faiss-cpu"},
                                                   {"pkg_resources", "setuptools"},
                                                   {"distutils", "setuptools"},
                                                   {"audioop", "audioop-lts"},
                                                   {"cgi", "legacy-cgi"},
                                                   {"tomllib", "tomli"}}};
    for (std::string_view name = module; !name.empty();
         name = name.substr(0, std::min(name.rfind('.'), name.size()) == name.size() ? 0 : name.rfind('.'))) {
        const auto known =
            std::find_if(kKnown.begin(), kKnown.end(), [&](const NamedPackage& entry) { return entry.module == name; });
        if (known != kKnown.end() && (name.size() == module.size() || name != "google")) {
            return std::string(known->package);
        }
    }
    // Google names its packages as it names its modules.
    const bool google = module.starts_with("google.");
    std::string package(google ? module : module.substr(0, module.find('.')));
    std::replace(package.begin(), package.end(), '.', '-');
    const bool plain =
        !package.empty() && package.size() <= bounds::kPackageNameBytes && package.front() != '-' &&
        std::all_of(package.begin(), package.end(), [](char c) { return is_alphanumeric(c) || c == '_' || c == '-'; });
    return plain ? package : std::string();
}

}  // namespace banana
