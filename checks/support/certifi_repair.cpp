#include "certifi_repair.hpp"

#include "platform.hpp"
#include "shell_command.hpp"

namespace banana {

void add_certifi_repair(const std::string& file, Finding& finding) {
    const std::string python = python_of_package_file(file);
    const std::string command = pip_command(python, "--force-reinstall certifi", platform::kShell);
    finding.args["command"] = command;
    finding.args["python"] = python.empty() ? "not-found" : command.starts_with('"') ? "quoted" : "found";
}

}  // namespace banana
