// HTTP's framing for the embedded world's servers: requests read and answers written by Beast, which only the source
// file includes.
#pragma once

#include "loopback_servers.hpp"

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace banana::world {

// The requests of one connection, fed as octets come.
class RequestReader {
public:
    enum class State { incomplete, complete, malformed };

    RequestReader();
    ~RequestReader();
    RequestReader(const RequestReader&) = delete;
    RequestReader& operator=(const RequestReader&) = delete;

    // Octets that belong to a later request are kept for it. A request beyond the bounds is malformed.
    [[nodiscard]] State feed(std::string_view octets);
    // The complete request; the reader is then at the next one, and `feed` with no octets looks at what was kept.
    [[nodiscard]] ServerRequest take();

private:
    class Implementation;
    std::unique_ptr<Implementation> implementation_;
};

// An answer as it goes over the wire: its own headers, Content-Length, Connection. `without_body`: to a HEAD.
std::string serialize(const ServerReply& reply, bool keep_alive, bool without_body);

}  // namespace banana::world
