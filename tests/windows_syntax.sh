#!/usr/bin/env bash
# Reads the sources that talk to Windows with mingw-w64's compiler: errors and warnings show in CI, for which building
# and trying the program (tests/windows.sh) takes too long. Headers of Boost and OpenSSL are those of this machine.
#   bash tests/windows_syntax.sh
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"
# shellcheck source=diag/install_packages.sh
. diag/install_packages.sh
install_packages "${build_packages[@]}" g++-mingw-w64-x86-64-posix

# Only these: the folder that they lie in holds the C library's of this machine.
headers=$root/build/windows-syntax
rm -rf "$headers"
mkdir -p "$headers/openssl"
ln -s /usr/include/boost "$headers/boost"
ln -s /usr/include/openssl/*.h "/usr/include/$(gcc -print-multiarch)"/openssl/*.h "$headers/openssl/"
includes=(-I include -I diag/engines/text -I diag/engines/platform -I diag/engines/platform/processes)
git ls-files 'diag/engines/platform/*.cpp' | xargs -P 2 -I '{}' \
  x86_64-w64-mingw32-g++-posix -fsyntax-only -std=c++20 -Wall -Wextra -Wpedantic -Werror -D_WIN32_WINNT=0x0A00 \
  -DNOMINMAX -DWIN32_LEAN_AND_MEAN -DBOOST_ALL_NO_LIB -DBOOST_SYSTEM_USE_UTF8 -isystem "$headers" "${includes[@]}" '{}'
