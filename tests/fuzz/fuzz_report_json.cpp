// A hostile JSON report: reading it, diagnosing it and writing it in every format must neither crash nor hang.
#include "diagnosis.hpp"
#include "html.hpp"
#include "json.hpp"
#include "markdown.hpp"
#include "metrics.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace banana;
    auto result = read_json({reinterpret_cast<const char*>(data), size});
    if (!std::holds_alternative<Report>(result)) {
        return 0;
    }
    Report report = std::get<Report>(std::move(result));
    report.diagnosis = diagnose(report.checks, report.subject);
    if (write_html(report).find("<script") != std::string::npos) {
        std::abort();
    }
    if (write_markdown(report).empty() || write_metrics(report).empty()) {
        std::abort();
    }
    // What was written can be read again.
    if (!std::holds_alternative<Report>(read_json(write_json(report)))) {
        std::abort();
    }
    return 0;
}
