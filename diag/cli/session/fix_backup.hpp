// What `fix` leaves behind so that `fix --undo` can go back: files beside the one that it changed.
//
//   config.ini.banana-diag-<local time>.bak            the file as it was
//   config.ini.banana-diag-<local time>.absent.bak     there was no such file
//   config.ini.banana-diag-<local time>.mode-644.bak   the file as it was, but for its mode, which let others read it
//   banana-diag-<local time>.moved.bak                 in the plugin's folder: where that was
#pragma once

#include "file_change.hpp"

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace banana {

struct Backup {
    enum class Kind { content, absent, mode, moved };
    std::filesystem::path path;
    Kind kind = Kind::content;
    unsigned mode = 0;  // of a Kind::mode
    std::string stamp;  // "20251112-164900"; sorts by time
    int number = 1;     // of several in one second
};

// Written beside the file, never over anything. None where that failed; `outcome` says why.
std::optional<Backup> back_up(const std::filesystem::path& file, const platform::SeenFile& seen, Backup::Kind kind,
                              std::chrono::system_clock::time_point now, platform::ChangeOutcome& outcome);

// Before the move, in the folder that is to be moved: its old place, relative to the folder that it will lie in.
std::optional<Backup> note_move(const std::filesystem::path& from, const std::filesystem::path& to,
                                std::chrono::system_clock::time_point now, platform::ChangeOutcome& outcome);

// The newest one of this config file or of a move of its folder; none where there is none. Links and folders do not
// count.
std::optional<Backup> newest_backup(const std::filesystem::path& file);

// Where a moved plugin's folder was; none where the note does not name one of the places that are mended.
std::optional<std::filesystem::path> old_place(const Backup& note, const std::filesystem::path& folder);

// A free name beside the file for what --undo takes away.
std::filesystem::path undone_name(const std::filesystem::path& file, std::chrono::system_clock::time_point now);

}  // namespace banana
