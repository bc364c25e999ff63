// The JSON report, schema 1 of the project's interface: written, and read back for `render`.
//
// Beside the members that scripts rely on, a check carries `incomplete`, `summary_id` and `summary_args`, and a finding
// `inferred`: with them a report can be written again in another language.
#pragma once

#include "banana/bounds.hpp"
#include "banana/report.hpp"

#include <boost/json/value.hpp>
#include <functional>
#include <string>
#include <string_view>
#include <variant>

namespace banana {

inline constexpr int kSchema = 1;

// Indented, keys in a fixed order, a line break at the end. Texts are in the report's language.
[[nodiscard]] std::string write_json(const Report& report);

// The same for `render` alone: without the sentences, which it makes anew, and without blanks.
[[nodiscard]] std::string write_json_data(const Report& report);

struct ReportError {
    enum class Kind {
        too_large,     // over bounds::kReportBytes
        not_json,      // not one JSON value, not UTF-8, or nested too deeply
        not_a_report,  // JSON, but no banana-diag report
        other_schema,  // a schema that this version does not know
        missing_member,
        wrong_type,
        bad_value,     // an enumerated member has a value that does not exist, or a number is out of range
        unknown_code,  // a cause code of a newer version
        no_data,       // a .md or .html without the comment that carries the data
        data_cut,      // `path`: "characters there/characters written"
        data_changed,  // the checksum of the data is wrong
    };
    Kind kind = Kind::not_json;
    std::string path;  // where, as "checks[1].status"; empty for the whole
};

// Text for a reader: catalog id "report.read-error.<kind>" with the argument `path`.
[[nodiscard]] Message message_of(const ReportError& error);

// The diagnosis is not read: it is made anew from findings and facts. All text is untrusted and bounded.
// `prepare` sees the whole document before anything is read from it.
[[nodiscard]] std::variant<Report, ReportError> read_json(std::string_view text,
                                                          const std::function<void(boost::json::value&)>& prepare = {});

}  // namespace banana
