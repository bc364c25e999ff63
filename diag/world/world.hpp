// The embedded world: a temporary ComfyUI tree, a ComfyUI-like server over it and an HTTPS upstream, all on
// loopback and in this process. A run against it uses the same checks as a run against a real machine.
#pragma once

#include "banana/context.hpp"
#include "faults.hpp"
#include "http_client.hpp"

#include <filesystem>
#include <memory>
#include <optional>
#include <set>
#include <string>

namespace banana::world {

// Keys made at run time from a fixed seed, so that their masked forms are the same in every run. 0 is the key that
// the upstream knows, 1 one that it does not know.
Secret demo_key(unsigned number);

class World {
public:
    // Starts the servers. Throws std::system_error where the temporary folder or loopback cannot be used.
    explicit World(const WorldFaults& faults);
    // Stops the servers and removes the folder.
    ~World();
    World(const World&) = delete;
    World& operator=(const World&) = delete;

    [[nodiscard]] RunOptions options() const;
    [[nodiscard]] Surroundings surroundings() const;
    [[nodiscard]] NameOverrides overrides() const;
    [[nodiscard]] std::optional<Secret> given_key() const;

    // Hosts that saw a key, from this program or from the plugin.
    [[nodiscard]] std::set<std::string> key_hosts() const;
    // Hosts that saw a key though no button of this world's install sends one there; empty where all is well.
    [[nodiscard]] std::set<std::string> foreign_key_hosts() const;

    [[nodiscard]] const std::filesystem::path& folder() const noexcept;
    [[nodiscard]] std::uint16_t comfyui_port() const noexcept;

private:
    class Implementation;
    std::unique_ptr<Implementation> implementation_;
};

}  // namespace banana::world
