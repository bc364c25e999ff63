// The repairs that stand beside the checks: what `fix` may change, each a precise change of files. What is not here is
// for a person's hands, and there is no type for a command.
#pragma once

#include "banana/check_result.hpp"
#include "banana/context.hpp"

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace banana {

// config.ini mended (engines/config/config_mending.hpp).
struct MendConfig {
    std::filesystem::path file;
    // Where its content starts from: the file itself, one beside it that was meant, or nothing (empty).
    std::filesystem::path content_of;
};

// Nobody but its owner may read the file any more.
struct CloseToOthers {
    std::filesystem::path file;
};

// The plugin's folder gets the name or place that ComfyUI loads from.
struct MovePlugin {
    FolderMove move;
};

using RunRepair = std::variant<MendConfig, CloseToOthers, MovePlugin>;

// Why a copy of the plugin is not certain to be the one whose files count.
enum class CopyDoubt {
    other_file,        // --config names another file than the plugin's own
    outside,           // config.ini is a link that leads out of the plugin's folder
    server_elsewhere,  // the running ComfyUI loads from another place
    several_copies,    // and nothing tells which of them is loaded
    several_installs,  // of ComfyUI, and none of them runs
    test_mode,         // another file is read
};
// "other-file", "server-elsewhere" …
std::string_view doubt_name(CopyDoubt doubt);

// What of this can be told of the copy by itself: another of its kind beside it, or a file that lies outside of it.
std::optional<CopyDoubt> doubt_of_copy(const Install& install, const std::filesystem::path& file,
                                       const Discoveries& found);

struct RepairPlan {
    std::vector<RunRepair> repairs;  // in the order in which they are offered; empty: all is for hands
    std::optional<CopyDoubt> doubt;  // set: none of them may be made
};

// From what the checks found. `replace_key`: a key is at hand that is to take the place of a refused one.
RepairPlan plan_repairs(std::span<const CheckResult> checks, const Discoveries& found, const RunOptions& options,
                        const Surroundings& surroundings, bool replace_key);

// A key in another file of the plugin's folder: an earlier or example config.ini.
struct FoundKey {
    std::filesystem::path file;
    Secret key;
};
// None where there is no such file, or several with different keys. `misnamed`: another file to look into; may be
// empty.
std::optional<FoundKey> find_key_beside(const std::filesystem::path& config, const std::filesystem::path& misnamed);

}  // namespace banana
