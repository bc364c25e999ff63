#!/usr/bin/env bash
# Installs what is missing and runs all tests.
#   bash tests/run.sh        builds the release preset and runs every test
#   bash tests/run.sh --ci   formatting, the same, then ASan + UBSan, clang and clang-tidy with warnings as errors, and
#                            the sources for Windows read by mingw-w64
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"
# shellcheck source=diag/install_packages.sh
. diag/install_packages.sh

ci=no
[ "${1:-}" = --ci ] && ci=yes
ci_packages=(ccache clang clang-format clang-tidy time)
packages=("${build_packages[@]}" "${test_packages[@]}")
[ "$ci" = yes ] && packages+=("${ci_packages[@]}")
install_packages "${packages[@]}"

# build_and_test PRESET [CMAKE OPTION...]
build_and_test() {
  preset=$1
  shift
  echo "== $preset: build"
  log=build/$preset.log
  mkdir -p build
  if ! { cmake --preset "$preset" -DBUILD_TESTING=ON "$@" && cmake --build --preset "$preset"; } >"$log" 2>&1; then
    grep -E 'error|warning|FAILED' "$log" | head -60 >&2
    tail -40 "$log" >&2
    return 1
  fi
  echo "== $preset: tests"
  export BANANA_SKIPPED=$root/build/$preset.skipped
  : >"$BANANA_SKIPPED"
  # Most tests wait for servers and time-outs more than they compute.
  ctest --test-dir "build/$preset" --output-on-failure -j4
  echo "== $preset: $(wc -l <"$BANANA_SKIPPED") tests skipped"
  cat "$BANANA_SKIPPED"
}

if [ "$ci" = no ]; then
  build_and_test release
  exit
fi

started=$SECONDS
lap() { echo "== $1: $((SECONDS - started)) s since the start"; }

echo "== format"
git ls-files '*.cpp' '*.hpp' | xargs clang-format --dry-run --Werror
# g++ 12 destroys a temporary aggregate or capturing lambda twice inside a full expression with co_await.
if git grep -nE 'co_await [^;]*(\(\{|\[[^]]+\]\(|, ?\{ ?\.|[A-Za-z]\{ ?\.)' -- '*.cpp' '*.hpp'; then
  echo "a temporary aggregate or capturing lambda in an expression with co_await" >&2
  exit 1
fi
# Warnings are errors in the two builds below; where it optimises, g++ 12 has false alarms of its own.
build_and_test release -DBANANA_WARNINGS_AS_ERRORS=OFF
# Every tool that a test needs is installed above: in this build nothing may be left out.
[ ! -s build/release.skipped ]
lap release
echo "== bench, short form"
python3 tests/bench/bench.py build/release/banana-diag --short || echo "no figures"
lap bench
build_and_test asan -DBANANA_WARNINGS_AS_ERRORS=ON
lap asan
# The second compiler reads every source of the program here too: its warnings are errors.
echo "== clang and clang-tidy"
cmake --preset clang -DBUILD_TESTING=OFF -DBANANA_WARNINGS_AS_ERRORS=ON >build/clang.log
git ls-files 'include/*.cpp' 'diag/*.cpp' 'checks/*.cpp' 'reports/*.cpp' | grep -v -e _windows.cpp -e _sources.cpp |
  xargs -P 2 -n 4 clang-tidy --quiet -p build/clang 2>build/clang-tidy.err >build/clang-tidy.log || {
    grep -E 'error|warning' build/clang-tidy.log | head -40 >&2
    exit 1
  }
lap clang-tidy
echo "== Windows: sources read by mingw-w64"
bash tests/windows_syntax.sh
lap windows
# The one line that says how it ended, also for those who read only the end.
ctest --test-dir build/release -N | tail -1
echo "== all passed"
