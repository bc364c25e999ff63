#include "differential/python_peer.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <boost/json/parse.hpp>
#include <stdexcept>
#include <string>

namespace banana::differential {
namespace {

using Length = std::array<unsigned char, 4>;

Length pack(std::size_t size) {
    return {static_cast<unsigned char>(size), static_cast<unsigned char>(size >> 8),
            static_cast<unsigned char>(size >> 16), static_cast<unsigned char>(size >> 24)};
}

std::size_t unpack(const Length& length) {
    return length[0] | static_cast<std::size_t>(length[1]) << 8 | static_cast<std::size_t>(length[2]) << 16 |
           static_cast<std::size_t>(length[3]) << 24;
}

}  // namespace

PythonPeer::PythonPeer(const std::filesystem::path& script, std::filesystem::path scratch_file)
    : scratch_file_(std::move(scratch_file)) {
    int requests[2];
    int answers[2];
    if (::pipe(requests) != 0 || ::pipe(answers) != 0) {
        throw std::runtime_error("no pipe");
    }
    process_ = ::fork();
    if (process_ < 0) {
        throw std::runtime_error("no process");
    }
    if (process_ == 0) {
        ::dup2(requests[0], STDIN_FILENO);
        ::dup2(answers[1], STDOUT_FILENO);
        for (const int descriptor : {requests[0], requests[1], answers[0], answers[1]}) {
            ::close(descriptor);
        }
        ::execlp("python3", "python3", script.c_str(), scratch_file_.c_str(), nullptr);
        ::_exit(127);
    }
    ::close(requests[0]);
    ::close(answers[1]);
    to_ = ::fdopen(requests[1], "wb");
    from_ = ::fdopen(answers[0], "rb");
}

PythonPeer::~PythonPeer() {
    std::fclose(to_);
    std::fclose(from_);
    ::waitpid(process_, nullptr, 0);
    std::error_code ignored;
    std::filesystem::remove(scratch_file_, ignored);
}

boost::json::value PythonPeer::read(std::string_view bytes) {
    const Length size = pack(bytes.size());
    std::fwrite(size.data(), 1, size.size(), to_);
    std::fwrite(bytes.data(), 1, bytes.size(), to_);
    std::fflush(to_);
    Length answer_size{};
    if (std::fread(answer_size.data(), 1, answer_size.size(), from_) != answer_size.size()) {
        throw std::runtime_error("the python3 peer ended");
    }
    std::string answer(unpack(answer_size), '\0');
    if (std::fread(answer.data(), 1, answer.size(), from_) != answer.size()) {
        throw std::runtime_error("the python3 peer ended");
    }
    return boost::json::parse(answer);
}

}  // namespace banana::differential
