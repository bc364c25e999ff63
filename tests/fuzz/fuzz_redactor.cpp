// A key made from the input's first octets stands somewhere in the rest of the input, in one of the forms in which it
// could be echoed. Masked text must not hold eight characters in a row of it, however it is read.
#include "support/leak_search.hpp"

#include "redact_stream.hpp"
#include "redaction.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <sstream>
#include <string>

namespace {

std::string key_from(std::uint32_t seed) {
    constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    std::string key = "sk-";
    for (int index = 0; index < 48; ++index) {
        seed = seed * 1664525U + 1013904223U;
        key += kAlphabet[(seed >> 16U) % kAlphabet.size()];
    }
    return key;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace banana;
    constexpr std::size_t kHead = 7;
    if (size < kHead) {
        return 0;
    }
    const std::uint32_t seed = data[0] | (std::uint32_t{data[1]} << 8U) | (std::uint32_t{data[2]} << 16U) | 1U;
    const std::string key = key_from(seed);
    const std::vector<std::string> forms = test::echoed_forms(key);
    std::string text(reinterpret_cast<const char*>(data) + kHead, size - kHead);
    if (test::LeakSearch(key).found_in(text)) {
        return 0;  // the surroundings themselves hold a part
    }
    const std::size_t place = (data[4] | (std::size_t{data[5]} << 8U)) % (text.size() + 1);
    text.insert(place, forms[data[3] % forms.size()]);
    if (data[6] % 2 == 0) {
        Redactor redactor;
        redactor.learn(Secret(key));
        if (test::LeakSearch(key).found_in(redactor.scrub(text))) {
            std::abort();
        }
        return 0;
    }
    // Unknown to the redactor: recognised by its shape where it stands in plain form as a word of its own.
    std::string line(reinterpret_cast<const char*>(data) + kHead, size - kHead);
    line.insert(place % (line.size() + 1), " " + key + " ");
    std::istringstream in(line);
    std::ostringstream out;
    const Redactor stranger;
    if (!redact_stream(in, out, stranger)) {
        std::abort();
    }
    const bool wide = line.starts_with("\xFF\xFE") || line.starts_with("\xFE\xFF");
    if (!wide && test::LeakSearch(key).found_in(out.str())) {
        std::abort();
    }
    return 0;
}
