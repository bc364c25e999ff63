// Which package brings a Python module, and which modules no package brings.
#pragma once

#include <string>
#include <string_view>

namespace banana {

struct NamedPackage {
    std::string_view module;
    std::string_view package;
};

// The package that provides a Python module, as pip knows it (PIL: pillow, google.genai: google-genai); empty where
// `module` is no plain name and must not be put into a command.
std::string package_of_module(std::string_view module);

// The package of a binary module by the name that an exception has of it (_imaging: pillow); empty where not known.
std::string_view package_of_binary(std::string_view binary);

bool is_comfyuis_module(std::string_view name);
bool is_pythons_module(std::string_view name);

}  // namespace banana
