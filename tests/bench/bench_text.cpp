// Time to mask a long text without a key, and to read a log: both grow with the text alone.
#include "banana/secret.hpp"
#include "log_scanner.hpp"
#include "redaction.hpp"
#include "support/temporary_folder.hpp"

#include <chrono>
#include <cstdio>
#include <string>

namespace {

std::string log_of(std::size_t size) {
    std::string text;
    while (text.size() < size) {
        text += "2025-11-12 16:49:00 [INFO] Prompt executed in 12.34 seconds, 100% of \"nodes\" loaded\n";
    }
    return text;
}

template <class Work>
void measure(const char* what, std::size_t size, Work work) {
    const auto start = std::chrono::steady_clock::now();
    work();
    const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - start;
    std::printf("%-8s %9zu bytes %9.2f ms\n", what, size, took.count());
}

}  // namespace

int main() {
    banana::Redactor redactor;
    for (unsigned number = 0; number < 20; ++number) {
        redactor.learn(banana::Secret(banana::test::made_up_key(number)));
    }
    for (std::size_t size = 64 * 1024; size <= 4 * 1024 * 1024; size *= 4) {
        const std::string text = log_of(size);
        measure("redact", size, [&] { static_cast<void>(redactor.scrub(text)); });
        measure("log", size, [&] { static_cast<void>(banana::scan_log(text, "node", true)); });
    }
}
