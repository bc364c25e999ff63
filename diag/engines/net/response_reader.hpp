// Reads one HTTP/1.x response off a connection, within bounds.
#pragma once

#include "banana/http.hpp"
#include "connection.hpp"

#include <boost/asio/awaitable.hpp>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace banana {

struct ResponseReading {
    ResponseReading() = default;
    std::optional<HttpResponse> response;  // also a partial one, beside `error`
    std::optional<NetworkError> error;
    bool reusable = false;  // the connection can carry another request
};

// Interim 1xx answers are passed over. `times.first_byte` grows by the wait for the first octet. A body in gzip or
// deflate, though none was asked for, is decoded within the limit; any other coding is `unexpected_encoding`.
boost::asio::awaitable<ResponseReading> read_response(Connection& connection, bool to_head, std::size_t body_limit,
                                                      PhaseTimes& times);

// The same for a peer whose octets are at hand, as single reads would give them, the end of the stream behind them.
ResponseReading read_response(std::span<const std::string_view> reads, bool to_head, std::size_t body_limit);

// The octets behind a gzip or zlib wrapper (RFC 1952, RFC 1950), as urllib3 1.26 takes them: a wrong checksum or length
// is damage, a stream that is cut short gives what came, and what follows a whole gzip member and is none is ignored.
// None where they are damaged or over the limit.
std::optional<std::string> inflate_body(std::string_view coded, bool gzip, std::size_t limit);

}  // namespace banana
