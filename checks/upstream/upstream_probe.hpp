// One run of upstream.api: its steps in upstream_api.cpp, what is looked at after a failure in
// upstream_follow_up.cpp.
#pragma once

#include "banana/check_result.hpp"
#include "banana/facts.hpp"
#include "base_url.hpp"
#include "http_client.hpp"
#include "outbound_settings.hpp"
#include "run_context.hpp"
#include "upstream_answer.hpp"
#include "upstream_findings.hpp"
#include "upstream_keys.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/json/array.hpp>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace banana {

inline constexpr std::string_view kUsagePath = "/api/usage/token";

// What one key was answered.
struct Trial {
    Trial() = default;
    std::optional<UpstreamAnswer> answer;
    std::optional<Finding> finding;
    std::optional<Finding> elsewhere;  // what the key's own line says of it
    int status = 0;
    bool no_line_knows_it = false;  // a key that no line answers the query for
};

class UpstreamProbe {
public:
    explicit UpstreamProbe(RunContext& context) : context_(context) {}
    boost::asio::awaitable<CheckResult> run();

private:
    boost::asio::awaitable<void> ask_upstream();
    void note_accepted(const Candidate& candidate, const Balance& balance);
    void add_finding(const Candidate* candidate, Finding finding);
    boost::asio::awaitable<Trial> try_key(const Candidate* candidate);
    boost::asio::awaitable<Exchange> exchange(std::string url, const Secret* key, ExchangeOptions options);
    boost::asio::awaitable<bool> retry_direct(Finding& finding, Exchange failed);
    boost::asio::awaitable<void> look_for_the_clock(Finding& finding, std::optional<CertificateFacts> rejected);
    boost::asio::awaitable<void> ask_other_lines(const Candidate& candidate, Trial& trial);

    ExchangeOptions plugin_options() const;
    ExchangeOptions follow_up_options() const;
    bool asks_lines(const Trial& trial) const;
    void note_clock(std::chrono::seconds difference, bool verified);
    void note_proxy_script(Finding& finding, Phase failed_in) const;
    std::chrono::system_clock::time_point true_time() const;
    void note_connection(const Exchange& first);
    void note_trial(const Candidate* candidate, Trial trial);
    const Finding* decisive_failure(bool another_accepted) const;
    void name_the_key_that_works();
    void finish();

    RunContext& context_;
    CheckResult result_;
    facts::Upstream facts_;
    UpstreamTarget target_;
    UpstreamOutcome outcome_;
    UpstreamSubject subject_;
    OutboundSettings outbound_;
    std::vector<facts::KeyAnswer> by_key_;
    facts::Texts accepted_keys_;
    std::chrono::seconds clock_correction_{0};  // where a verified server proves this clock wrong
    int queries_ = 0;
    bool is_first_ = true;
    bool insecure_ = false;
    bool withholds_key_ = false;  // insecure, or an address that the plugin may not use
    bool key_tried_ = false;
    bool chain_reached_ = false;
    bool tells_keys_apart_ = false;  // another key than the one under test was tried
    std::optional<Balance> shown_balance_;
};

}  // namespace banana
