// A listener of our own on 127.0.0.1 that plays the upstream: it answers 401 to everything and remembers the
// keys that came. Used by the --deep experiments only.
#pragma once

#include "banana/secret.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <memory>
#include <string>
#include <vector>

namespace banana {

// Use from the executor's thread. Stops listening when it is destroyed.
class LoopbackListener {
public:
    // Throws boost::system::system_error where no port can be opened.
    explicit LoopbackListener(const boost::asio::any_io_executor& executor);
    ~LoopbackListener();
    LoopbackListener(const LoopbackListener&) = delete;
    LoopbackListener& operator=(const LoopbackListener&) = delete;

    // "http://127.0.0.1:<port>"
    [[nodiscard]] std::string base_url() const;
    // Whole requests that came.
    [[nodiscard]] int requests() const;
    // Bearer values in order of arrival.
    [[nodiscard]] const std::vector<Secret>& bearers() const;

    class State;

private:
    std::shared_ptr<State> state_;
};

// The Bearer value in a request's head; empty where there is none.
Secret bearer_in(std::string_view request_head);

}  // namespace banana
