#!/usr/bin/env bash
# The program as Windows runs it: built with mingw-w64, run under wine against servers on the Linux side. Called by
# tests/full.sh: from nothing it takes 20 processor minutes for the libraries (built once, diag/windows/prepare.sh), 11
# for the program and its tests, and 4 minutes for running them.
#   bash tests/windows.sh [TEST...]    names of tests/windows/test_windows.py; all of them unless told
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"
# shellcheck source=diag/install_packages.sh
. diag/install_packages.sh
install_packages "${build_packages[@]}" "${windows_packages[@]}" "${windows_test_packages[@]}"

echo "== windows: libraries"
bash diag/windows/prepare.sh
echo "== windows: build"
mkdir -p build
if ! { cmake --preset windows -DBUILD_TESTING=ON -DBANANA_WARNINGS_AS_ERRORS=OFF &&
       cmake --build --preset windows; } >build/windows.log 2>&1; then
  grep -E 'error|warning|FAILED' build/windows.log | head -60 >&2
  tail -40 build/windows.log >&2
  exit 1
fi

echo "== windows: tests under wine"
export WINEPREFIX=$root/build/windows/wine LC_ALL=C.UTF-8 WINEDEBUG=-all WINEDLLOVERRIDES="mscoree,mshtml="
wine=/usr/lib/wine/wine64
server=/usr/lib/wine/wineserver64
if [ ! -e "$WINEPREFIX/ready" ]; then
  rm -rf "$WINEPREFIX"
  mkdir -p "$WINEPREFIX"
  "$wine" wineboot -i >"$WINEPREFIX.log" 2>&1
  "$wine" winecfg -v win10 >>"$WINEPREFIX.log" 2>&1
  "$server" -w
  touch "$WINEPREFIX/ready"
fi
# One server for all the programs: it starts in this network namespace and outlives each of them.
"$server" -p600 </dev/null >/dev/null 2>&1
# Its services start with the first program and keep that one's streams: whoever reads these would wait for their end.
"$wine" wineboot </dev/null >/dev/null 2>&1
trap '"$server" -k || true' EXIT
# From the drive C:, as a user's programs are.
# Left out: what makes symbolic links, which libstdc++ has not there, and what writes paths and names as Unix does.
skipped=(links_and_loops_end a_link_is_taken_out_and_never_what_it_leads_to the_desktop_app_says_where_its_data_is
         the_copy_that_may_hold_the_key_stays)
(cd "$WINEPREFIX/drive_c" &&
 "$wine" "$root/build/windows/tests/windows_unit_tests.exe" --log_level=warning "${skipped[@]/#/--run_test=!*/}")
python3 tests/windows/test_windows.py "$@"
