#include "byte_layer.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace banana {
namespace asio = boost::asio;

void SocketLayer::close() {
    boost::system::error_code ignored;
    socket_.close(ignored);
}

void SocketLayer::fail_with(const boost::system::error_code& error) {
    // That our own deadline ended the wait is what the system calls cancelled: nobody cancelled anything.
    if (watchdog_.expired()) {
        fail(NetworkFailure::timed_out, "timed out");
    } else {
        fail(NetworkFailure::reset, error.message());
    }
}

asio::awaitable<std::size_t> SocketLayer::read_some(char* buffer, std::size_t size) {
    const Watchdog::Guard guard(watchdog_, [this] { close(); });
    if (watchdog_.expired()) {
        close();
    }
    boost::system::error_code error;
    const auto target = asio::buffer(buffer, size);
    const std::size_t count =
        co_await socket_.async_read_some(target, asio::redirect_error(asio::use_awaitable, error));
    if (error && error != asio::error::eof) {
        fail_with(error);
        co_return 0;
    }
    co_return count;
}

asio::awaitable<bool> SocketLayer::write(std::string_view octets) {
    const Watchdog::Guard guard(watchdog_, [this] { close(); });
    if (watchdog_.expired()) {
        close();
    }
    while (!octets.empty()) {
        boost::system::error_code error;
        const auto source = asio::buffer(octets.data(), octets.size());
        const std::size_t count =
            co_await socket_.async_write_some(source, asio::redirect_error(asio::use_awaitable, error));
        if (error) {
            fail_with(error);
            co_return false;
        }
        octets.remove_prefix(count);
    }
    co_return true;
}

asio::awaitable<bool> TlsLayer::flush() {
    const std::string output = session_.take_output();
    if (output.empty()) {
        co_return true;
    }
    const bool written = co_await lower_->write(output);
    if (!written && lower_->failure()) {
        fail(lower_->failure()->failure, lower_->failure()->detail);
    }
    co_return written;
}

asio::awaitable<bool> TlsLayer::pull() {
    const std::size_t count = co_await lower_->read_some(buffer_.data(), buffer_.size());
    if (count > 0) {
        session_.feed({buffer_.data(), count});
        co_return true;
    }
    if (lower_->failure()) {
        fail(lower_->failure()->failure, lower_->failure()->detail);
        co_return false;
    }
    session_.feed_end();
    co_return true;
}

void TlsLayer::fail_from_session() {
    const std::optional<NetworkError>& error = session_.error();
    fail(error ? error->failure : NetworkFailure::tls_handshake, error ? error->detail : std::string());
}

asio::awaitable<bool> TlsLayer::handshake() {
    while (true) {
        const TlsSession::Step step = session_.handshake();
        const bool sent = co_await flush();
        if (step == TlsSession::Step::failed) {
            fail_from_session();  // stronger than a failure to send our alert
            co_return false;
        }
        if (!sent) {
            co_return false;
        }
        if (step == TlsSession::Step::done) {
            co_return true;
        }
        const bool more = co_await pull();
        if (!more) {
            co_return false;
        }
    }
}

asio::awaitable<std::size_t> TlsLayer::read_some(char* buffer, std::size_t size) {
    while (true) {
        std::size_t count = 0;
        switch (session_.read(buffer, size, count)) {
            case TlsSession::Step::done: co_return count;
            case TlsSession::Step::closed: co_return 0;
            case TlsSession::Step::failed: fail_from_session(); co_return 0;
            case TlsSession::Step::need_input: break;
        }
        const bool sent = co_await flush();
        const bool more = sent && co_await pull();
        if (!more) {
            co_return 0;
        }
    }
}

asio::awaitable<bool> TlsLayer::write(std::string_view octets) {
    if (!session_.write(octets)) {
        fail_from_session();
        co_return false;
    }
    const bool sent = co_await flush();
    co_return sent;
}

}  // namespace banana
