// Memory that held a key is overwritten before it is given back: a memory image, a swap file or a later bug must not
// find it there.
#include "banana/secret.hpp"
#include "http_client.hpp"
#include "support/hostile_server.hpp"
#include "support/temporary_folder.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/test/unit_test.hpp>

#include <malloc.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdlib>
#include <new>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

// What must not stand in a block that is given back. Plain memory: the operators below may not allocate.
std::array<char, 16> watched{};
bool watching = false;
int found = 0;

void give_back(void* block) noexcept {
    if (watching && block != nullptr) {
        const std::string_view content(static_cast<const char*>(block), ::malloc_usable_size(block));
        found += content.find(std::string_view(watched.data(), watched.size())) != std::string_view::npos ? 1 : 0;
    }
    std::free(block);
}

void* take(std::size_t size) {
    void* const block = std::calloc(1, std::max<std::size_t>(size, 1));
    if (block == nullptr) {
        throw std::bad_alloc();
    }
    return block;
}

}  // namespace

void* operator new(std::size_t size) {
    return take(size);
}
void* operator new[](std::size_t size) {
    return take(size);
}
void operator delete(void* block) noexcept {
    give_back(block);
}
void operator delete[](void* block) noexcept {
    give_back(block);
}
void operator delete(void* block, std::size_t) noexcept {
    give_back(block);
}
void operator delete[](void* block, std::size_t) noexcept {
    give_back(block);
}

namespace {

using namespace banana;
using namespace banana::test;

// Counts the blocks given back with a part of the key in them, from here to `count`.
class Watch {
public:
    explicit Watch(const std::string& key) {
        std::copy_n(key.begin() + 10, watched.size(), watched.begin());
        found = 0;
        watching = true;
    }
    ~Watch() { watching = false; }
    Watch(const Watch&) = delete;
    Watch& operator=(const Watch&) = delete;
    [[nodiscard]] int count() const { return found; }
};

const std::string& a_key() {
    static const std::string key = made_up_key(81);
    return key;
}

}  // namespace

BOOST_AUTO_TEST_CASE(the_watch_sees_what_is_left) {
    const Watch watch(a_key());
    { const std::string copy = a_key(); }
    BOOST_TEST(watch.count() == 1);
}

BOOST_AUTO_TEST_CASE(a_secret_leaves_nothing_in_the_heap) {
    const Watch watch(a_key());
    {
        Secret first(a_key());
        const Secret second = first.clone();
        Secret third(std::move(first));
        third = Secret(made_up_key(82));  // over the old value
        Secret fourth(a_key());
        fourth = Secret("short");
        BOOST_TEST(!second.masked().empty());
        BOOST_TEST(!second.fingerprint().empty());
        std::vector<Secret> many;
        for (int index = 0; index < 20; ++index) {
            many.push_back(second.clone());  // the vector moves them as it grows
        }
    }
    BOOST_TEST(watch.count() == 0);
}

// A short value stands in the object itself.
BOOST_AUTO_TEST_CASE(a_secret_leaves_nothing_in_its_own_place) {
    const std::string value = made_up_key(83).substr(3, 12);
    const auto leaves = [&](auto use) {
        alignas(Secret) std::array<std::byte, sizeof(Secret)> place{};
        use(place.data());
        const std::string_view left(reinterpret_cast<const char*>(place.data()), place.size());
        return left.find(std::string_view(value).substr(4, 6)) != std::string_view::npos;
    };
    BOOST_TEST(leaves([&](void* place) { new (place) Secret(value); }));  // it is there, before
    BOOST_TEST(!leaves([&](void* place) { std::destroy_at(new (place) Secret(value)); }));
    BOOST_TEST(!leaves([&](void* place) { const Secret moved(std::move(*new (place) Secret(value))); }));
    BOOST_TEST(!leaves([&](void* place) { *new (place) Secret(value) = Secret("x"); }));
}

BOOST_AUTO_TEST_CASE(a_request_leaves_nothing) {
    HostileServer server;
    server.start();
    boost::asio::io_context io;
    HttpRequest request;
    request.url = server.url() + "/usage_token";
    request.bearer.emplace(a_key());
    const Watch watch(a_key());
    bool sent = false;
    {
        HttpClient http(io.get_executor());
        boost::asio::co_spawn(io, http.exchange(request, ExchangeOptions()),
                              [&](const std::exception_ptr& failure, const Exchange& exchange) {
                                  sent = !failure && exchange.key_sent && exchange.response.has_value();
                              });
        io.run();
    }
    BOOST_TEST(sent);
    BOOST_TEST(watch.count() == 0);
}
