#!/bin/bash
# Fuzzes what reads others' bytes: run.sh BUILD_DIR SECONDS [LIBFUZZER_ARGUMENT…]. The manifest loader
# gets all the seconds, every other target a quarter of them. The loader's corpus is made from our own
# examples and fixtures, its dictionary from the names in docs/MANIFEST.md; what a fuzzer finds beside
# them stays in BUILD_DIR/corpus for the next run, a crash in BUILD_DIR/crash-*.
#
# Bounds of the loader: 64 KiB of text, 10 s and 64 MiB in one allocation, 2 GiB in all under AddressSanitizer.
set -euo pipefail

build=${1:?usage: run.sh BUILD_DIR SECONDS}
seconds=${2:?usage: run.sh BUILD_DIR SECONDS}
shift 2
top=$(cd "$(dirname "$0")/../.." && pwd)
build=$(cd "$build" && pwd)

seeds=$build/seeds
rm -rf "$seeds"
mkdir -p "$seeds" "$build/corpus"
find "$top/config" "$top/tests/fixtures" -name '*.yaml' -o -name '*.json' | while read -r file; do
  cp "$file" "$seeds/$(echo "${file#"$top/"}" | tr / _)"
done
sed -n 's/^| `\([^`]*\)` |.*/"\1"/p' "$top/docs/MANIFEST.md" | sort -u >"$build/names.dict"

cd "$build"
tests/fuzz/manifest_fuzz -max_total_time="$seconds" -max_len=65536 -timeout=10 \
  -malloc_limit_mb=64 -rss_limit_mb=2048 -dict=names.dict -artifact_prefix="$build/" \
  -print_final_stats=1 -verbosity=0 "$@" corpus seeds
for target in tests/fuzz/*_fuzz; do
  [[ $target != */manifest_fuzz ]] || continue
  corpus=corpus-$(basename "$target")
  mkdir -p "$corpus"
  "$target" -max_total_time=$((seconds / 4)) -timeout=10 -rss_limit_mb=2048 \
    -artifact_prefix="$build/" -print_final_stats=1 -verbosity=0 "$@" "$corpus"
done
