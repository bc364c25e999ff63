// The reader of HTTP responses against a scripted peer. The first octet says whether HEAD was asked and how the rest is
// cut into reads. However it is cut, the result is the same: a response within the bounds, or a typed error.
#include "http_client.hpp"
#include "response_reader.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <vector>

namespace {

using namespace banana;

constexpr std::size_t kBody = 4096;

void require(bool holds) {
    if (!holds) {
        std::abort();
    }
}

ResponseReading read_in_pieces(std::string_view octets, std::size_t length, bool to_head) {
    std::vector<std::string_view> reads;
    for (std::size_t at = 0; at < octets.size(); at += length) {
        reads.push_back(octets.substr(at, length));
    }
    return read_response(reads, to_head, kBody);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) {
        return 0;
    }
    const bool to_head = data[0] % 2 == 1;
    const std::string_view octets(reinterpret_cast<const char*>(data) + 1, size - 1);
    const ResponseReading whole = read_in_pieces(octets, octets.size() + 1, to_head);
    const ResponseReading cut = read_in_pieces(octets, 1U + data[0] / 2U, to_head);
    require(whole.response || whole.error);
    require(!whole.response || (whole.response->status >= 0 && whole.response->body.size() <= kBody));
    require(!whole.reusable || (whole.response && whole.response->body_complete));
    require(whole.response.has_value() == cut.response.has_value());
    require(whole.error.has_value() == cut.error.has_value());
    if (whole.response && !whole.error) {
        require(whole.response->body == cut.response->body && whole.response->headers == cut.response->headers);
    }
    for (const bool gzip : {false, true}) {
        const auto plain = inflate_body(octets, gzip, kBody);
        require(!plain || plain->size() <= kBody);
    }
    return 0;
}
