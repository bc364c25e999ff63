# Sourced by try.sh and tests/run.sh: installs the Debian packages that are missing, and says which.

# install_packages NAME...: as root, or through sudo.
install_packages() {
  missing=()
  for package in "$@"; do
    if ! dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed; then
      missing+=("$package")
    fi
  done
  if [ "${#missing[@]}" -eq 0 ]; then
    return 0
  fi
  as_root=()
  if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo >/dev/null; then
      echo "These Debian packages are missing, and this user is neither root nor has sudo: ${missing[*]}" >&2
      return 1
    fi
    as_root=(sudo)
  fi
  echo "Installing Debian packages: ${missing[*]}" >&2
  log=$(mktemp)
  if ! { "${as_root[@]}" apt-get update -qq &&
         "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
           apt-get install -y -qq --no-install-recommends "${missing[@]}"; } >"$log" 2>&1; then
    cat "$log" >&2
    rm -f "$log"
    return 1
  fi
  rm -f "$log"
}

# What the tests take.
# shellcheck disable=SC2034
test_packages=(libboost-test1.81-dev libcmark-gfm-dev libcmark-gfm-extensions-dev python3 python3-aiohttp
               python3-requests nginx-light dnsmasq-base tinyproxy microsocks dante-server openssl curl git iproute2
               nftables faketime chromium)

# What building the program takes.
build_packages=(g++ cmake ninja-build libboost1.81-dev libboost-json1.81-dev libboost-program-options1.81-dev
                libboost-url1.81-dev libssl-dev zlib1g-dev ca-certificates)

# What building and testing for Windows takes besides; see diag/windows/prepare.sh.
# shellcheck disable=SC2034
windows_packages=(g++-mingw-w64-x86-64-posix libz-mingw-w64-dev libboost1.81-dev dpkg-dev make perl)
# shellcheck disable=SC2034
windows_test_packages=(wine wine64 python3)

# What the metrics are tried with (tests/fleet.sh).
# shellcheck disable=SC2034
fleet_packages=(prometheus prometheus-node-exporter curl python3)

# What diag/release.sh takes besides.
# shellcheck disable=SC2034
release_packages=(dpkg-dev python3 xz-utils zlib1g-dev git binutils)
