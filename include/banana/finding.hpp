// What a check noticed: one finding, one cause code, with the evidence for it.
#pragma once

#include "banana/message.hpp"
#include "banana/severity.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace banana {

enum class Cause : int;  // banana/cause.hpp

// One observed fact in support of a finding.
struct Evidence {
    Evidence() = default;
    Evidence(std::string id, std::string value, std::string file = {}, std::optional<int> line = std::nullopt)
        : id(std::move(id)), value(std::move(value)), file(std::move(file)), line(line) {}
    // Several lines, to be shown as they stand.
    [[nodiscard]] bool is_block() const { return value.find('\n') != std::string::npos; }

    std::string id;           // names its label: catalog id "evidence.<id>"
    std::string value;        // untrusted text, as observed; may have several lines
    std::string file;         // where it was seen; empty when not in a file
    std::optional<int> line;  // one-based
};

// How a finding is put right: by `fix`, as a precise change of files, or by hands alone.
enum class Repair { manual, run };
// As reports write it.
constexpr std::string_view repair_name(Repair repair) {
    return repair == Repair::run ? "run" : "manual";
}

struct Finding {
    explicit Finding(Cause code);  // of the severity that the table gives to the code
    Finding(Cause code, Severity severity) : code(code), severity(severity) {}

    Cause code;
    Severity severity;
    // Fill the placeholders of the cause's texts. A member "variant" picks the text
    // "cause.<code>.<field>.<variant>" where the catalog has one.
    Arguments args;
    // Which key the finding is about, see banana/key_source.hpp; empty when none.
    std::string key_source;
    std::vector<Evidence> evidence;
    // True where one condition was inferred and not observed: confidence "likely" instead of "proved".
    bool inferred = false;
    Repair repair = Repair::manual;
};

}  // namespace banana
