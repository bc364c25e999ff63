#include "home_folders.hpp"

#include "banana/ascii.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <vector>

namespace banana {
namespace {

struct HomeFolder {
    std::size_t begin;
    std::size_t end;
};

// In order of `begin`.
std::vector<HomeFolder> find_home_folders(std::string_view text) {
    constexpr std::array<std::string_view, 6> kParents{"/home/",   "/Users/",        ":\\Users\\",
                                                       ":/Users/", ":\\\\Users\\\\", ":\\Documents and Settings\\"};
    std::vector<HomeFolder> found;
    for (const std::string_view parent : kParents) {
        for (std::size_t at = text.find(parent); at != std::string_view::npos; at = text.find(parent, at + 1)) {
            const bool drive = parent.front() == ':';
            if (drive && (at == 0 || !is_alphanumeric(text[at - 1]))) {
                continue;
            }
            if (!drive && at > 0 && (is_alphanumeric(text[at - 1]) || text[at - 1] == ':' || text[at - 1] == '.')) {
                continue;
            }
            const std::size_t name = at + parent.size();
            const std::size_t end = text.find_first_of("/\\ \t\r\n\"'`<>|:,;)", name);
            const std::size_t stop = end == std::string_view::npos ? text.size() : end;
            if (stop > name) {
                found.push_back({drive ? at - 1 : at, stop});
            }
        }
    }
    std::stable_sort(found.begin(), found.end(),
                     [](const HomeFolder& a, const HomeFolder& b) { return a.begin < b.begin; });
    return found;
}

}  // namespace

std::string without_home_folders(std::string_view text) {
    std::string out;
    std::size_t done = 0;
    for (const HomeFolder& home : find_home_folders(text)) {
        if (home.begin >= done) {
            out.append(text, done, home.begin - done).append("~");
            done = home.end;
        }
    }
    return out.append(text, done);
}

}  // namespace banana
