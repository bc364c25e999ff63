#!/usr/bin/env bash
# Installs what is missing, builds the release, and times whole runs of it: the table of README.md.
#   bash tests/bench/run.sh           all of it, some minutes, as root for what needs network namespaces
#   bash tests/bench/run.sh --short   what CI prints
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
cd "$root"
# shellcheck source=diag/install_packages.sh
. diag/install_packages.sh
install_packages "${build_packages[@]}" nginx-light python3 python3-aiohttp python3-requests openssl curl iproute2 time valgrind
log=build/bench.log
mkdir -p build
if ! { cmake --preset release && cmake --build --preset release --target banana-diag; } >"$log" 2>&1; then
  tail -40 "$log" >&2
  exit 1
fi
# As diag/release.sh hands it out. Written in one go, as a package is unpacked, it also lies in the system's memory in
# larger pieces than the linker leaves, which a run maps with 70 page faults less.
strip --strip-unneeded -o build/bench-banana-diag build/release/banana-diag
exec python3 tests/bench/bench.py build/bench-banana-diag "$@"
