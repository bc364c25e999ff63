// Any status and body give an answer; a balance comes only with documented members; texts stay bounded.
#include "route_answer.hpp"

#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2) {
        return 0;
    }
    banana::HttpResponse response;
    response.status = 100 + (data[0] * 256 + data[1]) % 500;
    response.body.assign(reinterpret_cast<const char*>(data) + 2, size - 2);
    const banana::RouteAnswer answer = banana::read_route_answer(response);
    const bool balance = answer.kind == banana::AnswerKind::balance;
    if ((balance && (!answer.balance || response.status == 404 || response.status >= 500)) ||
        answer.message.size() > 600 || answer.summary_lines.size() > 8) {
        std::abort();
    }
    if (answer.balance && answer.balance->raw.size() > 5) {
        std::abort();
    }
    banana::last_failure_summary(response.body);
    banana::failure_of_log_summary(response.body);
    return 0;
}
