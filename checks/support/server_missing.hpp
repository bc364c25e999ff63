// What local.server says where no ComfyUI answers.
#pragma once

#include "banana/check_result.hpp"
#include "comfyui_api.hpp"

namespace banana {

// The finding for what was seen at the deciding address, and the summary. `right_url`: where the ComfyUI of the
// examined folder is seen instead; empty for nowhere.
void report_missing_server(const RunContext& context, const Identification& found, const std::string& right_url,
                           CheckResult& result);

// Who refused the request for something of the ComfyUI at `base_url`, as far as the answer tells.
void describe_denial(const RunContext& context, const std::string& base_url, const HttpResponse& response,
                     Finding& finding);

}  // namespace banana
