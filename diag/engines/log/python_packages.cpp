#include "python_packages.hpp"

#include "banana/ascii.hpp"
#include "banana/bounds.hpp"

#include <algorithm>
#include <array>

namespace banana {
namespace {

template <std::size_t Count>
bool is_one_of(const std::array<std::string_view, Count>& names, std::string_view name) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

template <std::size_t Count>
std::string_view package_in(const std::array<NamedPackage, Count>& table, std::string_view module) {
    const auto known =
        std::find_if(table.begin(), table.end(), [&](const NamedPackage& entry) { return entry.module == module; });
    return known != table.end() ? known->package : std::string_view();
}

// Modules whose package has another name. Whole names before the packages that they lie in.
constexpr auto kOtherNames = std::to_array<NamedPackage>({{"google.genai", "google-genai"},
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
                                                          {"distutils", "setuptools"},
                                                          {"audioop", "audioop-lts"},
                                                          {"cgi", "legacy-cgi"},
                                                          {"Levenshtein", "levenshtein"},
                                                          {"ffmpeg", "ffmpeg-python"},
                                                          {"imageio_ffmpeg", "imageio-ffmpeg"},
                                                          {"charset_normalizer", "charset-normalizer"},
                                                          {"huggingface_hub", "huggingface-hub"},
                                                          {"typing_extensions", "typing-extensions"},
                                                          {"pydantic_core", "pydantic-core"},
                                                          {"segment_anything", "segment-anything"},
                                                          {"brotli", "brotli"},
                                                          {"pymysql", "pymysql"},
                                                          {"nacl", "pynacl"},
                                                          {"usb", "pyusb"},
                                                          {"Xlib", "python-xlib"},
                                                          {"pywintypes", "pywin32"},
                                                          {"win32com", "pywin32"},
                                                          {"tencentcloud", "tencentcloud-sdk-python"},
                                                          {"qcloud_cos", "cos-python-sdk-v5"},
                                                          {"volcenginesdkarkruntime", "volcengine-python-sdk"},
                                                          {"comfyui_frontend_package", "comfyui-frontend-package"},
                                                          {"comfyui_workflow_templates", "comfyui-workflow-templates"},
                                                          {"skvideo", "scikit-video"},
                                                          {"gguf", "gguf"},
                                                          {"flash_attn", "flash-attn"},
                                                          {"socketio", "python-socketio"},
                                                          {"engineio", "python-engineio"},
                                                          {"jose", "python-jose"},
                                                          {"slugify", "python-slugify"},
                                                          {"multipart", "python-multipart"},
                                                          {"telegram", "python-telegram-bot"}});

// Modules whose package is called as they are.
constexpr auto kSameNames = std::to_array<std::string_view>(
    {"accelerate",    "aiofiles",    "aiohttp",      "aiosignal",    "alembic",       "anthropic",
     "anyio",         "av",          "boto3",        "cachetools",   "certifi",       "cffi",
     "chardet",       "click",       "colorama",     "cryptography", "dashscope",     "diffusers",
     "einops",        "fastapi",     "filelock",     "flask",        "fsspec",        "gradio",
     "h11",           "h2",          "httpcore",     "httpx",        "idna",          "imageio",
     "insightface",   "jinja2",      "kornia",       "librosa",      "lmdb",          "loguru",
     "lxml",          "markdown",    "matplotlib",   "mediapipe",    "moviepy",       "msgpack",
     "multidict",     "networkx",    "numba",        "numexpr",      "numpy",         "omegaconf",
     "onnx",          "onnxruntime", "openai",       "orjson",       "oss2",          "packaging",
     "pandas",        "piexif",      "platformdirs", "psutil",       "pydantic",      "pydub",
     "pygments",      "pynvml",      "pyperclip",    "qrcode",       "redis",         "regex",
     "rembg",         "requests",    "rich",         "safetensors",  "sageattention", "scipy",
     "sentencepiece", "shapely",     "simplejson",   "six",          "sniffio",       "soundfile",
     "spandrel",      "sqlalchemy",  "starlette",    "tenacity",     "tiktoken",      "timm",
     "tokenizers",    "toml",        "tomli",        "torch",        "torchaudio",    "torchsde",
     "torchvision",   "tqdm",        "transformers", "trimesh",      "triton",        "ujson",
     "ultralytics",   "urllib3",     "uvicorn",      "volcengine",   "webcolors",     "websockets",
     "wrapt",         "xformers",    "yarl",         "zhipuai"});

// The entry of the module, else of the innermost package that it lies in; Google's are no package of one maker.
std::string_view other_name_of(std::string_view module) {
    for (std::string_view name = module; !name.empty();) {
        const std::string_view package = package_in(kOtherNames, name);
        const bool fits = name.size() == module.size() || name != "google";
        if (fits && !package.empty()) {
            return package;
        }
        const std::size_t dot = name.rfind('.');
        name = name.substr(0, dot == std::string_view::npos ? 0 : dot);
    }
    return {};
}

}  // namespace

std::string_view package_of_binary(std::string_view binary) {
    constexpr auto kKnown = std::to_array<NamedPackage>({{"_imaging", "pillow"},
                                                         {"_imagingft", "pillow"},
                                                         {"_webp", "pillow"},
                                                         {"cv2", "opencv-python"},
                                                         {"onnxruntime_pybind11_state", "onnxruntime"},
                                                         {"onnx_cpp2py_export", "onnx"},
                                                         {"_multiarray_umath", "numpy"},
                                                         {"_rust", "cryptography"},
                                                         {"_cffi_backend", "cffi"},
                                                         {"_safetensors_rust", "safetensors"},
                                                         {"_pydantic_core", "pydantic-core"},
                                                         {"_ufuncs", "scipy"},
                                                         {"_yaml", "pyyaml"},
                                                         {"_brotli", "brotli"},
                                                         {"_soundfile", "soundfile"},
                                                         {"_soundfile_data", "soundfile"},
                                                         {"_sentencepiece", "sentencepiece"},
                                                         {"_tiktoken", "tiktoken"},
                                                         {"_distutils_hack", "setuptools"},
                                                         {"_framework_bindings", "mediapipe"},
                                                         {"_argon2_cffi_bindings", "argon2-cffi-bindings"},
                                                         {"_http_parser", "aiohttp"},
                                                         {"_llvmlite", "llvmlite"},
                                                         {"llvmlite", "llvmlite"},
                                                         {"_sklearn", "scikit-learn"},
                                                         {"etree", "lxml"},
                                                         {"lxml", "lxml"}});
    return package_in(kKnown, binary);
}

std::string_view requirement_of(std::string_view module) {
    constexpr auto kDropped = std::to_array<NamedPackage>({{"moviepy.editor", "\"moviepy<2\""},
                                                           {"pkg_resources", "\"setuptools<81\""},
                                                           {"urllib3.packages.six.moves", "\"urllib3<2\""}});
    return package_in(kDropped, module);
}

bool is_built_for_card(std::string_view package) {
    constexpr auto kNames = std::to_array<std::string_view>({"torch",
                                                             "torchvision",
                                                             "torchaudio",
                                                             "torchtext",
                                                             "xformers",
                                                             "triton",
                                                             "triton-windows",
                                                             "flash-attn",
                                                             "flash_attn",
                                                             "sageattention",
                                                             "spas-sage-attn",
                                                             "nunchaku",
                                                             "bitsandbytes",
                                                             "nvidia",
                                                             "cupy",
                                                             "tensorrt",
                                                             "torch-directml",
                                                             "torch_directml",
                                                             "pytorch-triton",
                                                             "tensorflow",
                                                             "jax",
                                                             "intel-extension-for-pytorch"});
    const bool family = package.starts_with("nvidia-") || package.starts_with("nvidia_") ||
                        package.starts_with("cupy-") || package.starts_with("torch_") ||
                        package.starts_with("torch-") || package.starts_with("tensorrt");
    return family || is_one_of(kNames, package);
}

std::span<const std::string_view> siblings_of(std::string_view package) {
    static constexpr auto kOpencv = std::to_array<std::string_view>(
        {"opencv-python", "opencv-python-headless", "opencv-contrib-python", "opencv-contrib-python-headless"});
    static constexpr auto kOnnxruntime =
        std::to_array<std::string_view>({"onnxruntime", "onnxruntime-gpu", "onnxruntime-directml"});
    static constexpr auto kFaiss = std::to_array<std::string_view>({"faiss-cpu", "faiss-gpu"});
    if (is_one_of(kOpencv, package)) {
        return kOpencv;
    }
    if (is_one_of(kOnnxruntime, package)) {
        return kOnnxruntime;
    }
    return is_one_of(kFaiss, package) ? std::span<const std::string_view>(kFaiss) : std::span<const std::string_view>();
}

bool is_version_bound(std::string_view package) {
    constexpr auto kNames = std::to_array<std::string_view>(
        {"numpy", "pydantic-core", "transformers", "tokenizers", "protobuf", "diffusers", "llvmlite", "setuptools"});
    return is_one_of(kNames, package);
}

ComfyuiName comfyui_name(std::string_view name) {
    constexpr auto kOwn = std::to_array<std::string_view>(
        {"comfy", "comfy_api", "comfy_api_nodes", "comfy_config", "comfy_execution", "comfy_extras", "comfyui_version",
         "cuda_malloc", "folder_paths", "latent_preview", "node_helpers", "api_server", "alembic_db", "new_updater",
         "hook_breaker_ac10a0"});
    constexpr auto kCommon = std::to_array<std::string_view>(
        {"nodes", "server", "execution", "app", "middleware", "utils", "protocol", "main"});
    if (is_one_of(kOwn, name)) {
        return ComfyuiName::own;
    }
    return is_one_of(kCommon, name) ? ComfyuiName::common : ComfyuiName::no;
}

PythonPart python_part(std::string_view name) {
    constexpr auto kOptional = std::to_array<std::string_view>({"tkinter",     "sqlite3",      "ssl",
                                                                "ctypes",      "lzma",         "bz2",
                                                                "zlib",        "readline",     "curses",
                                                                "dbm",         "venv",         "ensurepip",
                                                                "encodings",   "unicodedata",  "select",
                                                                "pyexpat",     "tomllib",      "zoneinfo",
                                                                "asyncio",     "importlib",    "dataclasses",
                                                                "_tkinter",    "_sqlite3",     "_ssl",
                                                                "_hashlib",    "_ctypes",      "_lzma",
                                                                "_bz2",        "_curses",      "_curses_panel",
                                                                "_dbm",        "_gdbm",        "_uuid",
                                                                "_decimal",    "_socket",      "_struct",
                                                                "_json",       "_elementtree", "_multiprocessing",
                                                                "_queue",      "_zoneinfo",    "_zstd",
                                                                "_asyncio",    "_bisect",      "_blake2",
                                                                "_csv",        "_datetime",    "_heapq",
                                                                "_md5",        "_opcode",      "_pickle",
                                                                "_random",     "_sha1",        "_sha2",
                                                                "_statistics", "_contextvars", "_interpreters"});
    constexpr auto kRemoved = std::to_array<std::string_view>(
        {"imp",    "asynchat", "asyncore",  "smtpd", "aifc",    "cgitb",       "chunk",     "crypt",
         "imghdr", "mailcap",  "msilib",    "nis",   "nntplib", "ossaudiodev", "pipes",     "sndhdr",
         "spwd",   "sunau",    "telnetlib", "uu",    "xdrlib",  "lib2to3",     "formatter", "parser"});
    constexpr auto kOtherSystem = std::to_array<std::string_view>(
        {"fcntl", "grp", "pwd", "resource", "termios", "tty", "pty", "syslog", "posix", "_posixshmem",
         "_posixsubprocess", "winreg", "msvcrt", "_winapi", "_overlapped", "_scproxy"});
    if (is_one_of(kOptional, name)) {
        return PythonPart::optional;
    }
    if (is_one_of(kRemoved, name)) {
        return PythonPart::removed;
    }
    return is_one_of(kOtherSystem, name) ? PythonPart::other_system : PythonPart::no;
}

bool is_known_package_of(std::string_view module) {
    const bool of_google = module.starts_with("google.");
    return of_google || !other_name_of(module).empty() || !requirement_of(module).empty() ||
           is_one_of(kSameNames, module.substr(0, module.find('.')));
}

std::string package_of_module(std::string_view module) {
    if (const std::string_view binary = package_of_binary(module); !binary.empty()) {
        return std::string(binary);
    }
    if (const std::string_view other = other_name_of(module); !other.empty()) {
        return std::string(other);
    }
    // Google names its packages as it names its modules.
    const bool google = module.starts_with("google.");
    std::string package(google ? module : module.substr(0, module.find('.')));
    std::replace(package.begin(), package.end(), '.', '-');
    const bool plain =
        !package.empty() && package.size() <= bounds::kPackageNameBytes && is_alphanumeric(package.front()) &&
        std::all_of(package.begin(), package.end(), [](char c) { return is_alphanumeric(c) || c == '_' || c == '-'; });
    return plain ? package : std::string();
}

}  // namespace banana
