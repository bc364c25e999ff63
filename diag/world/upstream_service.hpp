// What the embedded upstream answers: new-api's usage endpoint with its envelopes of 2025 and 2026, or the reply
// that a scenario scripts. Sockets and TLS are the matter of LoopbackServers.
#pragma once

#include "faults.hpp"

#include <mutex>
#include <set>
#include <string>

namespace banana::world {

class UpstreamService {
public:
    // `key`: the one key that the service knows.
    UpstreamService(UpstreamFaults faults, std::string key) : faults_(std::move(faults)), key_(std::move(key)) {}

    // On the servers' thread only. Facts of gin and new-api as in contract.md section 4.
    ServerReply answer(const ServerRequest& request);

    // Names under which a request came with a key. Of any thread.
    [[nodiscard]] std::set<std::string> hosts_that_saw_a_key() const;

private:
    void note_key(const ServerRequest& request);
    [[nodiscard]] ServerReply usage(const ServerRequest& request);
    [[nodiscard]] ServerReply refusal(int status, std::string_view chinese, std::string_view english) const;
    [[nodiscard]] ServerReply balance(const Account& account) const;
    [[nodiscard]] bool knows(const std::string& presented, std::string_view host) const;
    [[nodiscard]] const Account& account_at(std::string_view host) const;
    void stamp(ServerReply& reply) const;

    UpstreamFaults faults_;
    std::string key_;
    int queries_ = 0;
    int plugin_queries_ = 0;
    mutable std::mutex mutex_;
    std::set<std::string> key_hosts_;
};

}  // namespace banana::world
