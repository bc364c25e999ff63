#include "response_reader.hpp"

#include "banana/bounds.hpp"
#include "text.hpp"

#include <algorithm>
#include <array>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/status.hpp>
#include <boost/beast/http/string_body.hpp>
#include <cstring>

#include <openssl/crypto.h>
#include <zlib.h>

namespace banana {
namespace asio = boost::asio;
namespace http = boost::beast::http;
using Clock = std::chrono::steady_clock;

namespace {

using Parser = http::response_parser<http::string_body>;

NetworkFailure failure_of_parsing(const boost::system::error_code& error) {
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
    // Beast has words of its own for a status that it does not know and that came without any.
    const std::string_view reason(message.reason().data(), message.reason().size());
    const auto unknown = boost::beast::http::obsolete_reason(boost::beast::http::status::unknown);
    if (reason != std::string_view(unknown.data(), unknown.size())) {
        response.reason = sanitize(reason);
    }
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

// zlib's names for what stands round the deflate data.
constexpr int kGzip = 16 + MAX_WBITS;
constexpr int kZlib = MAX_WBITS;
constexpr int kBare = -MAX_WBITS;

// zlib's own checks apply: header, CRC-32 and length of gzip (RFC 1952), Adler-32 of zlib (RFC 1950).
class Inflater {
public:
    explicit Inflater(int wrapper) : ready_(inflateInit2(&stream_, wrapper) == Z_OK) {}
    ~Inflater() {
        if (ready_) {
            inflateEnd(&stream_);
        }
    }
    Inflater(const Inflater&) = delete;
    Inflater& operator=(const Inflater&) = delete;

    enum class End { whole, cut, damaged, too_long };
    // Appends what `coded` holds to `plain`, and takes what it used away from `coded`.
    End inflate_into(std::string& plain, std::string_view& coded, std::size_t limit) {
        std::array<char, 8192> chunk{};
        // zlib reads what it is given, though its type does not say so.
        stream_.next_in = const_cast<Bytef*>(reinterpret_cast<const Bytef*>(coded.data()));
        stream_.avail_in = static_cast<uInt>(coded.size());
        while (true) {
            stream_.next_out = reinterpret_cast<Bytef*>(chunk.data());
            stream_.avail_out = static_cast<uInt>(chunk.size());
            const int result = ready_ ? inflate(&stream_, Z_NO_FLUSH) : Z_MEM_ERROR;
            plain.append(chunk.data(), chunk.size() - stream_.avail_out);
            if (plain.size() > limit) {
                return End::too_long;
            }
            if (result == Z_STREAM_END) {
                coded.remove_prefix(coded.size() - stream_.avail_in);
                return End::whole;
            }
            if (result == Z_BUF_ERROR || (result == Z_OK && stream_.avail_in == 0 && stream_.avail_out > 0)) {
                return End::cut;
            }
            if (result != Z_OK) {
                return End::damaged;
            }
        }
    }

private:
    z_stream stream_{};
    bool ready_;
};

std::optional<std::string> inflate_gzip(std::string_view coded, std::size_t limit) {
    std::string plain;
    bool first = true;
    while (!coded.empty()) {
        const std::size_t before = plain.size();
        switch (Inflater(kGzip).inflate_into(plain, coded, limit)) {
            case Inflater::End::whole: first = false; break;
            case Inflater::End::cut: return plain;
            case Inflater::End::too_long: return std::nullopt;
            case Inflater::End::damaged:
                // What follows a whole member and is none is ignored.
                plain.resize(before);
                return first ? std::nullopt : std::optional(std::move(plain));
        }
    }
    return plain;
}

// With the zlib wrapper that the name asks for; else a bare deflate stream, as some servers send.
std::optional<std::string> inflate_deflate(std::string_view coded, std::size_t limit) {
    for (const int wrapper : {kZlib, kBare}) {
        std::string plain;
        std::string_view rest = coded;
        const Inflater::End end = Inflater(wrapper).inflate_into(plain, rest, limit);
        if (end == Inflater::End::too_long) {
            return std::nullopt;
        }
        if (end != Inflater::End::damaged) {
            return plain;
        }
    }
    return std::nullopt;
}

}  // namespace

std::optional<std::string> inflate_body(std::string_view coded, bool gzip, std::size_t limit) {
    return gzip ? inflate_gzip(coded, limit) : inflate_deflate(coded, limit);
}

namespace {

void judge(ResponseReading& reading, const boost::system::error_code& error) {
    if (error) {
        reading.error = NetworkError(Phase::response, failure_of_parsing(error), error.message());
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
    // Uninitialised: most answers are short, and memory is taken where it is touched.
    std::array<char, 16 * 1024> chunk;
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
        // The coroutine's memory is kept for the next one, and an answer may repeat the key.
        OPENSSL_cleanse(chunk.data(), count);
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
