#!/usr/bin/env bash
# Runs the network part of the suite again and again, several at once, to find tests that fail now and then.
#   bash tests/repeat.sh [TIMES] [AT ONCE]     200 times, 6 at once unless told
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
times=${1:-200}
at_once=${2:-6}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
export folder root
export tests="test_http_client test_upstream_nginx test_upstream_network test_upstream_proxies test_real_chain
test_comfyui_server test_comfyui_round_trip"

once() {
  for name in $tests; do
    if ! "$root/build/release/tests/$name" >"$folder/$name-$1.log" 2>&1; then
      echo "$name failed in repeat $1:" >&2
      tail -20 "$folder/$name-$1.log" >&2
      touch "$folder/failed"
    fi
    rm -f "$folder/$name-$1.log"
  done
}
export -f once
seq "$times" | xargs -P "$at_once" -I{} bash -c 'once {}'
if [ -e "$folder/failed" ]; then
  exit 1
fi
echo "$times repeats of $(echo "$tests" | wc -w) network tests, $at_once at once: no difference"
