#!/usr/bin/env bash
# 1,000 runs in a row and 50 at once against the embedded world: no wrong verdict, nothing left behind.
#   bash tests/load.sh [RUNS]
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
program=$root/build/release/banana-diag
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
export TMPDIR=$folder/tmp
mkdir "$TMPDIR"

# one SCENARIO EXIT_CODE PRIMARY_CAUSE NAME
one() {
  status=0
  "$program" demo "$1" --output - --format json >"$4.json" 2>"$4.err" || status=$?
  cause=$(sed -n '/^    "primary": null/{s/.*/none/p;q};/^    "primary": {/{n;s/.*"code": "\(.*\)",/\1/p;q}' "$4.json")
  if [ "$status" -ne "$2" ] || [ "$cause" != "$3" ]; then
    echo "run $4 of $1: exit code $status instead of $2, cause '$cause' instead of $3" >&2
    return 1
  fi
  rm -f "$4.json" "$4.err"
}
export -f one
export program

runs=${1:-1000}
wrong=0
for ((run = 0; run < runs; ++run)); do
  if ((run % 2)); then expected=(healthy.v1 0 none); else expected=(config.key-placeholder 1 config.key-placeholder); fi
  one "${expected[@]}" "$run" || wrong=$((wrong + 1))
done
echo "$runs runs in a row: $wrong wrong"
status=0
seq 50 | xargs -P 50 -I{} bash -c 'one healthy.v1 0 none parallel-{}' || status=$?
echo "50 at once: $([ "$status" -eq 0 ] && echo none || echo some) wrong"
left=$(find "$TMPDIR" -mindepth 1 | wc -l)
echo "files left behind: $left"
[ "$wrong" -eq 0 ] && [ "$status" -eq 0 ] && [ "$left" -eq 0 ]
