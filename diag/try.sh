#!/usr/bin/env bash
# Installs what is missing, builds the program, and runs it.
#   bash diag/try.sh             the demonstration: a report in the current folder, the verdict on the screen;
#                                exit code 0 when the diagnosis is the expected one
#   bash diag/try.sh run ...     the program with these arguments; its exit code comes back
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck source=diag/install_packages.sh
. "$root/diag/install_packages.sh"

install_packages "${build_packages[@]}"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
program=$root/build/release/banana-diag
[ -x "$program" ] || echo "Building (two to four minutes on two cores) ..." >&2
if ! { cmake -S "$root" --preset release -DBANANA_TESTS=OFF &&
       cmake --build "$root/build/release" --target banana-diag; } >"$log" 2>&1; then
  cat "$log" >&2
  exit 4
fi
if [ "$#" -gt 0 ]; then
  exec "$program" "$@"
fi
status=0
"$program" demo || status=$?
# The demonstration's world is broken on purpose: 1 is the right answer, and the self-test knows the right cause.
[ "$status" -eq 1 ]
"$program" self-test config.key-placeholder >"$log" || { cat "$log" >&2; exit 1; }
