// The real parser: a long-lived python3 that reads one file after the other.
#pragma once

#include <boost/json/value.hpp>
#include <cstdio>
#include <filesystem>
#include <string_view>

namespace banana::differential {

class PythonPeer {
public:
    // Starts `python3 script scratch_file`. Throws std::runtime_error where that fails.
    PythonPeer(const std::filesystem::path& script, std::filesystem::path scratch_file);
    ~PythonPeer();
    PythonPeer(const PythonPeer&) = delete;
    PythonPeer& operator=(const PythonPeer&) = delete;

    // What Python's configparser makes of a file with these bytes; members as in configparser_peer.py.
    boost::json::value read(std::string_view bytes);

private:
    std::filesystem::path scratch_file_;
    int process_ = -1;
    std::FILE* to_ = nullptr;
    std::FILE* from_ = nullptr;
};

}  // namespace banana::differential
