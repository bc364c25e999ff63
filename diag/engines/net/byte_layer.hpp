// Streams of octets that can be stacked: a socket, TLS over anything.
#pragma once

#include "banana/http.hpp"
#include "tls_session.hpp"
#include "watchdog.hpp"

#include <array>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace banana {

class ByteLayer {
public:
    struct Failure {
        NetworkFailure failure;
        std::string detail;
    };

    ByteLayer() = default;
    ByteLayer(const ByteLayer&) = delete;
    ByteLayer& operator=(const ByteLayer&) = delete;
    virtual ~ByteLayer() = default;

    // 0 at the end of the stream, or with `failure()` set.
    virtual boost::asio::awaitable<std::size_t> read_some(char* buffer, std::size_t size) = 0;
    virtual boost::asio::awaitable<bool> write(std::string_view octets) = 0;
    [[nodiscard]] const std::optional<Failure>& failure() const { return failure_; }

protected:
    void fail(NetworkFailure failure, std::string detail) { failure_ = Failure{failure, std::move(detail)}; }

private:
    std::optional<Failure> failure_;
};

class SocketLayer final : public ByteLayer {
public:
    SocketLayer(boost::asio::ip::tcp::socket socket, Watchdog& watchdog)
        : socket_(std::move(socket)), watchdog_(watchdog) {}
    boost::asio::awaitable<std::size_t> read_some(char* buffer, std::size_t size) override;
    boost::asio::awaitable<bool> write(std::string_view octets) override;
    // For another exchange; nothing is read or written through this layer any more.
    boost::asio::ip::tcp::socket release() { return std::move(socket_); }

private:
    void close();
    void fail_with(const boost::system::error_code& error);
    boost::asio::ip::tcp::socket socket_;
    Watchdog& watchdog_;
};

class TlsLayer final : public ByteLayer {
public:
    TlsLayer(std::unique_ptr<ByteLayer> lower, TlsSession session)
        : lower_(std::move(lower)), session_(std::move(session)) {}
    boost::asio::awaitable<bool> handshake();
    boost::asio::awaitable<std::size_t> read_some(char* buffer, std::size_t size) override;
    boost::asio::awaitable<bool> write(std::string_view octets) override;
    [[nodiscard]] const TlsFacts& facts() const { return session_.facts(); }

private:
    boost::asio::awaitable<bool> pull();   // more input from below; false with `failure()` set
    boost::asio::awaitable<bool> flush();  // pending output to below
    void fail_from_session();

    std::unique_ptr<ByteLayer> lower_;
    TlsSession session_;
    std::array<char, 16 * 1024> buffer_{};
};

}  // namespace banana
