// Values that are no secret although they stand where one is expected: sample texts, prose, names.
#pragma once

#include <string_view>

namespace banana {

// A sample of the table of sample_key.hpp that speaks of a key, such as `YOUR_API_KEY_HERE`.
bool is_sample_text(std::string_view value);

// "none", "disabled because of policy": words of small letters.
bool is_prose(std::string_view text);

// `comfyui-banana-gemini`, `/usr/share/x.py`, `model.diffusion_model.0.weight`: a path or the name of something.
bool is_path_or_name(std::string_view value);

// A web address of a scheme, a host, at most a port, and words (letters and digits, at most 20 between `.`, `-` and
// `/`), such as no key of a known shape is.
bool is_plain_address(std::string_view text);

// An address as the plugin keeps it in config.ini (`api_base_url_enc`: base64 of its bytes, each XOR 7), where it is a
// scheme, a host and at most a port and short words of a path: the user has to be shown it to put it right.
bool is_encoded_address(std::string_view value);

}  // namespace banana
