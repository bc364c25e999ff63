#include <boost/test/unit_test.hpp>

#include "log_files.hpp"
#include "log_scanner.hpp"
#include "log_text.hpp"
#include "python_packages.hpp"
#include "support/plugin_fixture.hpp"

#include <chrono>
#include <fstream>

using namespace banana;

BOOST_AUTO_TEST_SUITE(test_log_scanner)

namespace fs = std::filesystem;

namespace {

using banana::test::TemporaryFolder;

constexpr std::string_view kFolder = "comfyui-banana-gemini";

const std::string kStart =
    "** ComfyUI startup time: 2025-11-12 16:40:00.000\n"
    "** Python executable: /opt/comfy/venv/bin/python\n"
    "Total VRAM 8192 MB, total RAM 32768 MB\n"
    "Checkpoint files will always be loaded safely.\n";
const std::string kLoaded =
    "\x1b[95m[16:40:03][Main]   ═══ 🍌 Banana Node Loader\x1b[0m\n"
    "\x1b[92m[16:40:03][Main]   ✅ 成功加载节点文件: Gemini_Imagen_Generator.py\x1b[0m\n"
    "[16:40:03][Main]   · 总共加载了 1 个自定义节点\n"
    "[16:40:03][Main]   ·    - 心宝❤Banana (BananaImageNode)\n";
const std::string kReady =
    "Import times for custom nodes:\n"
    "   0.3 seconds: /opt/comfy/custom_nodes/comfyui-banana-gemini\n"
    "Starting server\n"
    "To see the GUI go to: http://127.0.0.1:8188\n";
const std::string kTitle = "[16:40:03][Main]   ═══ 🍌 Banana Node Loader\n";

LogScan scan(const std::string& text, bool complete = true) {
    return scan_log(decode_log(text), kFolder, complete);
}

std::string failed(const std::string& exception) {
    return kStart + kTitle + "[16:40:03][Main]   ❌ 加载节点文件失败 Gemini_Imagen_Generator.py: " + exception + "\n" +
           kReady;
}

BOOST_AUTO_TEST_CASE(a_healthy_start) {
    const LogScan log = scan(kStart + kLoaded + kReady);
    BOOST_TEST(log.start_seen);
    BOOST_TEST(log.server_ready);
    BOOST_TEST(log.loader_titles == 1);
    BOOST_TEST(log.node_file_loaded.value());
    BOOST_TEST(!log.load_error.has_value());
    BOOST_TEST(!log.fatal.has_value());
    BOOST_TEST(log.python == "/opt/comfy/venv/bin/python");
    BOOST_REQUIRE_EQUAL(log.notes.size(), 4U);
    BOOST_TEST(log.notes[1].number == 6);
    BOOST_TEST(log.notes[1].text == "✅ 成功加载节点文件: Gemini_Imagen_Generator.py");
}

BOOST_AUTO_TEST_CASE(only_the_last_start_counts) {
    const std::string broken = failed("No module named 'PIL'");
    BOOST_TEST(!scan(broken + kStart + kLoaded + kReady).load_error.has_value());
    BOOST_TEST(scan(kStart + kLoaded + kReady + broken).load_error.has_value());
    BOOST_TEST(!scan(kStart + kLoaded + kReady + broken).node_file_loaded.value());
    // The beginning of a start spreads over several lines that all belong to it.
    BOOST_TEST(scan("[START] Security scan\n" + kStart + kLoaded).start_seen);
}

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
          Case{"invalid syntax (Gemini_Imagen_Generator.py, line 12)", LoadFailure::other, ""}}) {
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

BOOST_AUTO_TEST_CASE(lines_of_the_route_and_of_queries) {
    const LogScan log =
        scan(kStart + kLoaded + "检测到已有 /banana/token_usage GET 路由，跳过重复注册以避免 HEAD 冲突\n" + kReady +
             "❌ 读取配置文件失败: File contains no section headers.\n"
             "❌ 余额查询失败，错误摘要: 网络错误 (SSLError)\n"
             "❌ 余额查询失败，错误摘要: HTTP 错误\n"
             "❌ /banana/token_usage 刷新失败: 余额查询失败\n");
    BOOST_TEST(log.route_taken.has_value());
    BOOST_TEST(log.config_error.has_value());
    BOOST_TEST(log.failure_summary == "HTTP 错误");
}

BOOST_AUTO_TEST_CASE(time_stamps_of_every_writer_are_passed_over) {
    for (const char* prefix : {"", "[2025-11-12 16:40:00.123] ", "[INFO] ", "[2025-11-12 16:40:00.123] [INFO] "}) {
        const LogScan log = scan(kStart + prefix + "[16:40:03][Main]   ❌ 加载节点文件失败 " +
                                 "Gemini_Imagen_Generator.py: No module named 'PIL'\n");
        BOOST_REQUIRE(log.load_error.has_value());
        BOOST_TEST(log.load_error->line.text == "❌ 加载节点文件失败 Gemini_Imagen_Generator.py: No module named 'PIL'");
    }
}

BOOST_AUTO_TEST_CASE(without_the_beginning_lines_have_no_numbers) {
    BOOST_TEST(scan(failed("No module named 'PIL'"), false).load_error->line.number == 0);
    BOOST_TEST(!scan(kLoaded).start_seen);
    BOOST_TEST(scan(kLoaded).node_file_loaded.value());
    BOOST_TEST(!scan("").node_file_loaded.has_value());
}

std::string utf16(const std::string& ascii, bool big, bool mark) {
    std::string out = !mark ? "" : big ? "\xFE\xFF" : "\xFF\xFE";
    for (const char c : ascii) {
        out += big ? std::string{'\0', c} : std::string{c, '\0'};
    }
    return out;
}

BOOST_AUTO_TEST_CASE(any_encoding) {
    // "加载节点文件失败" in GBK.
    const std::string gbk = "\xBC\xD3\xD4\xD8\xBD\xDA\xB5\xE3\xCE\xC4\xBC\xFE\xCA\xA7\xB0\xDC";
    BOOST_TEST(decode_log(gbk) == "加载节点文件失败");
    const LogScan log =
        scan(kStart + "加载子包 a 失败\n" + gbk + " Gemini_Imagen_Generator.py: No module named 'x'\r\n");
    BOOST_TEST(log.load_error.has_value());
    const std::string ascii = "Total VRAM 1\r\nTo see the GUI go to: http://127.0.0.1:8188\r\n";
    for (const bool big : {false, true}) {
        for (const bool mark : {false, true}) {
            const LogScan wide = scan(utf16(ascii, big, mark));
            BOOST_TEST(wide.start_seen);
            BOOST_TEST(wide.server_ready);
        }
    }
    BOOST_TEST(decode_log("\xEF\xBB\xBFx\n") == "x\n");
    BOOST_TEST(decode_log("a\xFF\xFF"
                          "b\n") ==
               "a\xEF\xBF\xBD\xEF\xBF\xBD"
               "b\n");
    BOOST_TEST(decode_log("\x1b[31mred\x1b[0m\r\nplain\n") == "red\nplain\n");
}

BOOST_AUTO_TEST_CASE(progress_bars_do_not_hide_lines) {
    const LogScan log = scan(kStart + "  0%|\r 50%|\r100%|\rTo see the GUI go to: http://127.0.0.1:8188\n");
    BOOST_TEST(log.server_ready);
}

BOOST_AUTO_TEST_CASE(a_huge_log_is_read_from_its_end) {
    const TemporaryFolder folder;
    const fs::path path = folder.write("comfyui.log", failed("No module named 'old'"));
    // A sparse file: a gigabyte by its size.
    fs::resize_file(path, 1024UL * 1024 * 1024);
    {
        std::ofstream stream(path, std::ios::binary | std::ios::app);
        stream << "\n" << kStart << kLoaded << kReady;
    }
    const LogText log = read_log_end(path, 64 * 1024);
    BOOST_TEST(!log.problem.has_value());
    BOOST_TEST(!log.complete);
    BOOST_TEST(log.text.size() <= 3 * 64 * 1024 + 16);
    BOOST_TEST(scan_log(log.text, kFolder, log.complete).node_file_loaded.value());
}

BOOST_AUTO_TEST_CASE(what_is_no_readable_file) {
    const TemporaryFolder folder;
    BOOST_TEST((read_log_end(folder.path()).problem == FileProblem::folder));
    BOOST_TEST((read_log_end(folder.path() / "none").problem == FileProblem::missing));
    fs::create_symlink("loop", folder.path() / "loop");
    BOOST_TEST((read_log_end(folder.path() / "loop").problem == FileProblem::link_loop));
    BOOST_TEST(read_log_end(folder.write("empty.log", "")).complete);
}

BOOST_AUTO_TEST_CASE(which_file_is_the_newest_start) {
    const TemporaryFolder folder;
    const fs::path root = test::make_comfyui(folder);
    Surroundings surroundings;
    surroundings.search_machine = false;
    const auto write = [&](const char* name, int age_minutes) {
        const fs::path path = folder.write(name, "x\n");
        fs::last_write_time(path, fs::file_time_type::clock::now() - std::chrono::minutes(age_minutes));
        return path;
    };
    const fs::path old_place = write("ComfyUI/comfyui.log", 30);
    const fs::path in_user = write("ComfyUI/user/comfyui.log", 20);
    const fs::path by_port = write("ComfyUI/user/comfyui_8189.log", 25);
    const fs::path above = write("comfyui.log", 10);
    write("ComfyUI/user/comfyui.prev.log", 1);
    write("ComfyUI/user/comfyui.prev2.log", 1);
    LogPlaces places;
    places.comfyui_dir = root;
    write("ComfyUI/user/comfyui-manager-notes.log", 1);
    const std::vector<fs::path> by_time{above, in_user, by_port, old_place};
    std::vector<fs::path> found;
    for (const LogFile& file : find_log_files(places, surroundings)) {
        found.push_back(file.path);
    }
    BOOST_TEST((found == by_time));
    places.port = 8189;
    BOOST_TEST(find_log_files(places, surroundings).front().path == by_port);
    write("ComfyUI/user/comfyui_8189.log", 60 * 24 * 365);
    BOOST_TEST(find_log_files(places, surroundings).front().path == above);
    places.argv = {"main.py", "--user-directory", (folder.path() / "users").string()};
    const fs::path moved = write("users/comfyui_8189.log", 2);
    BOOST_TEST(find_log_files(places, surroundings).front().path == moved);
}

BOOST_AUTO_TEST_CASE(lines_with_a_value) {
    BOOST_TEST(lines_containing("a\nkey\nb key key\n", "key") == (std::vector<int>{2, 3}),
               boost::test_tools::per_element());
    BOOST_TEST(lines_containing("a\n", "").empty());
}

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

BOOST_AUTO_TEST_CASE(which_numpy_is_too_new_only_the_words_tell) {
    const std::string size = "numpy.dtype size changed, may indicate binary incompatibility. ";
    BOOST_TEST((numpy_trouble(size + "Expected 88 from C header, got 96 from PyObject") == NumpyTrouble::too_new));
    BOOST_TEST((numpy_trouble(size + "Expected 96 from C header, got 88 from PyObject") == NumpyTrouble::too_old));
    BOOST_TEST((numpy_trouble(size) == NumpyTrouble::other));
    BOOST_TEST((numpy_trouble("`np.float_` was removed in the NumPy 2.0 release.") == NumpyTrouble::old_name));
    BOOST_TEST((numpy_trouble("numpy.core.multiarray failed to import") == NumpyTrouble::other));
    BOOST_TEST((numpy_trouble("No module named 'numpy'") == NumpyTrouble::none));
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

BOOST_AUTO_TEST_CASE(a_refused_origin_is_told_with_both_names) {
    const LogScan told = scan_log(
        "[12:00:00] [WARNING] WARNING: request with non matching host and origin 127.0.0.1 != my-pc.lan, returning "
        "403\n"
        "request with non matching host and origin\n",
        "", true);
    BOOST_REQUIRE(told.refused_origin);
    BOOST_TEST(told.refused_origin->host == "127.0.0.1");
    BOOST_TEST(told.refused_origin->origin == "my-pc.lan");
    BOOST_TEST(told.refused_origin->line.number == 1);
    BOOST_TEST(!scan_log("no origin is refused here\n", "", true).refused_origin);
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

}  // namespace

BOOST_AUTO_TEST_SUITE_END()
