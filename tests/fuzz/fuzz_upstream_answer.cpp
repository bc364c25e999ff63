// Any status and body of the usage endpoint give a meaning; a balance only with the documented members; texts stay
// bounded and free of control characters.
#include "python_json.hpp"
#include "upstream_answer.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

namespace {

void require(bool holds) {
    if (!holds) {
        std::abort();
    }
}

bool is_plain(const std::string& text) {
    constexpr std::size_t kLongest = 2000;
    return text.size() <= kLongest && std::none_of(text.begin(), text.end(), [](char c) {
               const auto octet = static_cast<unsigned char>(c);
               return octet < 0x20 || octet == 0x7F;
           });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace banana;
    if (size < 3) {
        return 0;
    }
    HttpResponse response;
    response.status = 100 + (data[0] * 256 + data[1]) % 500;
    if (data[2] % 2 == 1) {
        response.headers.emplace_back("Content-Type", data[2] % 4 == 1 ? "application/json" : "text/html");
        response.headers.emplace_back("Server", std::string(reinterpret_cast<const char*>(data), size % 300));
    }
    response.body.assign(reinterpret_cast<const char*>(data) + 3, size - 3);
    const UpstreamAnswer answer = read_upstream_answer(response);
    require(answer.status == response.status);
    require(is_plain(answer.quoted) && is_plain(answer.gateway) && is_plain(answer.request_id) &&
            is_plain(answer.reason) && is_plain(answer.member));
    require(answer.kind != UpstreamMeaning::balance || (answer.balance && response.status / 100 == 2));
    require(answer.shown.size() <= 8);
    if (answer.balance) {
        is_exhausted(*answer.balance);
    }
    const JsonReading reading = read_python_json(response.body);
    require(!(reading.value && reading.too_deep));
    if (reading.value) {
        expiry_seconds(*reading.value);
    }
    return 0;
}
