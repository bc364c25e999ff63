// The exception by which the balance route's code ended.
#include "handler_crash.hpp"

#include <boost/test/unit_test.hpp>

using namespace banana;

namespace {

std::string crash_log(const std::string& file, const std::string& tag = "") {
    return "Starting server\n" + tag +
           "Error handling request from 127.0.0.1\nTraceback (most recent call last):\n"
           "  File \"/venv/aiohttp/web_protocol.py\", line 477, in _handle_request\n    resp = await handler(request)\n"
           "  File \"" +
           file +
           "\", line 98, in handle_token_usage\n    key = table[key]\n          ~~~~~^^^^^\n"
           "  File \"/usr/lib/python3.11/json/decoder.py\", line 355, in raw_decode\n    raise x\nKeyError: 'gemini'\n";
}

}  // namespace

BOOST_AUTO_TEST_SUITE(test_handler_crash)

BOOST_AUTO_TEST_CASE(the_line_of_the_plugin_and_the_exceptions_text_are_found) {
    for (const char* file : {"/x/custom_nodes/comfyui-banana-li/Gemini_Imagen_Generator.py",
                             "D:\\ComfyUI\\custom_nodes\\comfyui-banana-li\\Gemini_Imagen_Generator.py"}) {
        for (const char* tag : {"", "[ERROR] "}) {
            const auto crash = last_handler_crash(crash_log(file, tag) + "got prompt\n", "comfyui-banana-li");
            BOOST_REQUIRE(crash);
            BOOST_TEST(crash->file == "comfyui-banana-li/Gemini_Imagen_Generator.py");
            BOOST_TEST(crash->line == 98);
            BOOST_TEST(crash->exception == "KeyError: 'gemini'");
        }
    }
    // A binary's traceback names no folder.
    const auto compiled = last_handler_crash(crash_log("Gemini_Imagen_Generator.py"), "comfyui-banana-li");
    BOOST_REQUIRE(compiled);
    BOOST_TEST(compiled->file == "Gemini_Imagen_Generator.py");
}

BOOST_AUTO_TEST_CASE(of_chained_exceptions_the_last_one_counts) {
    const std::string log = crash_log("/x/comfyui-banana-li/a.py") +
                            "\nDuring handling of the above exception, another exception occurred:\n\n"
                            "Traceback (most recent call last):\n"
                            "  File \"/x/comfyui-banana-li/b.py\", line 7, in c\n    d()\nOSError: [Errno 13] e\n"
                            "KeyError: of another line\n";
    const auto crash = last_handler_crash(log, "comfyui-banana-li");
    BOOST_REQUIRE(crash);
    BOOST_TEST(crash->file == "comfyui-banana-li/b.py");
    BOOST_TEST(crash->line == 7);
    BOOST_TEST(crash->exception == "OSError: [Errno 13] e");
}

BOOST_AUTO_TEST_CASE(another_routes_crash_is_not_the_plugins) {
    const std::string own = crash_log("/x/comfyui-banana-li/a.py");
    BOOST_TEST(!last_handler_crash(own + crash_log("/x/other-node/routes.py"), "comfyui-banana-li"));
    BOOST_TEST(!last_handler_crash("Traceback (most recent call last):\n", "comfyui-banana-li"));
    BOOST_TEST(!last_handler_crash(own.substr(0, own.find("KeyError")), "comfyui-banana-li"));
    BOOST_TEST(!last_handler_crash("", ""));
}

BOOST_AUTO_TEST_SUITE_END()
