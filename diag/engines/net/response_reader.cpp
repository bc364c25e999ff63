#include "response_reader.hpp"

#include "banana/bounds.hpp"
#include "text.hpp"

#include <algorithm>
#include <array>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/zlib/inflate_stream.hpp>
#include <cstring>

namespace banana {
namespace asio = boost::asio;
namespace http = boost::beast::http;
using Clock = std::chrono::steady_clock;

namespace {

using Parser = http::response_parser<http::string_body>;

NetworkFailure failure_of(const boost::system::error_code& error) {
    if (error == http::error::header_limit || error == http::error::buffer_overflow) {
        return NetworkFailure::header_limit;
    }
    if (error == http::error::body_limit) {
        return NetworkFailure::body_limit;
    }
    if (error == http::error::partial_message || error == http::error::end_of_stream) {
        return NetworkFailure::closed;
    }
    return NetworkFailure::malformed_response;
}

HttpResponse take(Parser& parser) {
    auto& message = parser.get();
    HttpResponse response;
    response.status = static_cast<int>(message.result_int());
    response.reason = sanitize(std::string_view(message.reason().data(), message.reason().size()));
    for (const auto& field : message) {
        response.headers.emplace_back(std::string(field.name_string()), std::string(field.value()));
    }
    response.body = std::move(message.body());
    response.body_complete = parser.is_done();
    return response;
}

// A parser of one message, fed as octets come.
class Reader {
public:
    Reader(bool to_head, std::size_t body_limit) : to_head_(to_head), body_limit_(body_limit) { renew(); }

    [[nodiscard]] bool done() const { return parser_->is_done(); }
    [[nodiscard]] bool header_done() const { return parser_->is_header_done(); }
    Parser& parser() { return *parser_; }
    [[nodiscard]] bool has_surplus() const { return buffer_.size() > 0; }

    boost::system::error_code feed(const char* octets, std::size_t size) {
        const auto space = buffer_.prepare(size);
        std::memcpy(space.data(), octets, size);
        buffer_.commit(size);
        boost::system::error_code error;
        while (buffer_.size() > 0 && !error) {
            buffer_.consume(parser_->put(buffer_.data(), error));
            if (error == http::error::need_more) {
                return {};
            }
            if (error || !parser_->is_done()) {
                continue;
            }
            if (!is_interim()) {
                return {};
            }
            if (++interim_ > bounds::kHttpInterimAnswers) {
                return http::error::bad_status;
            }
            renew();
        }
        return error;
    }

    boost::system::error_code end() {
        boost::system::error_code error;
        if (!parser_->got_some()) {
            return http::error::end_of_stream;
        }
        parser_->put_eof(error);
        return error;
    }

private:
    bool is_interim() {
        const unsigned status = parser_->get().result_int();
        return status >= 100 && status < 200 && status != 101;
    }

    void renew() {
        parser_.emplace();
        parser_->header_limit(static_cast<std::uint32_t>(bounds::kHttpHeaderBytes));
        parser_->body_limit(body_limit_);
        parser_->eager(true);
        parser_->skip(to_head_);
    }

    bool to_head_;
    std::size_t body_limit_;
    int interim_ = 0;
    boost::beast::flat_buffer buffer_;
    std::optional<Parser> parser_;
};

// Where the deflate data start behind a gzip header; npos when it is damaged (RFC 1952 section 2.3).
std::size_t gzip_payload(std::string_view coded) {
    constexpr std::size_t kFixed = 10;
    if (coded.size() < kFixed || !coded.starts_with("\x1f\x8b\x08")) {
        return std::string_view::npos;
    }
    const auto flags = static_cast<unsigned char>(coded[3]);
    std::size_t at = kFixed;
    if ((flags & 4U) != 0) {  // FEXTRA
        if (coded.size() < at + 2) {
            return std::string_view::npos;
        }
        at += 2U + static_cast<unsigned char>(coded[at]) + 256U * static_cast<unsigned char>(coded[at + 1]);
    }
    for (const unsigned flag : {8U, 16U}) {  // FNAME, FCOMMENT: zero-terminated
        if ((flags & flag) == 0) {
            continue;
        }
        const std::size_t zero = at < coded.size() ? coded.find('\0', at) : std::string_view::npos;
        if (zero == std::string_view::npos) {
            return zero;
        }
        at = zero + 1;
    }
    if ((flags & 2U) != 0) {  // FHCRC
        at += 2;
    }
    return at <= coded.size() ? at : std::string_view::npos;
}

// Replaces a coded body by its plain octets. None: nothing is left to object to.
std::optional<NetworkError> decode_content(HttpResponse& response, std::size_t limit) {
    const std::string coding = to_lower_ascii(trim_ascii(response.header("Content-Encoding")));
    if (coding.empty() || coding == "identity" || response.body.empty()) {
        return std::nullopt;
    }
    const bool gzip = coding == "gzip" || coding == "x-gzip";
    // Codings that some Python can read. Of any other, "utf-8" or "none", urllib3 takes the body as it is.
    const bool compressed = gzip || coding == "deflate" || coding == "br" || coding == "zstd" || coding == "compress" ||
                            coding.find(',') != std::string::npos;
    if (!compressed) {
        return std::nullopt;
    }
    std::optional<std::string> plain;
    if (gzip || coding == "deflate") {
        plain = inflate_body(response.body, gzip, limit);
    }
    if (!plain) {
        return NetworkError(Phase::response, NetworkFailure::unexpected_encoding, sanitize(coding));
    }
    response.body = std::move(*plain);
    return std::nullopt;
}

}  // namespace

namespace {

// One deflate stream, appended to `plain`. Returns how much of `coded` it took; npos where it is damaged or too long.
std::size_t inflate_one(std::string_view coded, std::string& plain, std::size_t limit) {
    namespace zlib = boost::beast::zlib;
    zlib::inflate_stream stream;
    std::array<char, 8192> chunk{};
    zlib::z_params state;
    state.next_in = coded.data();
    state.avail_in = coded.size();
    while (true) {
        state.next_out = chunk.data();
        state.avail_out = chunk.size();
        boost::system::error_code error;
        stream.write(state, zlib::Flush::sync, error);
        const std::size_t produced = chunk.size() - state.avail_out;
        plain.append(chunk.data(), produced);
        if (plain.size() > limit) {
            return std::string_view::npos;
        }
        if (error == zlib::error::end_of_stream) {
            return coded.size() - state.avail_in;
        }
        if (error || produced == 0) {
            return std::string_view::npos;
        }
    }
}

// RFC 1950 section 2.2; without it, it is a bare deflate stream, as some servers send.
bool has_zlib_header(std::string_view coded) {
    return coded.size() >= 2 && (static_cast<unsigned char>(coded[0]) & 0xFU) == 8 &&
           (static_cast<unsigned char>(coded[0]) * 256 + static_cast<unsigned char>(coded[1])) % 31 == 0;
}

}  // namespace

std::optional<std::string> inflate_body(std::string_view coded, bool gzip, std::size_t limit) {
    constexpr std::size_t kTrailer = 8;  // checksum and length behind a gzip member
    constexpr std::size_t kZlibHeader = 2;
    std::string plain;
    bool first = true;
    do {
        const std::size_t payload = gzip ? gzip_payload(coded) : has_zlib_header(coded) ? kZlibHeader : 0;
        if (payload == std::string_view::npos) {
            // What follows a whole member and is none is ignored, as urllib3 does.
            return first ? std::nullopt : std::optional(std::move(plain));
        }
        coded.remove_prefix(payload);
        const std::size_t taken = inflate_one(coded, plain, limit);
        if (taken == std::string_view::npos) {
            return std::nullopt;
        }
        coded.remove_prefix(std::min(taken + kTrailer, coded.size()));
        first = false;
    } while (gzip && !coded.empty());
    return plain;
}

namespace {

void judge(ResponseReading& reading, const boost::system::error_code& error) {
    if (error) {
        reading.error = NetworkError(Phase::response, failure_of(error), error.message());
    }
}

void conclude(ResponseReading& reading, Reader& reader, std::size_t body_limit) {
    if (!reader.header_done()) {
        return;
    }
    reading.reusable = reader.done() && reader.parser().keep_alive() && !reader.has_surplus();
    reading.response = take(reader.parser());
    if (!reading.error) {
        reading.error = decode_content(*reading.response, body_limit);
    }
}

}  // namespace

asio::awaitable<ResponseReading> read_response(Connection& connection, bool to_head, std::size_t body_limit,
                                               PhaseTimes& times) {
    ResponseReading reading;
    Reader reader(to_head, body_limit);
    const Clock::time_point asked = Clock::now();
    bool waiting = true;
    std::array<char, 16 * 1024> chunk{};
    while (!reader.done() && !reading.error) {
        const std::size_t count = co_await connection.read_some(chunk.data(), chunk.size(), Phase::response);
        if (count > 0 && waiting) {
            waiting = false;
            times.first_byte = times.first_byte.value_or(Milliseconds{0}) + Milliseconds(Clock::now() - asked);
        }
        if (count == 0 && connection.failure()) {
            reading.error = connection.failure();
            break;
        }
        judge(reading, count > 0 ? reader.feed(chunk.data(), count) : reader.end());
    }
    conclude(reading, reader, body_limit);
    co_return reading;
}

ResponseReading read_response(std::span<const std::string_view> reads, bool to_head, std::size_t body_limit) {
    ResponseReading reading;
    Reader reader(to_head, body_limit);
    for (const std::string_view octets : reads) {
        if (reader.done() || reading.error) {
            break;
        }
        if (!octets.empty()) {
            judge(reading, reader.feed(octets.data(), octets.size()));
        }
    }
    if (!reader.done() && !reading.error) {
        judge(reading, reader.end());
    }
    conclude(reading, reader, body_limit);
    return reading;
}

}  // namespace banana
