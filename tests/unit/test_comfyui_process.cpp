// Where ComfyUI is looked for besides the usual ports.
#include "comfyui_process.hpp"
#include "listening_sockets.hpp"
#include "process_view.hpp"
#include "redaction.hpp"
#include "support/plugin_fixture.hpp"
#include "support/process.hpp"

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/test/unit_test.hpp>
#include <map>

#include "http_client.hpp"

using namespace banana;
using namespace banana::test;

namespace {

struct Fixture {
    TemporaryFolder folder;
    std::filesystem::path root = make_comfyui(folder);
    boost::asio::io_context io;
    RunOptions options;
    Surroundings surroundings;
    Redactor redactor;
    HttpClient http{io.get_executor()};
    RunContext context{options, surroundings, http, redactor};
};

}  // namespace

BOOST_FIXTURE_TEST_CASE(the_log_names_the_address, Fixture) {
    folder.write(root / "comfyui_9000.log",
                 "To see the GUI go to: http://127.0.0.1:9001\nStarting server\n"
                 "To see the GUI go to: http://0.0.0.0:9002\r\n");
    const std::vector<std::string> urls = further_urls(context, root);
    BOOST_REQUIRE(urls.size() == 1U);
    BOOST_TEST(urls.front() == "http://127.0.0.1:9002");
}

BOOST_FIXTURE_TEST_CASE(a_log_does_not_send_us_to_another_machine, Fixture) {
    folder.write(root / "comfyui.log", "To see the GUI go to: http://192.0.2.7:8188\n");
    BOOST_TEST(further_urls(context, root).empty());
}

BOOST_FIXTURE_TEST_CASE(nothing_of_this_machine_in_the_demo, Fixture) {
    folder.write(root / "comfyui.log", "To see the GUI go to: http://127.0.0.1:9001\n");
    surroundings.search_machine = false;
    BOOST_TEST(further_urls(context, root).empty());
}

BOOST_FIXTURE_TEST_CASE(a_process_is_asked_where_it_listens, Fixture) {
    ProcessOptions from_root;
    from_root.working_directory = root.string();
    BackgroundProcess six({"/usr/bin/python3", "-c",
                           "import socket,time; s=socket.create_server(('::1',0),family=socket.AF_INET6); "
                           "print(s.getsockname()[1],flush=True); time.sleep(60)"},
                          from_root);
    BackgroundProcess four({"/usr/bin/python3", "-c",
                            "import socket,time; s=socket.create_server(('127.0.0.2',0)); "
                            "print(s.getsockname()[1],flush=True); time.sleep(60)"},
                           from_root);
    std::vector<std::string> expected{"http://[::1]:" + *six.read_line(), "http://127.0.0.2:" + *four.read_line()};
    std::sort(expected.begin(), expected.end());
    BOOST_TEST(further_urls(context, root) == expected, boost::test_tools::per_element());
    BOOST_TEST(comfyui_listens(context, root));
}

BOOST_AUTO_TEST_CASE(a_socket_is_its_openers_not_its_childrens) {
    BackgroundProcess opener({"/usr/bin/python3", "-c",
                              "import os,socket,time; s=socket.create_server(('127.0.0.1',0)); child=os.fork(); "
                              "child and print(s.getsockname()[1],flush=True); "
                              "child and (time.sleep(60),os.kill(child,9)) or time.sleep(60)"});
    const int port = std::stoi(*opener.read_line());
    ListenerLook look;
    BOOST_TEST(look.process_at(static_cast<std::uint16_t>(port)).value_or(0) == opener.pid());
}

BOOST_FIXTURE_TEST_CASE(a_process_is_known_by_the_folder_it_was_started_from, Fixture) {
    ProcessOptions from_root;
    from_root.working_directory = root.string();
    const std::string listen =
        "import socket,time; s=socket.create_server(('127.0.0.1',0)); print(s.getsockname()[1],flush=True); "
        "time.sleep(60)";
    BackgroundProcess inside({"/usr/bin/python3", "-c", listen}, from_root);
    ProcessOptions elsewhere;
    elsewhere.working_directory = folder.path().string();
    BackgroundProcess outside({"/usr/bin/python3", "-c", listen}, elsewhere);
    const auto inside_port = static_cast<std::uint16_t>(std::stoi(*inside.read_line()));
    const auto outside_port = static_cast<std::uint16_t>(std::stoi(*outside.read_line()));

    BOOST_TEST(
        further_urls(context, root) == std::vector<std::string>{"http://127.0.0.1:" + std::to_string(inside_port)},
        boost::test_tools::per_element());
    BOOST_TEST((comfyui_process(context, {inside_port}, {}) == inside.pid()));
    BOOST_TEST(!comfyui_process(context, {outside_port}, {}).has_value());
    // A reverse proxy: the one process behind it is ComfyUI.
    BOOST_TEST((comfyui_process(context, {outside_port}, root) == inside.pid()));
}

BOOST_FIXTURE_TEST_CASE(who_only_names_the_main_file_does_not_run_it, Fixture) {
    folder.write(root / "main.py", "import time\nprint('begun', flush=True)\ntime.sleep(60)\n");
    ProcessOptions from_root;
    from_root.working_directory = root.string();
    BackgroundProcess reads({"/usr/bin/tail", "-f", "main.py"}, from_root);
    BOOST_REQUIRE(reads.read_line().has_value());
    BOOST_TEST(!process_running_main(context, root).has_value());
    BackgroundProcess runs({"/usr/bin/python3", "main.py"}, from_root);
    BOOST_REQUIRE(runs.read_line().has_value());
    BOOST_TEST((process_running_main(context, root) == runs.pid()));
}

BOOST_AUTO_TEST_CASE(kernel_and_tables_tell_the_same_listeners) {
    BackgroundProcess listens({"/usr/bin/python3", "-c",
                               "import socket,time; s=socket.create_server(('127.0.0.3',0)); "
                               "t=socket.create_server(('::',0),family=socket.AF_INET6,dualstack_ipv6=True); "
                               "print(s.getsockname()[1],flush=True); print(t.getsockname()[1],flush=True); "
                               "time.sleep(60)"});
    const auto one = static_cast<std::uint16_t>(std::stoi(*listens.read_line()));
    const auto both = static_cast<std::uint16_t>(std::stoi(*listens.read_line()));
    for (const std::vector<ListeningSocket>& sockets : {listening_sockets(), listening_sockets_of_tables()}) {
        std::map<std::uint16_t, std::vector<std::string>> hosts;
        std::map<std::uint16_t, std::uint64_t> inodes;
        for (const ListeningSocket& socket : sockets) {
            hosts[socket.port] = socket.hosts;
            inodes[socket.port] = socket.inode;
        }
        BOOST_TEST(hosts[one] == std::vector<std::string>{"127.0.0.3"}, boost::test_tools::per_element());
        BOOST_TEST((hosts[both] == std::vector<std::string>{"127.0.0.1", "::1"}));
        BOOST_TEST(inodes[one] != 0U);
        BOOST_TEST(inodes[one] != inodes[both]);
    }
}
