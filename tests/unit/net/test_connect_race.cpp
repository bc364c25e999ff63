// Several addresses of one host: their order, who wins, and which failure speaks for all.
#include "connect_race.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/test/unit_test.hpp>
#include <memory>
#include <string>
#include <vector>

using namespace banana;
namespace asio = boost::asio;

BOOST_AUTO_TEST_SUITE(test_connect_race)

namespace {

using asio::ip::tcp;

std::vector<asio::ip::address> addresses(std::initializer_list<const char*> texts) {
    std::vector<asio::ip::address> made;
    for (const char* text : texts) {
        made.push_back(asio::ip::make_address(text));
    }
    return made;
}

std::string text_of(const std::vector<asio::ip::address>& list) {
    std::string text;
    for (const asio::ip::address& address : list) {
        text += (text.empty() ? "" : " ") + address.to_string();
    }
    return text;
}

struct Outcome {
    std::string won;  // the peer's address; empty: none
    std::vector<AddressAttempt> attempts;
    NetworkFailure failure{};
};

Outcome race(asio::io_context& io, const std::vector<asio::ip::address>& hosts, std::uint16_t port) {
    Outcome outcome;
    const auto run = [&]() -> asio::awaitable<void> {
        Watchdog watchdog(io.get_executor(), std::chrono::seconds(60));
        const auto attempts = std::make_shared<ConnectRace>(io.get_executor(), hosts, port);
        std::optional<tcp::socket> socket = co_await attempts->run(watchdog);
        if (socket) {
            outcome.won = socket->remote_endpoint().address().to_string();
        }
        outcome.attempts = attempts->attempts();
        outcome.failure = attempts->failure();
        attempts->close();
    };
    asio::co_spawn(io, run(), asio::detached);
    io.restart();
    io.run();
    return outcome;
}

}  // namespace

// RFC 8305, section 4: the first one's family first, then in turns.
BOOST_AUTO_TEST_CASE(families_alternate) {
    BOOST_TEST(text_of(interleave_families(addresses({"::1", "::2", "::3", "1.1.1.1", "2.2.2.2"}))) ==
               "::1 1.1.1.1 ::2 2.2.2.2 ::3");
    BOOST_TEST(text_of(interleave_families(addresses({"1.1.1.1", "::1", "2.2.2.2"}))) == "1.1.1.1 ::1 2.2.2.2");
    BOOST_TEST(text_of(interleave_families(addresses({"1.1.1.1", "2.2.2.2"}))) == "1.1.1.1 2.2.2.2");
    BOOST_TEST(interleave_families({}).empty());
}

BOOST_AUTO_TEST_CASE(the_address_that_listens_wins_after_one_that_refuses) {
    asio::io_context io;
    const tcp::acceptor listens(io, tcp::endpoint(asio::ip::make_address("127.0.0.2"), 0));
    const Outcome outcome = race(io, addresses({"127.0.0.1", "127.0.0.2"}), listens.local_endpoint().port());
    BOOST_TEST(outcome.won == "127.0.0.2");
    BOOST_REQUIRE(outcome.attempts.size() == 2U);
    BOOST_TEST(outcome.attempts.front().address == "127.0.0.1");
}

BOOST_AUTO_TEST_CASE(where_none_answers_the_failure_is_a_refusal_and_not_a_missing_route) {
    asio::io_context io;
    tcp::acceptor reserved(io, tcp::endpoint(asio::ip::make_address("127.0.0.1"), 0));
    const std::uint16_t port = reserved.local_endpoint().port();
    reserved.close();
    BOOST_CHECK(race(io, addresses({"127.0.0.1"}), port).failure == NetworkFailure::refused);
    // The broadcast address has no route for TCP: nothing is sent, and it says nothing of the host.
    const Outcome outcome = race(io, addresses({"127.0.0.1", "255.255.255.255"}), port);
    BOOST_TEST(outcome.won.empty());
    BOOST_CHECK(outcome.failure == NetworkFailure::refused);
    BOOST_CHECK(race(io, addresses({"255.255.255.255"}), port).failure == NetworkFailure::unreachable);
}

BOOST_AUTO_TEST_SUITE_END()
