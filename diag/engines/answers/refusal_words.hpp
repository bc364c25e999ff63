// What a JSON refusal says, by the sentences of new-api's versions and of similar gateways.
#pragma once

#include "upstream_answer.hpp"

#include <boost/json/object.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace banana {

// The API's own report of a failure.
struct Refusal {
    std::string message;
    std::string type;  // OpenAI-style `error.type` and `error.code`
};

struct Judgement {
    UpstreamMeaning kind;
    std::string_view reason;
};

// new-api's two envelopes, and nobody else's: `error` with a message, or a false `success` or `code` with one.
std::optional<Refusal> refusal_of(const boost::json::object& answer);

// Other gateways: a numeric `code` of 400 and more, or a `detail` or `error` text, without a balance.
std::optional<Refusal> foreign_failure_of(const boost::json::object& answer);

// What any JSON says in words, for quoting only.
std::string words_of(const boost::json::value& value);

// Whether a key or an account is named at all.
bool speaks_of_key(std::string_view text);

bool says_quota_is_used_up(const Refusal& refusal);

// By the sentences of new-api's versions in its languages, then by those of similar gateways.
std::optional<Judgement> judge(const Refusal& refusal);

// "(request id: 2025…)" at the end of new-api's messages, of use to its operator only.
std::string take_request_id(std::string& message);

}  // namespace banana
