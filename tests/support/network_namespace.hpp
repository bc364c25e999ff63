// Hosts of a test's own: network namespaces with their own names, routes and packet filters, and a slow link between
// two of them. Needs root and the tools of iproute2 and nftables.
#pragma once

#include "support/process.hpp"

#include <boost/json/object.hpp>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace banana::test {

// Whether this machine permits namespaces and has the tools; why not stands in `message` for the test log.
bool may_make_namespaces();

// A host with nothing but a loopback device. Its name service waits 30 s for an answer of 127.0.0.53, which is not
// there, until another is named.
class NetworkNamespace {
public:
    NetworkNamespace();
    ~NetworkNamespace();
    NetworkNamespace(const NetworkNamespace&) = delete;
    NetworkNamespace& operator=(const NetworkNamespace&) = delete;

    [[nodiscard]] const std::string& name() const noexcept { return name_; }
    // The command as it runs in there.
    [[nodiscard]] std::vector<std::string> inside(const std::vector<std::string>& command) const;
    // NOLINTNEXTLINE(modernize-use-nodiscard): most callers want the effect only
    ProcessResult run(const std::vector<std::string>& command) const;
    // An nftables rule for what comes in, for example "tcp dport 443 drop".
    void filter(const std::string& rule) const;
    void use_name_server(const std::string& address, const std::string& options = {}) const;

    // `banana-diag run --only upstream.api`; checks that the run kept its deadline by 100 ms, and returns the check's
    // part of the JSON report.
    [[nodiscard]] boost::json::object diagnose(const std::string& url, int deadline_seconds,
                                               const std::vector<std::string>& more = {}) const;

private:
    [[nodiscard]] std::filesystem::path settings() const;
    std::string name_;
};

// Two hosts, `near` and `far`, with a link that delays every packet (tests/servers/delay_link.py). The addresses are
// those that RFC 5737 and RFC 3849 keep for documentation.
class SlowLink {
public:
    static constexpr const char* kFarAddress = "192.0.2.2";
    static constexpr const char* kFarAddress6 = "2001:db8::2";

    explicit SlowLink(int milliseconds_each_way);

    NetworkNamespace near;
    NetworkNamespace far;
    // From now on no packet arrives.
    void cut() { relay_.reset(); }

private:
    std::unique_ptr<BackgroundProcess> relay_;
};

// The code of the first finding of a check's JSON; empty where there is none.
std::string first_code(const boost::json::object& check);

}  // namespace banana::test
