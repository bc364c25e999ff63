// POSIX's list of access rights as Linux keeps it.
#pragma once

#include <sys/xattr.h>

#include <boost/test/unit_test.hpp>
#include <cstdint>
#include <filesystem>
#include <string>

#include "support/temporary_folder.hpp"

namespace banana::test {

enum class Others : std::uint16_t { nothing = 0, read = 4 };

// Account 12345 may read beside the owner.
inline std::string list_with_one_reader(Others others = Others::nothing) {
    struct Entry {
        std::uint16_t tag, rights;
        std::uint32_t id;
    };
    constexpr std::uint32_t kNobody = 0xFFFFFFFF;
    std::string list("\2\0\0\0", 4);
    for (const Entry& entry : {Entry{1, 6, kNobody}, Entry{2, 4, 12345}, Entry{4, 0, kNobody}, Entry{16, 4, kNobody},
                               Entry{32, static_cast<std::uint16_t>(others), kNobody}}) {
        list.append(reinterpret_cast<const char*>(&entry), sizeof(entry));
    }
    return list;
}

inline std::string list_of(const std::filesystem::path& file) {
    std::string list(1024, '\0');
    const ssize_t size = ::getxattr(file.c_str(), "system.posix_acl_access", list.data(), list.size());
    list.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
    return list;
}

// Whether the file system of temporary folders keeps such lists.
inline boost::test_tools::assertion_result has_access_lists(boost::unit_test::test_unit_id) {
    const TemporaryFolder folder;
    const std::string list = list_with_one_reader();
    boost::test_tools::assertion_result answer(
        ::setxattr(folder.path().c_str(), "system.posix_acl_access", list.data(), list.size(), 0) == 0);
    answer.message() << "no access lists on this file system";
    return answer;
}

}  // namespace banana::test
