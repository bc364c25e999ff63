#include "log_text.hpp"
#include "python_packages.hpp"
#include "support/log_samples.hpp"

#include <boost/test/unit_test.hpp>

using namespace banana;
using namespace banana::test;

BOOST_AUTO_TEST_SUITE(test_python_packages)

BOOST_AUTO_TEST_CASE(package_names_are_safe_in_a_command) {
    const std::vector<std::pair<std::string, std::string>> known{{"PIL", "pillow"},
                                                                 {"PIL.Image", "pillow"},
                                                                 {"requests", "requests"},
                                                                 {"cv2", "opencv-python"},
                                                                 {"skimage.measure", "scikit-image"},
                                                                 {"google", "google-genai"},
                                                                 {"google.genai", "google-genai"},
                                                                 {"google.genai.types", "google-genai"},
                                                                 {"google.generativeai", "google-generativeai"},
                                                                 {"google.protobuf.message", "protobuf"},
                                                                 {"google.cloud.storage", "google-cloud-storage"},
                                                                 {"google.cloud.speech", "google-cloud-speech"},
                                                                 {"yaml", "pyyaml"},
                                                                 {"sklearn", "scikit-learn"},
                                                                 {"Crypto.Cipher", "pycryptodome"},
                                                                 {"dotenv", "python-dotenv"},
                                                                 {"bs4", "beautifulsoup4"}};
    for (const auto& [module, package] : known) {
        BOOST_TEST(package_of_module(module) == package, module << ": " << package_of_module(module));
    }
    for (const auto& [module, package] : std::vector<std::pair<std::string, std::string>>{
             {"_cffi_backend", "cffi"}, {"_yaml", "pyyaml"}, {"_brotli", "brotli"}, {"_soundfile", "soundfile"}}) {
        BOOST_TEST(package_of_module(module) == package);
    }
    for (const char* bad : {"", "-r", "_C", "_anything", "a b", "x;rm", "$(x)", "../x", "名"}) {
        BOOST_TEST(package_of_module(bad).empty(), bad);
    }
}

BOOST_AUTO_TEST_CASE(what_cannot_be_installed_by_pip_is_told_from_what_can) {
    const auto kind = [](std::string_view exception) { return load_error_of({}, exception).kind; };
    BOOST_TEST((kind("No module named 'google.genai'") == LoadFailure::package_missing));
    BOOST_TEST((kind("No module named 'moviepy.editor'") == LoadFailure::package_version));
    BOOST_TEST((kind("No module named 'comfy_api.input'") == LoadFailure::comfyui_module));
    BOOST_TEST((kind("No module named 'folder_paths'") == LoadFailure::comfyui_module));
    BOOST_TEST((kind("No module named '_lzma'") == LoadFailure::python_module));
    BOOST_TEST((kind("No module named 'tkinter'") == LoadFailure::python_module));
    BOOST_TEST((kind("No module named 'config_manager'") == LoadFailure::own_module_missing));
    const LoadError shared = load_error_of({}, "cannot import name 'genai' from 'google' (unknown location)");
    BOOST_TEST((shared.kind == LoadFailure::package_missing));
    BOOST_TEST(package_of_module(shared.module) == "google-genai");
}

BOOST_AUTO_TEST_CASE(a_broken_library_is_told_by_what_brings_it) {
    const auto package = [](std::string_view exception) { return broken_library_of(exception).pip_package; };
    BOOST_TEST(package("DLL load failed while importing _imaging: The specified module could not be found.") ==
               "pillow");
    BOOST_TEST(package("DLL load failed while importing cv2: 找不到指定的模块。") == "opencv-python");
    BOOST_TEST(package("/venv/lib/python3.11/site-packages/skimage/_shared/x.so: undefined symbol: y") ==
               "scikit-image");
    BOOST_TEST(package("something else").empty());
    const BrokenLibrary gl = broken_library_of("libGL.so.1: cannot open shared object file: No such file");
    BOOST_TEST(gl.system_library == "libGL.so.1");
    BOOST_TEST(gl.debian_package == "libgl1");
    BOOST_TEST(broken_library_of("libcudnn.so.9: cannot open shared object file").debian_package.empty());
    BOOST_TEST(broken_library_of("libcudnn.so.9: cannot open shared object file").of_card);
    BOOST_TEST(!gl.of_card);
    // `_C` is what many packages call theirs.
    BOOST_TEST(package("DLL load failed while importing _C: x").empty());
    BOOST_TEST(broken_library_of("[WinError 1455] 页面文件太小，无法完成操作。").lacks_memory);
    BOOST_TEST(broken_library_of("/lib/x86_64-linux-gnu/libstdc++.so.6: version `GLIBCXX_3.4.32' not found (required "
                                 "by /c/custom_nodes/p/balance_service.so)")
                   .runtime_library == "/lib/x86_64-linux-gnu/libstdc++.so.6");
}

BOOST_AUTO_TEST_CASE(what_a_missing_module_is) {
    struct Case {
        std::string exception;
        LoadFailure kind;
        std::string module;
        bool inferred;
    };
    for (const Case& entry :
         {Case{"No module named 'utils.json_util'; 'utils' is not a package", LoadFailure::shadowed, "utils", false},
          Case{"No module named 'logger.x'; 'logger' is not a package", LoadFailure::foreign_module, "logger", false},
          Case{"No module named 'utils'", LoadFailure::comfyui_module, "utils", true},
          Case{"No module named 'latent_preview'", LoadFailure::comfyui_module, "latent_preview", false},
          Case{"No module named 'comfyui_version'", LoadFailure::comfyui_module, "comfyui_version", false},
          Case{"No module named 'cuda_malloc'", LoadFailure::comfyui_module, "cuda_malloc", false},
          Case{"No module named 'protocol'", LoadFailure::comfyui_module, "protocol", true},
          Case{"No module named '_cffi_backend'", LoadFailure::package_missing, "_cffi_backend", false},
          Case{"No module named '_yaml'", LoadFailure::package_missing, "_yaml", false},
          Case{"No module named '_brotli'", LoadFailure::package_missing, "_brotli", false},
          Case{"No module named '_soundfile'", LoadFailure::package_missing, "_soundfile", false},
          Case{"No module named '_strange_part'", LoadFailure::library_unusable, "_strange_part", true},
          Case{"No module named '_ssl'", LoadFailure::python_module, "_ssl", false},
          Case{"DLL load failed while importing _ssl: x", LoadFailure::python_module, "_ssl", false},
          Case{"No module named 'imp'", LoadFailure::python_removed, "imp", false},
          Case{"No module named 'fcntl'", LoadFailure::other_system, "fcntl", false},
          Case{"No module named 'custom_nodes.other'", LoadFailure::other, "custom_nodes.other", false},
          Case{"No module named 'banana_local_crop'", LoadFailure::own_module_missing, "banana_local_crop", false},
          Case{"No module named 'some_helper'", LoadFailure::package_missing, "some_helper", true},
          Case{"No module named 'requests'", LoadFailure::package_missing, "requests", false},
          Case{"No module named 'torchvision.transforms.functional_tensor'", LoadFailure::package_version,
               "torchvision.transforms.functional_tensor", true},
          Case{"No module named 'moviepy.editor'", LoadFailure::package_version, "moviepy.editor", false},
          Case{"cannot import name 'io' from 'comfy_api.latest' (/c/comfy_api/latest/__init__.py)",
               LoadFailure::comfyui_module, "comfy_api.latest.io", false},
          Case{"cannot import name 'x' from partially initialized module 'requests' (most likely due to a circular "
               "import) (/c/custom_nodes/other/requests.py)",
               LoadFailure::shadowed, "requests", false},
          Case{"partially initialized module 'json' has no attribute 'loads' (most likely due to a circular import)",
               LoadFailure::shadowed, "json", true},
          Case{"cannot import name 'x' from partially initialized module 'diffusers.y' (most likely due to a circular "
               "import) (/v/site-packages/diffusers/y.py)",
               LoadFailure::library_unusable, "diffusers", false},
          Case{"cannot import name 'x' from 'utils' (/c/custom_nodes/other/utils.py)", LoadFailure::shadowed, "utils",
               false},
          Case{"/lib/libstdc++.so.6: version `GLIBCXX_3.4.32' not found (required by /c/custom_nodes/p/x.so)",
               LoadFailure::library_unusable, "", false}}) {
        const LoadError error = load_error_of({}, entry.exception);
        BOOST_TEST_CONTEXT(entry.exception) {
            BOOST_TEST((error.kind == entry.kind));
            BOOST_TEST(error.module == entry.module);
            BOOST_TEST(error.inferred == entry.inferred);
        }
    }
}

BOOST_AUTO_TEST_SUITE_END()
