// One check on its own, with a context that a test has filled.
#pragma once

#include "check.hpp"
#include "http_client.hpp"
#include "redaction.hpp"
#include "run_context.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <exception>
#include <optional>
#include <utility>

namespace banana::test {

// Options and surroundings may be changed until the first check runs.
class CheckStage {
public:
    CheckStage() : http_(io_.get_executor()), context(options, surroundings, http_, redactor) {
        surroundings.search_machine = false;
        options.timeout = std::chrono::milliseconds(5'000);
    }

    // Runs it to its end; an exception of the check comes through.
    CheckResult run(CheckRun check) {
        std::optional<CheckResult> result;
        std::exception_ptr failure;
        boost::asio::co_spawn(io_, check(context), [&](std::exception_ptr error, CheckResult value) {
            failure = error;
            result = std::move(value);
        });
        io_.restart();
        io_.run();
        if (failure) {
            std::rethrow_exception(failure);
        }
        return std::move(*result);
    }

private:
    boost::asio::io_context io_;
    HttpClient http_;

public:
    RunOptions options;
    Surroundings surroundings;
    Redactor redactor;
    RunContext context;
};

// The first finding with the code; null when there is none.
inline const Finding* find_code(const CheckResult& result, Cause code) {
    for (const Finding& finding : result.findings) {
        if (finding.code == code) {
            return &finding;
        }
    }
    return nullptr;
}

}  // namespace banana::test
