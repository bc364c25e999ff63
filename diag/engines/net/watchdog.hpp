// One deadline over many awaits: when it comes, whatever is being waited for is ended at once.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <utility>

namespace banana {

// Not thread-safe: lives and fires on one executor.
class Watchdog {
    struct State {
        bool expired = false;
        std::function<void()> abort;
    };

public:
    Watchdog(const boost::asio::any_io_executor& executor, std::chrono::steady_clock::duration limit)
        : timer_(executor, limit), state_(std::make_shared<State>()) {
        timer_.async_wait([state = state_](const boost::system::error_code& error) {
            if (error) {
                return;
            }
            state->expired = true;
            if (state->abort) {
                state->abort();
            }
        });
    }
    Watchdog(const Watchdog&) = delete;
    Watchdog& operator=(const Watchdog&) = delete;
    // The timer's callback can already be queued: it must find nothing to end.
    ~Watchdog() { state_->abort = nullptr; }

    [[nodiscard]] bool expired() const { return state_->expired; }

    // Says, for its lifetime, what ends the waits that follow. That must close what they wait on, not only cancel:
    // with a completion already queued, a composed operation would go on waiting.
    class Guard {
    public:
        Guard(Watchdog& watchdog, std::function<void()> abort)
            : state_(watchdog.state_), previous_(std::exchange(state_->abort, std::move(abort))) {}
        Guard(const Guard&) = delete;
        Guard& operator=(const Guard&) = delete;
        ~Guard() { state_->abort = std::move(previous_); }

    private:
        std::shared_ptr<State> state_;
        std::function<void()> previous_;
    };

private:
    boost::asio::steady_timer timer_;
    std::shared_ptr<State> state_;
};

}  // namespace banana
