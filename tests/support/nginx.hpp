// A real nginx that serves what a test's `server` blocks say.
#pragma once

#include "support/process.hpp"
#include "support/temporary_folder.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace banana::test {

inline constexpr const char* kNginx = "/usr/sbin/nginx";

inline bool has_nginx() {
    return std::filesystem::exists(kNginx);
}

// The command that runs one in the foreground, with all its files in `folder`.
inline std::vector<std::string> nginx_command(const TemporaryFolder& folder, const std::string& servers) {
    const std::string base = folder.path().string();
    const std::string config = "daemon off; master_process off; user root; pid " + base + "/pid; error_log " + base +
                               "/error.log;\nevents {}\nhttp { access_log off; absolute_redirect off;"
                               " default_type application/json; client_body_temp_path " +
                               base + "/b; proxy_temp_path " + base + "/p; fastcgi_temp_path " + base +
                               "/f; uwsgi_temp_path " + base + "/u; scgi_temp_path " + base + "/s;\n" + servers + "}\n";
    const std::filesystem::path file = folder.write("nginx.conf", config);
    return {kNginx, "-c", file.string(), "-e", base + "/error.log"};
}

}  // namespace banana::test
