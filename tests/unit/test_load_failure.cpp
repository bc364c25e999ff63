#include <boost/test/unit_test.hpp>

#include "banana/cause.hpp"
#include "support/log_stage.hpp"
#include "support/plugin_fixture.hpp"

namespace banana {
namespace {

using namespace test::log_stage;

BOOST_AUTO_TEST_CASE(a_broken_source_is_named_with_its_line) {
    Stage stage(kStart + kTitle + kFailed + "invalid syntax (Gemini_Imagen_Generator.py, line 12)\n" + kReady);
    CheckResult result = stage.check();
    const Finding* finding = test::find_code(result, Cause::route_load_failed);
    BOOST_REQUIRE(finding != nullptr);
    BOOST_TEST(text(finding->args.at("file")) == "Gemini_Imagen_Generator.py");
    BOOST_TEST(finding->args.at("line").to_number<int>() == 12);
    BOOST_TEST(text(finding->args.at("fix_variant")) == "source-elsewhere");
    stage.folder.write("ComfyUI/custom_nodes/p/Gemini_Imagen_Generator.py", std::string(11, '\n') + "  def f(:\n");
    result = stage.check();
    finding = test::find_code(result, Cause::route_load_failed);
    BOOST_TEST(text(finding->args.at("fix_variant")) == "source");
    BOOST_TEST(finding->evidence.front().value == "def f(:");
    BOOST_TEST(finding->evidence.front().line.value() == 12);
}

BOOST_AUTO_TEST_CASE(a_package_that_brings_no_nodes_was_skipped) {
    const std::string skipped = " module for custom nodes due to the lack of NODE_CLASS_MAPPINGS.\n";
    Stage stage(kStart + "Skip /x/custom_nodes/p" + skipped + kReady);
    const CheckResult result = stage.check();
    const Finding* finding = test::find_code(result, Cause::route_load_failed);
    BOOST_REQUIRE(finding != nullptr);
    BOOST_TEST(text(finding->args.at("variant")) == "no-exports");
    Stage other(kStart + "Skip /x/custom_nodes/q" + skipped + kReady);
    BOOST_TEST((test::find_code(other.check(), Cause::route_load_failed) == nullptr));
}

BOOST_AUTO_TEST_CASE(a_missing_package_comes_with_the_command_for_that_python) {
    Stage stage(kStart + "** Python executable: /opt/my comfy/bin/python\n" + kTitle + kFailed +
                "No module named 'PIL'\n" + kReady);
    const CheckResult result = stage.check();
    const Finding* finding = test::find_code(result, Cause::route_load_failed);
    BOOST_REQUIRE(finding != nullptr);
    BOOST_TEST(text(finding->args.at("variant")) == "package");
    BOOST_TEST(text(finding->args.at("command")) == "/opt/my\\ comfy/bin/python -m pip install pillow");
    BOOST_REQUIRE_EQUAL(finding->evidence.size(), 1U);
    BOOST_TEST(finding->evidence.front().line.value() == 4);
    BOOST_TEST(finding->evidence.front().file == (stage.root / "user" / "comfyui.log").string());
}

BOOST_AUTO_TEST_CASE(a_module_that_lies_there_by_now_is_not_called_missing) {
    for (const char* file : {"logger.py", "logger.so", "logger.cp311-win_amd64.pyd"}) {
        Stage stage(kStart + kTitle + kFailed + "No module named 'logger'\n");
        stage.folder.write("ComfyUI/custom_nodes/p/" + std::string(file), "");
        const CheckResult result = stage.check();
        const Finding* finding = test::find_code(result, Cause::route_load_failed);
        BOOST_REQUIRE(finding != nullptr);
        BOOST_TEST(text(finding->args.at("variant")) == "own-module-there", file);
    }
}

BOOST_AUTO_TEST_CASE(the_interpreter_of_the_install_is_used_where_the_log_names_none) {
    Stage stage(kStart + kTitle + kFailed + "No module named 'requests'\n");
    stage.folder.write("ComfyUI/venv/bin/python", "");
    const CheckResult result = stage.check();
    BOOST_TEST(text(test::find_code(result, Cause::route_load_failed)->args.at("command")) ==
               (stage.root / "venv/bin/python").string() + " -m pip install requests");
}

BOOST_AUTO_TEST_CASE(other_load_errors_name_what_is_wrong) {
    struct Case {
        std::string exception;
        std::string variant;
    };
    for (const Case& entry :
         {Case{"No module named 'balance_service'", "own-module"},
          Case{"cannot import name 'x' from 'logger' (/y/logger.py)", "foreign-module"},
          Case{"DLL load failed while importing x", "binary"},
          Case{"Python version mismatch: module was compiled for Python 3.10, but the interpreter version "
               "is "
               "incompatible: 3.12.4",
               "other-python"},
          Case{"/comfy/custom_nodes/b/core.cpython-312-x86_64-linux-gnu.so: failed to map segment from "
               "shared "
               "object",
               "no-exec"},
          Case{"libGL.so.1: cannot open shared object file", "library"},
          Case{"invalid syntax (Gemini_Imagen_Generator.py, line 12)", "source"},
          Case{"unexpected indent (Gemini_Imagen_Generator.py, line 3)", "source"},
          Case{"[Errno 13] Permission denied: '/x/config.ini'", "permission"},
          Case{"[WinError 5] 拒绝访问。: 'D:\\\\x\\\\y.json'", "permission"},
          Case{"[Errno 28] No space left on device: '/x/cache'", "disk-full"},
          Case{"[Errno 28] No space left on device", "disk-full-unnamed"},
          Case{"'gbk' codec can't decode byte 0x8c in position 3: illegal multibyte sequence", "encoding"},
          Case{"'x' is not defined", ""}, Case{"No module named '$(x)'", ""}}) {
        Stage stage(kStart + kTitle + kFailed + entry.exception + "\n");
        const CheckResult result = stage.check();
        const Finding* finding = test::find_code(result, Cause::route_load_failed);
        BOOST_REQUIRE(finding != nullptr);
        BOOST_TEST(finding->args.contains("variant") == !entry.variant.empty());
        if (!entry.variant.empty()) {
            BOOST_TEST(text(finding->args.at("variant")) == entry.variant);
        }
        BOOST_TEST(text(finding->args.at("exception")) == entry.exception);
    }
}

BOOST_AUTO_TEST_CASE(the_words_of_the_traceback_decide_the_remedy) {
    struct Case {
        std::string exception, remedy, before = {};
    };
    for (const Case& entry :
         {Case{"numpy.core.multiarray failed to import", "numpy",
               "A module that was compiled using NumPy 1.x cannot be run in\n"},
          Case{"DLL load failed while importing _imaging: The specified module could not be found.", "library-windows"},
          Case{"libGL.so.1: cannot open shared object file", "library-debian"},
          Case{"module 'x': _ARRAY_API not found", "numpy"},
          Case{"numpy.core.multiarray failed to import", "numpy-unclear"},
          Case{"`np.float_` was removed in the NumPy 2.0 release.", "numpy-name"},
          Case{"DLL load failed while importing _C: The specified module could not be found.",
               "library-windows-unnamed"},
          Case{"DLL load failed while importing cv2: x", "library-windows-choice"},
          Case{"/v/lib/python3.11/site-packages/torch/lib/x.so: undefined symbol: y", "card-package"},
          Case{"/v/lib/python3.11/site-packages/nvidia/x.so: undefined symbol: y", "card-package"},
          Case{"libcudart.so.12: cannot open shared object file: No such file or directory", "library-card"},
          Case{"No module named 'xformers'", "card-package"},
          Case{"[WinError 126] x. Error loading \"D:\\\\a\\\\Lib\\\\site-packages\\\\torch\\\\lib\\\\fbgemm.dll\"",
               "library-windows-card"},
          Case{"[WinError 1455] x. Error loading \"D:\\a\\Lib\\site-packages\\torch\\lib\\c.dll\"", "library-memory"},
          Case{"No module named 'torchvision.transforms.functional_tensor'", "card-package"},
          Case{"No module named 'diffusers.models.x'", "version-unknown"},
          Case{"No module named 'some_helper'", "package-guessed"},
          Case{"/l/libc.so.6: version `GLIBC_2.38' not found (required by /p/x.so)", "library-runtime"}}) {
        Stage stage(kStart + entry.before + kTitle + kFailed + entry.exception + "\n");
        const CheckResult result = stage.check();
        const Finding* finding = test::find_code(result, Cause::route_load_failed);
        BOOST_REQUIRE(finding != nullptr);
        BOOST_TEST(finding->args.contains("fix_variant") == !entry.remedy.empty(), entry.exception);
        if (!entry.remedy.empty()) {
            BOOST_TEST(text(finding->args.at("fix_variant")) == entry.remedy);
        }
    }
}

std::string fix_of(Stage& stage, std::string_view member) {
    const CheckResult result = stage.check();
    const Finding* finding = test::find_code(result, Cause::route_load_failed);
    BOOST_REQUIRE(finding != nullptr);
    return finding->args.contains(member) ? text(finding->args.at(member)) : std::string();
}

BOOST_AUTO_TEST_CASE(no_command_takes_pytorch_or_anything_built_for_it) {
    Stage guessed(kStart + kTitle + kFailed + "No module named 'some_helper'\n");
    BOOST_TEST(fix_of(guessed, "command").empty());  // a package of that name may be anybody's
    for (const char* package : {"torch", "torchvision", "torchaudio", "xformers", "triton", "nvidia.cudnn"}) {
        Stage missing(kStart + kTitle + kFailed + "No module named '" + package + "'\n");
        BOOST_TEST(fix_of(missing, "command").empty(), package);
        Stage broken(kStart + kTitle + kFailed + "/v/lib/python3.11/site-packages/" + package +
                     "/lib/x.so: undefined symbol: y\n");
        BOOST_TEST(fix_of(broken, "command").empty(), package);
    }
}

BOOST_AUTO_TEST_CASE(opencv_is_installed_again_as_the_package_that_is_there) {
    const std::string broken = kStart + kTitle + kFailed + "/v/site-packages/cv2/cv2.abi3.so: undefined symbol: y\n";
    Stage one(broken);
    one.folder.write("ComfyUI/venv/bin/python", "");
    one.folder.write("ComfyUI/venv/lib/python3.11/site-packages/opencv_python_headless-4.10.0.84.dist-info/METADATA",
                     "");
    BOOST_TEST(fix_of(one, "command")
                   .ends_with(" -m pip install --force-reinstall --no-deps opencv-python-headless==4.10.0.84"));
    Stage several(broken);
    several.folder.write("ComfyUI/venv/bin/python", "");
    for (const char* name : {"opencv_python-4.11.0.86", "opencv_contrib_python-4.10.0.84"}) {
        several.folder.write("ComfyUI/venv/lib/python3.11/site-packages/" + std::string(name) + ".dist-info/METADATA",
                             "");
    }
    BOOST_TEST(fix_of(several, "fix_variant") == "library-several");
    Stage unknown(broken);
    BOOST_TEST(fix_of(unknown, "fix_variant") == "library-choice");
    BOOST_TEST(fix_of(unknown, "command").empty());
}

BOOST_AUTO_TEST_CASE(a_python_that_no_numpy_1_exists_for_is_told_to_keep_numpy) {
    Stage stage(kStart + "A module that was compiled using NumPy 1.x cannot be run in\n" + kTitle + kFailed +
                "numpy.core.multiarray failed to import\n");
    stage.found_server();
    stage.context.found.server->python_version = "3.13.1 (main, Jan 1 2025)";
    BOOST_TEST(fix_of(stage, "fix_variant") == "numpy-only-2");
}

BOOST_AUTO_TEST_CASE(an_old_binary_beside_the_plugins_source_is_no_other_node) {
    Stage stage(kStart + kTitle + kFailed +
                "cannot import name 'ConfigManager' from 'config_manager' (/x/custom_nodes/p/config_manager.so)\n" +
                kReady);
    CheckResult result = stage.check();
    BOOST_TEST(!test::find_code(result, Cause::route_load_failed)->args.contains("variant"));
    stage.folder.write("ComfyUI/custom_nodes/p/config_manager.py", "");
    test::write_bytes(stage.root / "custom_nodes" / "p" / "config_manager.so", test::kElfStart);
    result = stage.check();
    const Finding* finding = test::find_code(result, Cause::route_load_failed);
    BOOST_TEST(text(finding->args.at("variant")) == "stale-binary");
    BOOST_TEST(text(finding->args.at("command")).find("config_manager.so.disabled") != std::string::npos);
}

}  // namespace
}  // namespace banana
