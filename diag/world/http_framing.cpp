#include "http_framing.hpp"

#include "banana/bounds.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/serializer.hpp>
#include <boost/beast/http/span_body.hpp>
#include <boost/beast/http/string_body.hpp>

#include <algorithm>
#include <cstring>
#include <optional>
#include <utility>

namespace banana::world {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;

std::map<std::string, std::string> parse_query(std::string_view raw) {
    std::map<std::string, std::string> query;
    while (!raw.empty()) {
        const std::string_view part = raw.substr(0, raw.find('&'));
        raw.remove_prefix(std::min(raw.size(), part.size() + 1));
        const std::size_t equals = part.find('=');
        const std::string_view value = equals == std::string_view::npos ? std::string_view() : part.substr(equals + 1);
        query.emplace(decode_percent(part.substr(0, equals), true), decode_percent(value, true));
    }
    return query;
}

}  // namespace

class RequestReader::Implementation {
public:
    Implementation() { renew(); }

    State feed(std::string_view octets) {
        const auto space = buffer_.prepare(octets.size());
        if (!octets.empty()) {
            std::memcpy(space.data(), octets.data(), octets.size());
        }
        buffer_.commit(octets.size());
        while (buffer_.size() > 0 && !parser_->is_done()) {
            boost::system::error_code error;
            buffer_.consume(parser_->put(buffer_.data(), error));
            if (error == http::error::need_more) {
                return State::incomplete;
            }
            if (error) {
                return State::malformed;
            }
        }
        return parser_->is_done() ? State::complete : State::incomplete;
    }

    ServerRequest take() {
        const auto& message = parser_->get();
        ServerRequest request;
        const std::string_view target(message.target().data(), message.target().size());
        const std::size_t question = target.find('?');
        request.method = std::string(message.method_string());
        request.path = target.substr(0, question);
        request.raw_query = question == std::string_view::npos ? "" : target.substr(question + 1);
        request.query = parse_query(request.raw_query);
        for (const auto& field : message) {
            request.headers.emplace_back(std::string(field.name_string()), std::string(field.value()));
        }
        request.keep_alive = message.keep_alive();
        renew();
        return request;
    }

private:
    void renew() {
        parser_.emplace();
        parser_->header_limit(static_cast<std::uint32_t>(bounds::kWorldRequestHeadBytes));
        parser_->body_limit(bounds::kHttpBodyBytes);
        parser_->eager(true);
    }

    boost::beast::flat_buffer buffer_;
    std::optional<http::request_parser<http::string_body>> parser_;
};

RequestReader::RequestReader() : implementation_(std::make_unique<Implementation>()) {}
RequestReader::~RequestReader() = default;

RequestReader::State RequestReader::feed(std::string_view octets) {
    return implementation_->feed(octets);
}

ServerRequest RequestReader::take() {
    return implementation_->take();
}

std::string serialize(const ServerReply& reply, bool keep_alive, bool without_body) {
    http::response<http::span_body<const char>> message(static_cast<http::status>(static_cast<unsigned>(reply.status)),
                                                        11);
    for (const auto& [name, value] : reply.headers) {
        message.insert(name, value);
    }
    message.body() = {reply.body.data(), reply.body.size()};
    message.set(http::field::content_length, std::to_string(reply.body.size()));
    message.set(http::field::connection, keep_alive ? "keep-alive" : "close");

    http::response_serializer<http::span_body<const char>> serializer(message);
    serializer.split(without_body);
    std::string wire;
    boost::system::error_code error;
    while (!serializer.is_done() && !(without_body && serializer.is_header_done()) && !error) {
        serializer.next(error, [&](boost::system::error_code&, const auto& buffers) {
            std::size_t size = 0;
            for (auto part = asio::buffer_sequence_begin(buffers); part != asio::buffer_sequence_end(buffers); ++part) {
                const asio::const_buffer octets(*part);
                wire.append(static_cast<const char*>(octets.data()), octets.size());
                size += octets.size();
            }
            serializer.consume(size);
        });
    }
    return wire;
}

}  // namespace banana::world
