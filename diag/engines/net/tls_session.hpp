// One TLS connection as a pure state machine: octets in, octets out, no sockets. It verifies, and it remembers what
// was presented even where verification fails.
#pragma once

#include "banana/http.hpp"
#include "tls_trust.hpp"

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace banana {

// Not thread-safe. The caller moves octets: take_output() to the peer, feed() from it.
class TlsSession {
public:
    // `host` is what the certificate must be for: a name or an address literal. A null `store` of `trusted` is
    // allowed only for `verify` false. `second`, where not null, gives TlsFacts::second_opinion.
    TlsSession(const std::string& host, const LoadedTrust& trusted, bool verify, const LoadedTrust* second);

    // Sets up what every session shares, ahead of the first, which else waits for it: some milliseconds.
    static void prepare() noexcept;

    ~TlsSession();
    TlsSession(TlsSession&&) noexcept;
    TlsSession& operator=(TlsSession&&) = delete;

    enum class Step { done, need_input, closed, failed };

    // Once more after each feed(), until it is done or failed.
    Step handshake();
    // Decrypted octets into `buffer`; `count` of them when done.
    Step read(char* buffer, std::size_t size, std::size_t& count);
    // Encrypts all of it; fetch the result by take_output().
    bool write(std::string_view plain);

    void feed(std::string_view octets);
    // The peer closed its side.
    void feed_end();
    std::string take_output();

    // Set once a step failed.
    [[nodiscard]] const std::optional<NetworkError>& error() const;
    [[nodiscard]] const TlsFacts& facts() const;

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace banana
