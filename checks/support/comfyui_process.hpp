// The ComfyUI that runs on this machine, told by what Linux shows of the processes that listen: what they were
// started with, and where. Elsewhere, and for other users' processes, there is nothing to see.
#pragma once

#include "run_context.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace banana {

// The ComfyUI folders that the process was started in, or from a file of, or names in its command line. A reverse
// proxy in front of ComfyUI has none, so that its environment is not taken for ComfyUI's.
std::vector<std::filesystem::path> comfyui_roots_of(int process);

// A Python that runs the main.py of a ComfyUI folder: what was only started there, such as a Jupyter, does not.
bool runs_comfyui(int process);

// The process that listens on the port, where it can be seen and may be ComfyUI.
std::optional<int> listening_process(const RunContext& context, std::uint16_t port);

// The ComfyUI that serves one of the ports: a listener there, else, behind a reverse proxy, the one process that
// listens and was started from `root`. None where no such process can be seen.
std::optional<int> comfyui_process(const RunContext& context, const std::vector<std::uint16_t>& ports,
                                   const std::filesystem::path& root);

// Addresses besides the usual ports on loopback: those that a process started from `root` listens on, then the one
// that the newest start-up log of `root` names. An empty `root` stands for every ComfyUI process, and no log.
std::vector<std::string> further_urls(const RunContext& context, const std::filesystem::path& root);

// Whether such a process is seen to listen anywhere.
bool comfyui_listens(const RunContext& context, const std::filesystem::path& root);

// The addresses that processes started from `root` are seen to listen on, usual ports included. A Jupyter that was
// started there is among them.
std::vector<std::string> listening_addresses(const RunContext& context, const std::filesystem::path& root);

// A Python that runs main.py of `root`, whether it listens or not. None where none can be seen.
std::optional<int> process_running_main(const RunContext& context, const std::filesystem::path& root);

// Every Python process that was started with a main.py; this account sees its own, and root all, those of containers
// among them.
std::vector<int> processes_with_main();

// The x of the Python 3.x that such a process runs on; 0 where none is seen.
int running_python_minor(const RunContext& context, const std::filesystem::path& root);

struct ProcessPython {
    std::string path;               // as its own process names it
    std::filesystem::path seen_at;  // where this program sees the same file
    bool is_elsewhere = false;      // in a container, or under another root than ours
};

// The interpreter that the answering ComfyUI was started with, as a path, a virtual environment's own; none where that
// cannot be told.
std::optional<ProcessPython> python_of_process(const RunContext& context);

struct SeenProcess {
    Environment environment;
    std::filesystem::path working_directory;  // empty where it cannot be read
};

// The process that serves ComfyUI, from local.server where it has run, else seen here.
std::optional<SeenProcess> comfyui_process_seen(const RunContext& context);

}  // namespace banana
