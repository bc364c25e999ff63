// Why a module failed to load, by the words of the log.
#include "log_scanner.hpp"
#include "log_text.hpp"
#include "support/log_samples.hpp"

#include <boost/test/unit_test.hpp>

using namespace banana;
using namespace banana::test;

BOOST_AUTO_TEST_SUITE(test_log_failures)

BOOST_AUTO_TEST_CASE(why_a_module_failed_to_load) {
    struct Case {
        std::string exception;
        LoadFailure kind;
        std::string module;
    };
    for (const Case& entry :
         {Case{"No module named 'PIL'", LoadFailure::package_missing, "PIL"},
          Case{"No module named 'google.genai'", LoadFailure::package_missing, "google.genai"},
          Case{"No module named 'balance_service'", LoadFailure::own_module_missing, "balance_service"},
          Case{"cannot import name 'logger' from 'logger' (/x/custom_nodes/other/logger.py)",
               LoadFailure::foreign_module, "logger"},
          Case{"cannot import name logger", LoadFailure::foreign_module, "logger"},
          Case{"module 'config_manager' has no attribute 'ConfigManager'", LoadFailure::foreign_module,
               "config_manager"},
          Case{"DLL load failed while importing balance_service: x", LoadFailure::binary_unusable, ""},
          Case{"DLL load failed while importing _imaging: x", LoadFailure::library_unusable, ""},
          Case{"DLL load failed while importing cv2: x", LoadFailure::library_unusable, ""},
          Case{"libGL.so.1: cannot open shared object file: No such file or directory", LoadFailure::library_unusable,
               ""},
          Case{"/v/site-packages/PIL/_imaging.so: undefined symbol: x", LoadFailure::library_unusable, ""},
          Case{"numpy.core.multiarray failed to import", LoadFailure::library_unusable, ""},
          Case{"cannot import name 'x' from 'urllib3.util' (/v/site-packages/urllib3/util/__init__.py)",
               LoadFailure::package_version, "urllib3.util.x"},
          Case{"cannot import name 'x' from 'logger' (/v/site-packages/logger.py)", LoadFailure::foreign_module,
               "logger"},
          Case{"libpython3.10.so.1.0: cannot open shared object file", LoadFailure::binary_unusable, ""},
          Case{"/x/y.so: invalid ELF header", LoadFailure::binary_unusable, ""},
          Case{"/x/y.so: file too short", LoadFailure::binary_unusable, ""},
          Case{"/x/y.so: wrong ELF class: ELFCLASS32", LoadFailure::binary_unusable, ""},
          Case{"invalid syntax (Gemini_Imagen_Generator.py, line 12)", LoadFailure::source_broken, ""},
          Case{"invalid syntax (../../secrets.py, line 1)", LoadFailure::other, ""},
          Case{"invalid syntax (C:\\secrets.py, line 1)", LoadFailure::other, ""},
          Case{"invalid syntax (Gemini_Imagen_Generator.py, line 0)", LoadFailure::other, ""}}) {
        BOOST_TEST_CONTEXT(entry.exception) {
            const LogScan log = scan(failed(entry.exception));
            BOOST_REQUIRE(log.load_error.has_value());
            BOOST_TEST((log.load_error->kind == entry.kind));
            BOOST_TEST(log.load_error->module == entry.module);
            BOOST_TEST(log.load_error->exception == entry.exception);
            BOOST_TEST(log.load_error->line.number == 6);
        }
    }
}

BOOST_AUTO_TEST_CASE(failures_of_optional_parts_are_no_cause) {
    const LogScan log = scan(kStart +
                             "心宝❤Banana Loader\n"
                             "✅ 成功加载节点文件: balance_service.so\n"
                             "❌ 加载节点文件失败 banana_local_crop.so: No module named 'skimage'\n"
                             "加载子包 segment_nodes_li 失败: No module named 'skimage'\n"
                             "✅ 成功加载节点文件: Gemini_Imagen_Generator.so\n" +
                             kReady);
    BOOST_TEST(!log.load_error.has_value());
    BOOST_TEST(log.node_file_loaded.value());
    BOOST_TEST(log.notes.size() == 5U);
    // Another plugin's file whose name begins alike is none of ours, in failure or success.
    const std::string failure_of_other = "❌ 加载节点文件失败 Gemini_Imagen_Generator_Pro.py: No module named 'x'\n";
    BOOST_TEST(!scan(kStart + kLoaded + failure_of_other + kReady).load_error.has_value());
    const LogScan helper = scan(kStart +
                                "❌ 加载节点文件失败 Gemini_Imagen_Generator.py: No module named 'PIL'\n"
                                "✅ 成功加载节点文件: Gemini_Imagen_Generator_helper.py\n" +
                                kReady);
    BOOST_TEST(helper.load_error.has_value());
    for (const std::string ending :
         {".py", ".so", ".darwin.so", ".abi3.so", ".cp311-win_amd64.pyd", ".cpython-311-x86_64-linux-gnu.so"}) {
        const LogScan own = scan(kStart + "✅ 成功加载节点文件: Gemini_Imagen_Generator" + ending + "\n" + kReady);
        BOOST_TEST(own.node_file_loaded.value_or(false), ending);
    }
    for (const std::string ending : {".bak.py", ".old.so", ".py.txt", ".cp311-win_amd64.bak.pyd"}) {
        const LogScan other = scan(kStart + "✅ 成功加载节点文件: Gemini_Imagen_Generator" + ending + "\n" + kReady);
        BOOST_TEST(!other.node_file_loaded.value_or(false), ending);
    }
    // A helper's success says nothing where the node file itself failed.
    const LogScan broken = scan(kStart +
                                "✅ 成功加载节点文件: balance_service.so\n"
                                "❌ 加载节点文件失败 Gemini_Imagen_Generator.so: undefined symbol: x\n");
    BOOST_TEST(!broken.node_file_loaded.value());
}

BOOST_AUTO_TEST_CASE(a_folder_that_comfyui_could_not_import) {
    const std::string text = kStart +
                             "Traceback (most recent call last):\n"
                             "  File \"/opt/comfy/nodes.py\", line 2000, in load_custom_node\n"
                             "ModuleNotFoundError: No module named 'logger'\n"
                             "\n"
                             "Cannot import /opt/comfy/custom_nodes/comfyui-banana-gemini module for custom nodes: "
                             "No module named 'logger'\n"
                             "Import times for custom nodes:\n"
                             "   0.0 seconds (IMPORT FAILED): /opt/comfy/custom_nodes/comfyui-banana-gemini\n";
    const LogScan log = scan(text);
    BOOST_REQUIRE(log.load_error.has_value());
    BOOST_TEST((log.load_error->kind == LoadFailure::own_module_missing));
    BOOST_TEST(log.load_error->line.number == 9);
    BOOST_TEST(!log.fatal.has_value());
    // Windows paths, and another folder's failure.
    BOOST_TEST(scan("   0.0 seconds (IMPORT FAILED): F:\\ComfyUI\\custom_nodes\\comfyui-banana-gemini\n")
                   .load_error.has_value());
    BOOST_TEST(!scan("   0.0 seconds (IMPORT FAILED): F:\\ComfyUI\\custom_nodes\\another\n").load_error.has_value());
}

BOOST_AUTO_TEST_CASE(fatal_ends) {
    const std::string traceback = "Traceback (most recent call last):\n  File \"main.py\", line 1, in <module>\n";
    const auto fatal = [&](const std::string& rest) { return scan(kStart + kTitle + traceback + rest).fatal; };
    BOOST_TEST((fatal("RuntimeError: Added route will never be executed, method HEAD is already registered\n")->kind ==
                FatalKind::duplicate_route));
    BOOST_TEST((fatal("UnicodeEncodeError: 'gbk' codec can't encode character '\\U0001f34c' in position 0\n")->kind ==
                FatalKind::console_encoding));
    BOOST_TEST(
        (fatal("OSError: [Errno 98] error while attempting to bind on address: address already in use\n")->kind ==
         FatalKind::port_in_use));
    BOOST_TEST((fatal("torch.cuda.OutOfMemoryError: no memory\n\nPress any key to continue . . .\n")->kind ==
                FatalKind::other));
    BOOST_TEST(fatal("torch.cuda.OutOfMemoryError: no memory\n")->line.text ==
               "torch.cuda.OutOfMemoryError: no memory");
    BOOST_TEST(fatal("ValueError: x\n")->certain);
    BOOST_TEST(fatal("ValueError: x\nPress any key to continue . . .\n")->certain);
    BOOST_TEST(!fatal("ValueError: x\nan ordinary line\n")->certain);
    BOOST_TEST(
        !scan(kStart + "Traceback (most recent call last):\n  File \"/x/thread.py\", line 1, in run\nValueError: x\n")
             .fatal->certain);
    const auto long_text =
        fatal("RuntimeError: Error(s) in loading state_dict for X:\n" +
              std::string("\tsize mismatch for a: b\n\tsize mismatch for c: d\n\tsize mismatch\n\tmore\n"));
    BOOST_REQUIRE(long_text.has_value());
    BOOST_TEST(long_text->certain);
    // A text without the beginning of a start may be anything.
    BOOST_TEST(!scan(traceback + "ValueError: x\n").fatal.has_value());
    BOOST_TEST(!fatal("KeyboardInterrupt\n").has_value());
    BOOST_TEST(!fatal("ValueError: caught by another node\na\nb\nc\nd\n").has_value());
    BOOST_TEST(!scan(kStart + kReady + traceback + "ValueError: of a later request\n").fatal.has_value());
    BOOST_TEST(
        (scan(kStart + "Port 8188 is already in use on address 127.0.0.1.\n").fatal->kind == FatalKind::port_in_use));
}

BOOST_AUTO_TEST_CASE(which_numpy_is_too_new_only_the_words_tell) {
    const std::string size = "numpy.dtype size changed, may indicate binary incompatibility. ";
    BOOST_TEST((numpy_trouble(size + "Expected 88 from C header, got 96 from PyObject") == NumpyTrouble::too_new));
    BOOST_TEST((numpy_trouble(size + "Expected 96 from C header, got 88 from PyObject") == NumpyTrouble::too_old));
    BOOST_TEST((numpy_trouble(size) == NumpyTrouble::other));
    BOOST_TEST((numpy_trouble("`np.float_` was removed in the NumPy 2.0 release.") == NumpyTrouble::old_name));
    BOOST_TEST((numpy_trouble("numpy.core.multiarray failed to import") == NumpyTrouble::other));
    BOOST_TEST((numpy_trouble("No module named 'numpy'") == NumpyTrouble::none));
}

BOOST_AUTO_TEST_CASE(a_module_for_numpy_1_is_told_by_the_words_before_the_exception) {
    const LogScan told = scan_log(
        "A module that was compiled using NumPy 1.x cannot be run in\nNumPy 2.2.6 as it may crash.\n"
        "[12:00:00] [Main]   ❌ 加载节点文件失败 Gemini_Imagen_Generator.py: numpy.core.multiarray failed to import\n",
        "plugin", true);
    BOOST_TEST(told.numpy_1_module);
    BOOST_REQUIRE(told.load_error);
    BOOST_TEST((told.load_error->kind == LoadFailure::library_unusable));
}

BOOST_AUTO_TEST_SUITE_END()
