#!/bin/bash
# Runs a test with the podvisor-pause of an older commit: older_pause.sh TEST_PROGRAM [ARGUMENT…].
# Pods that the podvisor of yesterday has made are the podvisor of today's to run.
set -euo pipefail
readonly COMMIT=d30f355ce84654d887de1d6622bb3a6137ae0e97  # before sandboxes could be taken over
cd "$(dirname "$0")"

if ! git cat-file -e "$COMMIT^{commit}" 2>/dev/null; then
  echo "the older commit $COMMIT is not in this checkout: it has no history, or not all of it"
  exit 77
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
git -C "$(git rev-parse --show-toplevel)" archive "$COMMIT" src/pause include | tar -x -C "$work"
cd "$work/src"
sources=(main setup launch children server protocol spawn_fields strings)
for more in launch_identity launch_mounts; do [[ ! -e pause/$more.cc ]] || sources+=("$more"); done
for source in "${sources[@]}"; do
  g++ -std=c++20 -Os -ffreestanding -fno-exceptions -fno-rtti -fno-stack-protector -fno-pie \
    -fno-asynchronous-unwind-tables -fno-threadsafe-statics -U_FORTIFY_SOURCE \
    -I. -I../include -c "pause/$source.cc" -o "$source.o"
done
g++ -static -nostdlib -no-pie -Wl,-z,noexecstack -o podvisor-pause "${sources[@]/%/.o}"
PODVISOR_PAUSE=$PWD/podvisor-pause "$@"
