#include "loopback_servers.hpp"

#include "banana/bounds.hpp"
#include "banana/percent_encoding.hpp"
#include "http_framing.hpp"
#include "text.hpp"
#include "watchdog.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/system/system_error.hpp>

#include <openssl/ssl.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <list>
#include <optional>
#include <thread>

namespace banana::world {
namespace {

namespace asio = boost::asio;
using asio::use_awaitable;
using asio::ip::tcp;
using TlsStream = asio::ssl::stream<tcp::socket>;

constexpr std::chrono::milliseconds kForever = std::chrono::hours(1);

void set_no_delay(tcp::socket& socket) {
    boost::system::error_code ignored;
    socket.set_option(tcp::no_delay(true), ignored);
}

tcp::socket& socket_of(tcp::socket& socket) {
    return socket;
}

tcp::socket& socket_of(TlsStream& stream) {
    return stream.next_layer();
}

void close_with_reset(tcp::socket& socket) {
    boost::system::error_code ignored;
    socket.set_option(asio::socket_base::linger(true, 0), ignored);
    socket.close(ignored);
}

template <class Stream>
asio::awaitable<void> write_dripping(Stream& stream, const std::string& bytes) {
    for (const char& byte : bytes) {
        co_await asio::async_write(stream, asio::buffer(&byte, 1), use_awaitable);
        co_await pause_for_reply(std::chrono::milliseconds(50));
    }
}

// Sends the reply as asked. False: the connection is of no further use.
template <class Stream>
asio::awaitable<bool> deliver(Stream& stream, const ServerReply& reply, bool keep_alive, bool without_body) {
    const std::string bytes = serialize(reply, keep_alive, without_body);
    switch (reply.delivery) {
        case Delivery::whole:
            co_await asio::async_write(stream, asio::buffer(bytes), use_awaitable);
            co_return keep_alive;
        case Delivery::cut_short:
            co_await asio::async_write(stream, asio::buffer(bytes, bytes.size() - reply.body.size() / 2),
                                       use_awaitable);
            co_return false;
        case Delivery::reset: close_with_reset(socket_of(stream)); co_return false;
        case Delivery::closed: co_return false;
        case Delivery::never: co_await pause_for_reply(kForever); co_return false;
        case Delivery::drip: co_await write_dripping(stream, bytes); co_return false;
    }
    co_return false;
}

// The next request of the connection. None where what came is no HTTP; throws at the end of the stream.
template <class Stream>
asio::awaitable<std::optional<ServerRequest>> read_request(Stream& stream, RequestReader& reader) {
    std::array<char, 4096> chunk{};
    RequestReader::State state = reader.feed({});
    while (state == RequestReader::State::incomplete) {
        const std::size_t size = co_await stream.async_read_some(asio::buffer(chunk), use_awaitable);
        state = reader.feed(std::string_view(chunk.data(), size));
    }
    std::optional<ServerRequest> request;
    if (state == RequestReader::State::complete) {
        request = reader.take();
    }
    co_return request;
}

template <class Stream>
asio::awaitable<void> serve(Stream& stream, const RequestHandler& handler) {
    RequestReader reader;
    while (true) {
        std::optional<ServerRequest> request = co_await read_request(stream, reader);
        if (!request) {
            // What aiohttp says to anything that is not HTTP.
            ServerReply refusal;
            refusal.status = 400;
            co_await deliver(stream, refusal, false, false);
            co_return;
        }
        const bool keep_alive = request->keep_alive;
        const bool without_body = request->method == "HEAD";
        ServerRequest given = std::move(*request);
        asio::awaitable<ServerReply> pending = handler(std::move(given));
        const ServerReply reply = co_await std::move(pending);
        const bool more = co_await deliver(stream, reply, keep_alive, without_body);
        if (!more) {
            co_return;
        }
    }
}

// A peer that never sends an empty line, such as a TLS client on a plain port, still gets an answer.
asio::awaitable<void> serve_plain(tcp::socket socket, const RequestHandler& handler) {
    std::array<char, 1> first{};
    const std::size_t size =
        co_await socket.async_receive(asio::buffer(first), asio::socket_base::message_peek, use_awaitable);
    constexpr char kTlsHandshakeRecord = 0x16;
    if (size == 1 && first[0] == kTlsHandshakeRecord) {
        const std::string refusal = "HTTP/1.0 400 Bad Request\r\nContent-Type: text/plain\r\nContent-Length: 0\r\n\r\n";
        co_await asio::async_write(socket, asio::buffer(refusal), use_awaitable);
        // Unread bytes at close would turn the answer into a reset.
        std::array<char, 4096> rest{};
        co_await socket.async_read_some(asio::buffer(rest), use_awaitable);
        co_return;
    }
    co_await serve(socket, handler);
}

asio::awaitable<void> serve_tls(tcp::socket socket, asio::ssl::context& context, const RequestHandler& handler) {
    TlsStream stream(std::move(socket), context);
    co_await stream.async_handshake(asio::ssl::stream_base::server, use_awaitable);
    co_await serve(stream, handler);
}

asio::awaitable<void> swallow(tcp::socket socket, bool until_closed) {
    std::array<char, 4096> bytes{};
    co_await socket.async_read_some(asio::buffer(bytes), use_awaitable);
    while (until_closed) {  // NOLINT(bugprone-infinite-loop): reading throws at the end of the stream
        co_await socket.async_read_some(asio::buffer(bytes), use_awaitable);
    }
}

asio::awaitable<void> copy_bytes(tcp::socket& from, tcp::socket& to) {
    std::array<char, 16 * 1024> bytes{};
    boost::system::error_code failure;
    while (true) {
        const std::size_t size =
            co_await from.async_read_some(asio::buffer(bytes), asio::redirect_error(use_awaitable, failure));
        if (failure) {
            break;
        }
        co_await asio::async_write(to, asio::buffer(bytes, size), asio::redirect_error(use_awaitable, failure));
        if (failure) {
            break;
        }
    }
    boost::system::error_code ignored;
    from.close(ignored);
    to.close(ignored);
}

std::shared_ptr<asio::ssl::context> make_tls_context(Wire wire, const TlsIdentity& identity) {
    auto context = std::make_shared<asio::ssl::context>(asio::ssl::context::tls_server);
    if (wire == Wire::tls_1_1_only) {
        SSL_CTX_set_cipher_list(context->native_handle(), "DEFAULT@SECLEVEL=0");
        SSL_CTX_set_min_proto_version(context->native_handle(), TLS1_VERSION);
        SSL_CTX_set_max_proto_version(context->native_handle(), TLS1_1_VERSION);
    }
    context->use_certificate_chain(asio::buffer(identity.chain_pem));
    context->use_private_key(asio::buffer(identity.private_key_pem), asio::ssl::context::pem);
    return context;
}

// CONNECT only, as a tunnelling proxy sees it from a client that wants https.
asio::awaitable<void> serve_proxy(tcp::socket client, std::map<std::string, std::uint16_t> targets, int refusal) {
    RequestReader reader;
    const std::optional<ServerRequest> request = co_await read_request(client, reader);
    const std::string authority = request ? request->path : std::string();
    const auto target = targets.find(authority.substr(0, authority.rfind(':')));
    int status = refusal;
    if (status == 0 && (!request || request->method != "CONNECT" || target == targets.end())) {
        status = 502;
    }
    if (status != 0) {
        ServerReply reply;
        reply.status = status;
        if (status == 407) {
            reply.headers.emplace_back("Proxy-Authenticate", "Basic realm=\"proxy\"");
        }
        co_await deliver(client, reply, false, false);
        co_return;
    }
    const asio::any_io_executor executor = co_await asio::this_coro::executor;
    tcp::socket upstream(executor);
    const tcp::endpoint endpoint(asio::ip::address_v4::loopback(), target->second);
    co_await upstream.async_connect(endpoint, use_awaitable);
    set_no_delay(upstream);
    const std::string established = "HTTP/1.1 200 Connection established\r\n\r\n";
    co_await asio::async_write(client, asio::buffer(established), use_awaitable);

    // One direction here, the other beside it; each ends the other by closing both sockets.
    bool other_ended = false;
    asio::steady_timer ended(executor, kForever);
    asio::co_spawn(executor, copy_bytes(upstream, client), [&](const std::exception_ptr&) {
        other_ended = true;
        ended.cancel();
    });
    co_await copy_bytes(client, upstream);
    if (!other_ended) {
        boost::system::error_code ignored;
        co_await asio::this_coro::reset_cancellation_state();
        co_await ended.async_wait(asio::redirect_error(use_awaitable, ignored));
    }
}

}  // namespace

ServerReply make_reply(int status, std::string content_type, std::string body) {
    ServerReply reply;
    reply.status = status;
    reply.headers.emplace_back("Content-Type", std::move(content_type));
    reply.body = std::move(body);
    return reply;
}

std::string decode_percent(std::string_view text, bool plus_is_space) {
    std::string spaced(text);
    if (plus_is_space) {
        std::replace(spaced.begin(), spaced.end(), '+', ' ');
    }
    return percent_decode(spaced);
}

std::string_view ServerRequest::header(std::string_view name) const {
    for (const auto& [key, value] : headers) {
        if (equal_ignoring_case(key, name)) {
            return value;
        }
    }
    return {};
}

asio::awaitable<void> pause_for_reply(std::chrono::milliseconds duration) {
    asio::steady_timer timer(co_await asio::this_coro::executor, duration);
    co_await timer.async_wait(use_awaitable);
}

class LoopbackServers::Implementation {
public:
    using Session = std::function<asio::awaitable<void>(tcp::socket)>;

    asio::io_context io{1};

    ~Implementation() { stop(); }

    // `session` serves one connection; it lives as long as this object.
    std::uint16_t open(Session session, const std::string& address = "127.0.0.1") {
        Listener& listener = listeners_.emplace_back(io, std::move(session));
        const tcp::endpoint endpoint(asio::ip::make_address(address), 0);
        listener.acceptor.open(endpoint.protocol());
        listener.acceptor.bind(endpoint);
        listener.acceptor.listen();
        return listener.acceptor.local_endpoint().port();
    }

    std::uint16_t reserve_closed_port() {
        held_.emplace_back(io, tcp::v4());
        held_.back().bind(tcp::endpoint(asio::ip::address_v4::loopback(), 0));
        return held_.back().local_endpoint().port();
    }

    std::uint16_t open_black_hole() {
        black_holes_.emplace_back(io, tcp::v4());
        tcp::acceptor& acceptor = black_holes_.back();
        acceptor.bind(tcp::endpoint(asio::ip::address_v4::loopback(), 0));
        acceptor.listen(0);
        // With a queue length of 0 the kernel holds one connection and drops every later SYN.
        held_.emplace_back(io);
        held_.back().connect(acceptor.local_endpoint());
        return acceptor.local_endpoint().port();
    }

    void start() {
        for (Listener& listener : listeners_) {
            accept(listener);
        }
        thread_ = std::thread([this] { io.run(); });
    }

    void stop() {
        if (!thread_.joinable()) {
            return;
        }
        asio::post(io, [this] { end_everything(); });
        thread_.join();
    }

private:
    struct Listener {
        Listener(asio::io_context& io, Session session) : acceptor(io), session(std::move(session)) {}
        tcp::acceptor acceptor;
        Session session;
    };

    void accept(Listener& listener) {
        listener.acceptor.async_accept([this, &listener](boost::system::error_code failure, tcp::socket socket) {
            if (failure || ending_) {
                return;
            }
            set_no_delay(socket);
            spawn(listener.session(std::move(socket)));
            accept(listener);
        });
    }

    // A session under way: its deadline ends whatever it waits for.
    struct Running {
        explicit Running(const asio::any_io_executor& executor)
            : limit(executor, bounds::kWorldConnectionTime),
              guard(limit, [this] { end.emit(asio::cancellation_type::all); }) {}
        asio::cancellation_signal end;
        Watchdog limit;
        Watchdog::Guard guard;
    };

    // Each session can also be cancelled by stop(); what it throws is an ended connection, no more.
    void spawn(asio::awaitable<void> work) {
        const auto session = running_.emplace(running_.end(), io.get_executor());
        asio::co_spawn(io, std::move(work),
                       asio::bind_cancellation_slot(session->end.slot(), [this, session](const std::exception_ptr&) {
                           running_.erase(session);
                       }));
    }

    void end_everything() {
        ending_ = true;
        boost::system::error_code ignored;
        for (Listener& listener : listeners_) {
            listener.acceptor.close(ignored);
        }
        // emit() may end a session and erase it: step on first.
        for (auto session = running_.begin(); session != running_.end();) {
            const auto current = session++;
            current->end.emit(asio::cancellation_type::all);
        }
    }

    std::list<Listener> listeners_;
    std::list<Running> running_;
    std::list<tcp::socket> held_;  // keep a port or a queue occupied
    std::list<tcp::acceptor> black_holes_;
    std::thread thread_;
    bool ending_ = false;  // used on the servers' thread only
};

LoopbackServers::LoopbackServers() : implementation_(std::make_unique<Implementation>()) {}
LoopbackServers::~LoopbackServers() = default;

boost::asio::any_io_executor LoopbackServers::executor() const {
    return implementation_->io.get_executor();
}

std::uint16_t LoopbackServers::listen(Wire wire, RequestHandler handler, const TlsIdentity* identity,
                                      const std::string& address) {
    switch (wire) {
        case Wire::plain:
            return implementation_->open(
                [handler = std::move(handler)](tcp::socket socket) { return serve_plain(std::move(socket), handler); },
                address);
        case Wire::tls:
        case Wire::tls_1_1_only: {
            std::shared_ptr<asio::ssl::context> context = make_tls_context(wire, *identity);
            return implementation_->open(
                [handler = std::move(handler), context](tcp::socket socket) {
                    return serve_tls(std::move(socket), *context, handler);
                },
                address);
        }
        case Wire::tls_cut:
        case Wire::silent: break;
    }
    const bool until_closed = wire == Wire::silent;
    return implementation_->open(
        [until_closed](tcp::socket socket) { return swallow(std::move(socket), until_closed); }, address);
}

std::uint16_t LoopbackServers::listen_proxy(std::map<std::string, std::uint16_t> targets, int refusal) {
    return implementation_->open([targets = std::move(targets), refusal](tcp::socket socket) {
        return serve_proxy(std::move(socket), targets, refusal);
    });
}

std::uint16_t LoopbackServers::reserve_closed_port() {
    return implementation_->reserve_closed_port();
}
std::uint16_t LoopbackServers::listen_black_hole() {
    return implementation_->open_black_hole();
}
void LoopbackServers::start() {
    implementation_->start();
}
void LoopbackServers::stop() {
    implementation_->stop();
}

}  // namespace banana::world
