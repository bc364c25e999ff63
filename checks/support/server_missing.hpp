// What local.server says where no ComfyUI answers.
#pragma once

#include "banana/check_result.hpp"
#include "comfyui_api.hpp"

namespace banana {

// The finding for what was seen at the deciding address, and the summary. `right_url`: where the ComfyUI of the
// examined folder is seen instead; empty for nowhere.
void report_missing_server(const RunContext& context, const Identification& found, const std::string& right_url,
                           CheckResult& result);

}  // namespace banana
