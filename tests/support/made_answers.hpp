// Answers of the usage endpoint, read from their parts.
#pragma once

#include "upstream_answer.hpp"

#include <string>
#include <utility>
#include <vector>

namespace banana::test {

using Headers = std::vector<std::pair<std::string, std::string>>;

inline UpstreamAnswer answer(int status, std::string body, Headers headers = {}) {
    HttpResponse response;
    response.status = status;
    response.body = std::move(body);
    response.headers = std::move(headers);
    return read_upstream_answer(response);
}

inline UpstreamAnswer refusal(const std::string& message) {
    return answer(401, R"({"error":{"message":")" + message + R"(","type":"new_api_error"}})");
}

}  // namespace banana::test
