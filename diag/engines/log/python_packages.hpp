// Which package brings a Python module, how safely a plain `pip install` mends it, and which modules no package brings.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace banana {

struct NamedPackage {
    std::string_view module;
    std::string_view package;
};

// The package that provides a Python module, as pip knows it (PIL: pillow, google.genai: google-genai); the module's
// own name where no other is known. Empty where `module` is no plain name, or begins with `_`, and must not be put into
// a command.
std::string package_of_module(std::string_view module);

// The name that package_of_module gives is known to be the package's, not supposed to be.
bool is_known_package_of(std::string_view module);

// The package of a binary module by the name that an exception has of it (_imaging: pillow); empty where not known.
std::string_view package_of_binary(std::string_view binary);

// What pip has to be asked for where a module that newer versions have dropped is missing, as one shell word
// (moviepy.editor: "moviepy<2" in its quotes); empty where not known.
std::string_view requirement_of(std::string_view module);

// PyTorch and what is built for one version of it and one graphics card: pip's plain choice is another build.
bool is_built_for_card(std::string_view package);

// The packages that bring the same module in each other's place (opencv-python and its siblings); empty where it is the
// package alone.
std::span<const std::string_view> siblings_of(std::string_view package);

// Another version of it breaks what is installed beside it.
bool is_version_bound(std::string_view package);

// `name`: without what follows a dot. ComfyUI's own modules: a package of the same name from pip is another thing.
enum class ComfyuiName { no, own, common };  // common: others use the name for modules of theirs, too
ComfyuiName comfyui_name(std::string_view name);

// Modules of Python itself, as of 3.8 to 3.14, that an interpreter may lack; `name` as above.
enum class PythonPart {
    no,
    optional,      // built with it or without it: _ssl, tkinter
    removed,       // newer versions have dropped it: imp, telnetlib
    other_system,  // exists on other systems only: fcntl, winreg
};
PythonPart python_part(std::string_view name);

}  // namespace banana
