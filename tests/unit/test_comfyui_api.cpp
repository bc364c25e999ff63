// Questions to a server that may not answer.
#include "comfyui_api.hpp"
#include "support/run_check.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/test/unit_test.hpp>

#include <string>

using namespace banana;
using namespace banana::test;

namespace {

std::string address;

boost::asio::awaitable<CheckResult> examines(RunContext& context) {
    std::vector<std::string> urls{address};
    const std::vector<Identification> found = co_await examine_servers(context, std::move(urls));
    CheckResult result;
    result.facts["unresponsive"] = found.front().kind == ServerKind::unresponsive;
    co_return result;
}

}  // namespace

BOOST_AUTO_TEST_CASE(who_was_found_silent_is_not_waited_for_again) {
    namespace asio = boost::asio;
    asio::io_context io;
    asio::ip::tcp::acceptor silent(io, {asio::ip::address_v4::loopback(), 0});
    address = "http://127.0.0.1:" + std::to_string(silent.local_endpoint().port());
    CheckStage stage;
    stage.options.timeout = std::chrono::milliseconds(100);
    BOOST_TEST(stage.run(examines).facts.at("unresponsive").as_bool());
    silent.non_blocking(true);
    asio::ip::tcp::socket first(io);
    boost::system::error_code error;
    silent.accept(first, error);
    BOOST_TEST(!error);
    BOOST_TEST(stage.run(examines).facts.at("unresponsive").as_bool());
    asio::ip::tcp::socket second(io);
    silent.accept(second, error);
    BOOST_TEST((error == asio::error::would_block));
}
