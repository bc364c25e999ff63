#!/usr/bin/env bash
# What CI has no time for: each fuzz target with sanitizers, ThreadSanitizer over all tests, valgrind, Windows under wine, load.
#   bash tests/full.sh [SECONDS]    seconds for each fuzz target, 60 unless told
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"
# shellcheck source=diag/install_packages.sh
. diag/install_packages.sh
seconds=${1:-60}
install_packages "${build_packages[@]}" "${test_packages[@]}" clang libclang-rt-14-dev valgrind cppcheck

echo "== fuzz: $seconds s each"
cmake -S . -B build/fuzz -G Ninja -DCMAKE_CXX_COMPILER=clang++ -DCMAKE_BUILD_TYPE=Debug \
  -DCMAKE_CXX_FLAGS_DEBUG="-O1 -g1" -DBANANA_FUZZ=ON "-DBANANA_SANITIZE=address,undefined,fuzzer-no-link" >/dev/null
targets=()
for source in tests/fuzz/fuzz_*.cpp; do targets+=("$(basename "$source" .cpp)"); done
cmake --build build/fuzz --target "${targets[@]}" >build/fuzz.log || { tail -30 build/fuzz.log; exit 1; }
for target in "${targets[@]}"; do
  work=build/fuzz/work-$target
  mkdir -p "$work"
  build/fuzz/tests/"$target" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 \
    -artifact_prefix="$work/" "$work" "tests/fuzz/corpus/${target#fuzz_}" 2>"$work.log" ||
    { tail -40 "$work.log"; exit 1; }
  echo "$target: $(grep -o 'number_of_executed_units: .*' "$work.log")"
done

echo "== ThreadSanitizer"
cmake --preset tsan >/dev/null
cmake --build --preset tsan >build/tsan.log || { tail -30 build/tsan.log; exit 1; }
ctest --test-dir build/tsan --output-on-failure -j2

echo "== valgrind"
cmake --preset release >/dev/null
cmake --build --preset release >build/release.log || { tail -30 build/release.log; exit 1; }
(cd "$(mktemp -d)" && valgrind --quiet --error-exitcode=9 --leak-check=no \
  "$root/build/release/banana-diag" demo healthy.v1 --timeout 60 --deadline 300 >/dev/null)

echo "== mended files, read by Python"
build/release/tests/mend_differential 40000

echo "== cppcheck"
# cppcheck 2.10 knows no coroutines: they are shown to it as functions, whose missing return is none, whose parameters
# are copied on purpose, and whose moved results are no locals. A view of a constant table does not dangle.
cppcheck --quiet --std=c++20 --language=c++ --enable=warning,performance,portability --inline-suppr \
  -Dco_return=return -Dco_await= --suppress=missingReturn --suppress=passedByValue \
  --suppress=returnStdMoveLocal:checks/support/comfyui_api.cpp \
  --suppress=returnDanglingLifetime:diag/engines/net/proxy_handshake.cpp \
  --suppress=missingIncludeSystem --suppress=unknownMacro --error-exitcode=1 \
  $(find include diag checks reports -type d | sed 's/^/-I/') include diag checks reports

echo "== load: 1000 runs in a row, of the program and in one process, then 50 at once"
bash tests/load.sh
BANANA_LOAD_RUNS=1000 build/release/tests/test_load --log_level=message

echo "== Windows, under wine"
bash tests/windows.sh

echo "== repeats of the network tests"
bash tests/repeat.sh
echo "== all passed"
