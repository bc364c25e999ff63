#include "runner.hpp"

#include "banana/bounds.hpp"
#include "banana/cause.hpp"
#include "banana/variant.hpp"
#include "diagnosis.hpp"
#include "header_secrets.hpp"
#include "platform.hpp"
#include "platform_host.hpp"
#include "proxy_settings.hpp"
#include "subject.hpp"
#include "system_proxy.hpp"
#include "text.hpp"
#include "url_secrets.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <deque>
#include <exception>
#include <memory>
#include <new>

namespace banana {
namespace {

namespace asio = boost::asio;
using Clock = std::chrono::steady_clock;

constexpr std::string_view kCrashed = code_of(Cause::internal_check_failed);
constexpr std::chrono::milliseconds kUnwindTime{50};
constexpr std::chrono::milliseconds kTickInterval{100};
constexpr std::chrono::milliseconds kInterruptInterval{20};

double milliseconds(Clock::duration duration) {
    return std::chrono::duration<double, std::milli>(duration).count();
}

// In whole microseconds, as a JSON report keeps them: what is read back from it is shown alike.
double milliseconds_between(Clock::time_point from, Clock::time_point to) {
    return milliseconds(std::chrono::floor<std::chrono::microseconds>(to - from));
}

Status status_of(const CheckResult& result) {
    if (!result.skip_reason.empty()) {
        return Status::skip;
    }
    const auto has = [&](Severity severity) {
        return std::any_of(result.findings.begin(), result.findings.end(),
                           [&](const Finding& finding) { return finding.severity == severity; });
    };
    if (has(Severity::error)) {
        return Status::fail;
    }
    return has(Severity::warning) ? Status::warn : Status::pass;
}

CheckResult skipped(std::string_view reason) {
    CheckResult result;
    result.skip_reason = std::string(reason);
    const bool need = reason.starts_with(skip_reason::need_prefix);
    Arguments args;
    if (need) {
        args["need"] = std::string(reason.substr(skip_reason::need_prefix.size()));
    }
    result.summary = Message("summary.skip." + (need ? std::string("need") : std::string(reason)), std::move(args));
    return result;
}

CheckResult failed_check(std::string_view what, bool exhausted) {
    CheckResult result;
    result.skip_reason = std::string(kCrashed);
    result.summary = Message(exhausted ? "summary.skip.exhausted" : "summary.skip.crashed");
    Finding finding(Cause::internal_check_failed);
    finding.args["what"] = sanitize(what, Lines::single, bounds::kCrashTextBytes);
    if (exhausted) {
        set_variant(finding, Variant::exhausted);
    }
    result.findings.push_back(std::move(finding));
    return result;
}

// One check's place in the run.
struct Slot {
    Slot(const Check& check, asio::io_context& io) : check(check), ended_event(io, Clock::time_point::max()) {}
    const Check& check;
    bool selected = false;
    bool started = false;
    bool ended = false;
    CheckResult result;
    Clock::time_point start;
    asio::steady_timer ended_event;  // cancelled when the check has ended
    asio::cancellation_signal cancel;
};

class Run {
public:
    Run(const RunInput& input, const RunObserver& observer)
        : input_(input),
          observer_(observer),
          http_(io_.get_executor(), input.name_overrides),
          context_(input.options, input.surroundings, http_, input.redactor),
          interrupts_(io_),
          ticker_(io_) {
        context_.progress = observer.progress;
        context_.until_ended = [this](CheckIds ids) { return wait_for(ids); };
        if (input.given_key) {
            context_.given_key.emplace(input.given_key->key.clone(), input.given_key->source);
            input.redactor.learn(input.given_key->key);
        }
        for (const SecretHeader& header : input.comfyui_headers) {
            context_.comfyui_headers.emplace_back(header.name, header.value.clone());
            learn_header(input.redactor, header);
        }
        learn_surroundings();
        for (const Check* check : input.checks) {
            slots_.emplace_back(*check, io_);
        }
        select();
    }

    // What was given or set, before anything can repeat it.
    void learn_surroundings() {
        for (const std::string& url :
             {input_.options.base_url, input_.options.comfyui_url, input_.options.proxy.value_or(std::string())}) {
            learn_url_secrets(input_.redactor, url);
        }
        for (const auto& [name, value] : input_.surroundings.environment.all()) {
            if (to_lower_ascii(name).ends_with("_proxy")) {
                learn_url_secrets(input_.redactor, value);
            }
        }
        if (const auto& settings = input_.surroundings.system_proxy) {
            for (const char* url : {"https://host/", "http://host/"}) {
                learn_url_secrets(input_.redactor, choose_system_proxy(url, {settings->server, {}}).url);
            }
        }
    }

    RunOutcome run() {
        begin_ = Clock::now();
        if (input_.handle_signals) {
            asio::co_spawn(io_, watch_interrupts(), asio::detached);
        }
        for (Slot& slot : slots_) {
            if (slot.selected) {
                asio::co_spawn(io_, run_slot(slot), asio::detached);
            } else {
                slot.start = begin_;
                finish(slot, skipped(skip_reason::not_selected));
            }
        }
        // --wait lies outside the deadline.
        asio::steady_timer deadline(io_, input_.options.deadline + input_.options.wait);
        deadline.async_wait([this](const boost::system::error_code& error) {
            if (!error) {
                end_all(skip_reason::deadline);
            }
        });
        if (observer_.tick) {
            asio::co_spawn(io_, tick(), asio::detached);
        }
        io_.run();
        unwind();
        RunOutcome outcome;
        outcome.checks = take_results();
        outcome.subject = make_subject(context_, outcome.checks);
        outcome.interrupted_by = interrupted_by_;
        if (context_.found.install) {
            outcome.comfyui_dir = context_.found.install->comfyui_dir;
        }
        outcome.found = std::move(context_.found);
        return outcome;
    }

private:
    void select() {
        const RunOptions& options = input_.options;
        for (Slot& slot : slots_) {
            slot.selected = options.only.empty() || matches_any(slot.check.id, options.only);
        }
        if (!options.only.empty()) {
            for (Slot& slot : slots_) {
                if (matches_any(slot.check.id, options.only)) {
                    select_needs(slot);
                }
            }
        }
        for (Slot& slot : slots_) {
            const bool skip = matches_any(slot.check.id, options.skip) || (slot.check.deep && !options.deep);
            slot.selected = slot.selected && !skip;
        }
    }

    void select_needs(const Slot& slot) {
        const bool left_out = slot.check.deep && !input_.options.deep;
        if (left_out || slot.check.is_handed_in(input_.options)) {
            return;
        }
        for (const CheckIds& ids : {slot.check.needs, slot.check.wants}) {
            for (const std::string_view id : ids) {
                select_need(id);
            }
        }
    }

    void select_need(std::string_view id) {
        Slot* need = find(id);
        if (need != nullptr && !need->selected) {
            need->selected = true;
            select_needs(*need);
        }
    }

    Slot* find(std::string_view id) {
        const auto found =
            std::find_if(slots_.begin(), slots_.end(), [&](const Slot& slot) { return slot.check.id == id; });
        return found == slots_.end() ? nullptr : &*found;
    }

    asio::awaitable<void> tick() {
        while (!stopped_) {
            observer_.tick(milliseconds_between(begin_, Clock::now()));
            ticker_.expires_after(kTickInterval);
            co_await ticker_.async_wait(asio::use_awaitable);
        }
    }

    asio::awaitable<void> wait_for(CheckIds ids, CheckIds but_for = {}) {
        for (const std::string_view id : ids) {
            Slot* slot = std::find(but_for.begin(), but_for.end(), id) == but_for.end() ? find(id) : nullptr;
            while (slot != nullptr && slot->selected && !slot->ended) {
                boost::system::error_code ignored;
                co_await slot->ended_event.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
            }
        }
    }

    asio::awaitable<void> run_slot(Slot& slot) {
        co_await wait_for(slot.check.needs);
        co_await wait_for(slot.check.wants, slot.check.beside);
        co_await wait_for(slot.check.after);
        slot.start = Clock::now();
        if (stopped_) {
            co_return;
        }
        if (!is_ready(slot.check)) {
            finish(slot, skipped(reason_not_ready(slot)));
            co_return;
        }
        slot.started = true;
        observer_.started(slot.check.id);
        start(slot);
    }

    // Nothing is needed, it is handed in, or one of the checks that it needs has found what it looks for.
    bool is_ready(const Check& check) {
        const auto has_found = [&](std::string_view id) {
            const Slot* needed = find(id);
            return needed != nullptr && needed->check.found(context_);
        };
        return check.needs.empty() || check.is_handed_in(input_.options) ||
               std::any_of(check.needs.begin(), check.needs.end(), has_found);
    }

    std::string reason_not_ready(const Slot& slot) {
        const std::string_view need = slot.check.needs.empty() ? std::string_view() : slot.check.needs.front();
        const Slot* needed = find(need);
        if (needed != nullptr && !needed->selected) {
            return std::string(skip_reason::not_selected);
        }
        return std::string(skip_reason::need_prefix) + std::string(need);
    }

    // The limits suit the usual --timeout and grow with a longer one.
    [[nodiscard]] Clock::duration longest_time_of(const Check& check) const {
        const double growth = std::max(1.0, milliseconds(input_.options.timeout) / milliseconds(RunOptions{}.timeout));
        return std::chrono::duration_cast<Clock::duration>(check.limit * growth);
    }

    void start(Slot& slot) {
        auto limit = std::make_shared<asio::steady_timer>(io_, longest_time_of(slot.check) + input_.options.wait);
        limit->async_wait([this, &slot](const boost::system::error_code& error) {
            if (!error && !slot.ended) {
                finish(slot, skipped(skip_reason::deadline));
                slot.cancel.emit(asio::cancellation_type::terminal);
            }
        });
        auto on_end = [this, &slot, limit](std::exception_ptr failure, CheckResult result) {
            --running_;
            limit->cancel();
            if (slot.ended) {
                return;  // too late: it was reported as over its limit
            }
            finish(slot, failure ? crashed(failure) : std::move(result));
        };
        ++running_;
        asio::co_spawn(io_, slot.check.run(context_),
                       asio::bind_cancellation_slot(slot.cancel.slot(), std::move(on_end)));
    }

    // Lets cancelled checks leave their frames while all that they refer to is still there.
    void unwind() {
        if (running_ == 0) {
            return;
        }
        for (Slot& slot : slots_) {
            slot.cancel.emit(asio::cancellation_type::terminal);
        }
        io_.restart();
        const Clock::time_point end = Clock::now() + kUnwindTime;
        while (running_ > 0 && Clock::now() < end) {
            io_.run_one_until(end);
        }
    }

    static CheckResult crashed(const std::exception_ptr& failure) {
        try {
            std::rethrow_exception(failure);
        } catch (const platform::Exhausted& lack) {
            return failed_check(lack.what(), true);
        } catch (const std::bad_alloc& lack) {
            return failed_check(lack.what(), true);
        } catch (const std::exception& error) {
            return failed_check(error.what(), false);
        } catch (...) {
            return failed_check({}, false);
        }
    }

    void finish(Slot& slot, CheckResult result) {
        result.id = std::string(slot.check.id);
        result.started_ms = milliseconds_between(begin_, slot.start);
        result.duration_ms = slot.started ? milliseconds_between(slot.start, Clock::now()) : 0;
        relent(result, circumstances_of(context_, {}));
        result.status = status_of(result);
        input_.redactor.scrub(result);
        slot.result = std::move(result);
        slot.ended = true;
        slot.ended_event.cancel();
        report_finished();
        if (std::all_of(slots_.begin(), slots_.end(), [](const Slot& other) { return other.ended; })) {
            io_.stop();
        }
    }

    // Results are told in report order, as soon as all before them are there.
    void report_finished() {
        while (reported_ < slots_.size() && slots_[reported_].ended) {
            observer_.finished(slots_[reported_].result);
            ++reported_;
        }
    }

    void end_all(std::string_view reason) {
        stopped_ = true;
        for (Slot& slot : slots_) {
            if (!slot.ended) {
                if (slot.start == Clock::time_point{}) {
                    slot.start = Clock::now();
                }
                finish(slot, skipped(reason));
            }
        }
    }

    // A handler may only leave a mark: it is looked for.
    asio::awaitable<void> watch_interrupts() {
        while (platform::interrupt_received() == 0) {
            interrupts_.expires_after(kInterruptInterval);
            co_await interrupts_.async_wait(asio::use_awaitable);
        }
        interrupted_by_ = platform::interrupt_received();
        end_all(skip_reason::interrupted);
    }

    // The slots give their results away.
    [[nodiscard]] std::vector<CheckResult> take_results() {
        std::vector<CheckResult> all;
        all.reserve(slots_.size());
        for (Slot& slot : slots_) {
            all.push_back(std::move(slot.result));
            // A secret may have been learned after this check had ended.
            input_.redactor.scrub(all.back());
        }
        return all;
    }

    const RunInput& input_;
    const RunObserver& observer_;
    asio::io_context io_{1};
    HttpClient http_;
    RunContext context_;
    std::deque<Slot> slots_;
    asio::steady_timer interrupts_;
    asio::steady_timer ticker_;
    Clock::time_point begin_;
    std::size_t reported_ = 0;
    int running_ = 0;  // checks whose coroutine has not ended, also those reported as over their limit
    int interrupted_by_ = 0;
    bool stopped_ = false;
};

}  // namespace

RunOutcome run_checks(const RunInput& input, const RunObserver& observer) {
    Run run(input, observer);
    return run.run();
}

bool matches_any(std::string_view id, const std::vector<std::string>& ids_or_prefixes) {
    return std::any_of(ids_or_prefixes.begin(), ids_or_prefixes.end(), [&](const std::string& wanted) {
        return id == wanted || (id.starts_with(wanted) && id.size() > wanted.size() &&
                                (wanted.ends_with('.') || id[wanted.size()] == '.'));
    });
}

}  // namespace banana
