#!/usr/bin/env bash
# Installs what is missing, builds the program (preset "try"), and runs it.
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
build=$root/build/try
program=$build/banana-diag
[ -x "$program" ] || echo "Building: about four minutes on two cores, the first time only." >&2
cmake -S "$root" --preset try >"$log" 2>&1 || { cat "$log" >&2; exit 4; }
# The builder's own progress, [37/60], goes where messages go.
cmake --build "$build" --target banana-diag >&2 || exit 4
if [ "$#" -gt 0 ]; then
  exec "$program" "$@"
fi
status=0
"$program" demo || status=$?
# The demonstration's world is broken on purpose: 1 is the right answer, and the self-test knows the right cause.
[ "$status" -eq 1 ]
"$program" self-test config.key-placeholder >"$log" || { cat "$log" >&2; exit 1; }
