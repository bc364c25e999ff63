#include "loopback_listener.hpp"

#include "banana/bounds.hpp"
#include "text.hpp"

#include <algorithm>
#include <array>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <string_view>

namespace banana {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

constexpr std::string_view kAnswer =
    "HTTP/1.1 401 Unauthorized\r\n"
    "Content-Type: application/json\r\n"
    "Content-Length: 43\r\n"
    "Connection: close\r\n"
    "\r\n"
    "{\"success\":false,\"message\":\"Invalid token\"}";

}  // namespace

// Shared with the coroutines, so that what is under way can end after the listener is gone.
class LoopbackListener::State {
public:
    explicit State(const asio::any_io_executor& executor)
        : acceptor(executor, tcp::endpoint(asio::ip::address_v4::loopback(), 0)) {}

    void close() {
        boost::system::error_code ignored;
        acceptor.close(ignored);
        for (const std::weak_ptr<tcp::socket>& entry : connections) {
            if (const auto socket = entry.lock()) {
                socket->close(ignored);
            }
        }
    }

    tcp::acceptor acceptor;
    std::vector<std::weak_ptr<tcp::socket>> connections;
    int requests = 0;
    std::vector<Secret> bearers;
};

namespace {

using SharedState = std::shared_ptr<LoopbackListener::State>;
using SharedSocket = std::shared_ptr<tcp::socket>;

// The head of one request; empty when the peer closes or sends too much.
asio::awaitable<std::string> read_head(SharedSocket socket) {
    std::string head;
    std::array<char, 4096> chunk{};
    while (head.find("\r\n\r\n") == std::string::npos) {
        boost::system::error_code error;
        const std::size_t count =
            co_await socket->async_read_some(asio::buffer(chunk), asio::redirect_error(asio::use_awaitable, error));
        if (error || head.size() + count > bounds::kListenerHeadBytes) {
            co_return std::string();
        }
        head.append(chunk.data(), count);
    }
    co_return head;
}

asio::awaitable<void> serve(SharedState state, SharedSocket socket) {
    // A peer that is slow or silent loses its connection.
    asio::steady_timer limit(socket->get_executor(), bounds::kListenerConnectionTime);
    limit.async_wait([socket](const boost::system::error_code& error) {
        if (!error) {
            boost::system::error_code ignored;
            socket->close(ignored);
        }
    });
    const std::string head = co_await read_head(socket);
    if (head.empty()) {
        co_return;
    }
    ++state->requests;
    if (Secret bearer = bearer_in(head); !bearer.empty()) {
        state->bearers.push_back(std::move(bearer));
    }
    boost::system::error_code error;
    co_await asio::async_write(*socket, asio::buffer(kAnswer), asio::redirect_error(asio::use_awaitable, error));
    socket->shutdown(tcp::socket::shutdown_send, error);
}

asio::awaitable<void> accept(SharedState state) {
    for (int count = 0; count < bounds::kListenerConnections; ++count) {
        boost::system::error_code error;
        const auto socket = std::make_shared<tcp::socket>(state->acceptor.get_executor());
        co_await state->acceptor.async_accept(*socket, asio::redirect_error(asio::use_awaitable, error));
        if (error) {
            co_return;
        }
        state->connections.push_back(socket);
        asio::co_spawn(socket->get_executor(), serve(state, socket), asio::detached);
    }
}

}  // namespace

LoopbackListener::LoopbackListener(const asio::any_io_executor& executor) : state_(std::make_shared<State>(executor)) {
    asio::co_spawn(executor, accept(state_), asio::detached);
}

LoopbackListener::~LoopbackListener() {
    state_->close();
}

std::string LoopbackListener::base_url() const {
    return "http://127.0.0.1:" + std::to_string(state_->acceptor.local_endpoint().port());
}

int LoopbackListener::requests() const {
    return state_->requests;
}

const std::vector<Secret>& LoopbackListener::bearers() const {
    return state_->bearers;
}

Secret bearer_in(std::string_view head) {
    constexpr std::string_view kHeader = "authorization:";
    constexpr std::string_view kScheme = "bearer ";
    while (!head.empty()) {
        const std::size_t end = std::min(head.find("\r\n"), head.size());
        const std::string_view line = head.substr(0, end);
        head.remove_prefix(std::min(end + 2, head.size()));
        if (line.size() < kHeader.size() || !equal_ignoring_case(line.substr(0, kHeader.size()), kHeader)) {
            continue;
        }
        const std::string_view value = trim_ascii(line.substr(kHeader.size()));
        if (value.size() > kScheme.size() && equal_ignoring_case(value.substr(0, kScheme.size()), kScheme)) {
            return Secret(trim_ascii(value.substr(kScheme.size())));
        }
    }
    return Secret("");
}

}  // namespace banana
