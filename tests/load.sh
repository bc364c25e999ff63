#!/usr/bin/env bash
# 1,000 runs in a row and 50 at once against the embedded world: no wrong verdict, nothing left behind.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
program=$root/build/release/banana-diag
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
export TMPDIR=$folder/tmp
mkdir "$TMPDIR"

one() {
  status=0
  "$program" demo "$1" --output - --format json >"$3.json" 2>"$3.err" || status=$?
  if [ "$status" -ne "$2" ]; then
    echo "run $3 of $1: exit code $status instead of $2" >&2
    return 1
  fi
  rm -f "$3.json" "$3.err"
}
export -f one
export program

runs=${1:-1000}
wrong=0
for ((run = 0; run < runs; ++run)); do
  if ((run % 2)); then one healthy.v1 0 "$run" || wrong=$((wrong + 1)); else one config.key-placeholder 1 "$run" || wrong=$((wrong + 1)); fi
done
echo "$runs runs in a row: $wrong wrong"
seq 50 | xargs -P 50 -I{} bash -c 'one healthy.v1 0 parallel-{}' || wrong=$((wrong + 1))
echo "50 at once: done"
left=$(find "$TMPDIR" -mindepth 1 | wc -l)
echo "files left behind: $left"
[ "$wrong" -eq 0 ] && [ "$left" -eq 0 ]
