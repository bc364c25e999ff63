#include "name_lookup.hpp"

#include "platform.hpp"

#include <algorithm>
#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <system_error>
#include <thread>

namespace banana {
namespace asio = boost::asio;

namespace {

constexpr std::size_t kDescriptorsNeeded = 4;  // its configuration, a table, a socket for each server

NameAnswer ask_system(const std::string& host) {
    NameAnswer answer;
    asio::io_context own;  // the synchronous resolver needs one; it starts no thread
    asio::ip::tcp::resolver resolver(own);
    // No AI_ADDRCONFIG: urllib3 passes no flags either.
    const auto found = resolver.resolve(host, std::string(), asio::ip::tcp::resolver::flags{}, answer.error);
    if (answer.error) {
        // What it needs and cannot open, the C library tells as a name that is not there.
        if (!platform::has_descriptors(kDescriptorsNeeded)) {
            answer.error = asio::error::no_descriptors;
        }
        return answer;
    }
    for (const auto& entry : found) {
        const asio::ip::address address = entry.endpoint().address();
        if (std::find(answer.addresses.begin(), answer.addresses.end(), address) == answer.addresses.end()) {
            answer.addresses.push_back(address);
        }
    }
    return answer;
}

}  // namespace

// The only thing that a worker thread shares with the executor's thread.
struct NameLookup::Mailbox {
    struct Wait {
        explicit Wait(const asio::any_io_executor& executor) : ready(executor, asio::steady_timer::time_point::max()) {}
        asio::steady_timer ready;
        std::optional<NameAnswer> answer;
    };

    std::mutex mutex;
    std::optional<asio::any_io_executor> executor;  // none: nobody waits any more
    std::map<std::uint64_t, Wait*> waits;           // touched on the executor's thread only
    std::uint64_t last_id = 0;

    void deliver(std::uint64_t id, NameAnswer answer) {
        const auto wait = waits.find(id);
        if (wait != waits.end()) {
            wait->second->answer = std::move(answer);
            wait->second->ready.cancel();
        }
    }

    static void work(const std::shared_ptr<Mailbox>& mailbox, std::uint64_t id, const std::string& host) {
        NameAnswer answer = ask_system(host);
        const std::lock_guard lock(mailbox->mutex);
        if (mailbox->executor) {
            asio::post(*mailbox->executor, [mailbox, id, answer = std::move(answer)]() mutable {
                mailbox->deliver(id, std::move(answer));
            });
        }
    }

    // Takes part in `waits` for its lifetime, also when the waiting coroutine is destroyed.
    struct Registration {
        Registration(Mailbox& mailbox, Wait& wait) : mailbox(mailbox), id(++mailbox.last_id) {
            mailbox.waits.emplace(id, &wait);
        }
        ~Registration() { mailbox.waits.erase(id); }
        Registration(const Registration&) = delete;
        Registration& operator=(const Registration&) = delete;
        Mailbox& mailbox;
        std::uint64_t id;
    };
};

NameLookup::NameLookup(asio::any_io_executor executor) : mailbox_(std::make_shared<Mailbox>()) {
    mailbox_->executor = std::move(executor);
}

NameLookup::~NameLookup() {
    const std::lock_guard lock(mailbox_->mutex);
    mailbox_->executor.reset();
}

asio::awaitable<NameAnswer> NameLookup::find(std::string host, Watchdog& watchdog) {
    const std::shared_ptr<Mailbox> mailbox = mailbox_;
    Mailbox::Wait wait(*mailbox->executor);
    const Mailbox::Registration registration(*mailbox, wait);
    try {
        std::thread([mailbox, id = registration.id, host = std::move(host)] {
            Mailbox::work(mailbox, id, host);
        }).detach();
    } catch (const std::system_error&) {
        wait.answer.emplace();
        wait.answer->error = asio::error::no_memory;
    }
    const Watchdog::Guard guard(watchdog, [&wait] { wait.ready.cancel(); });
    while (!wait.answer && !watchdog.expired()) {
        boost::system::error_code woken;
        co_await wait.ready.async_wait(asio::redirect_error(asio::use_awaitable, woken));
    }
    NameAnswer answer;
    if (wait.answer) {
        answer = std::move(*wait.answer);
    } else {
        answer.error = asio::error::timed_out;
    }
    co_return answer;
}

}  // namespace banana
