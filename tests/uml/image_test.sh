#!/bin/bash
# Runs under user-mode-linux: image_test.sh COMMAND [ARGUMENT…], with what images need there.
#
# Files are in memory, since an overlay's upper directory cannot be on an overlay, which the root is.
# Programs that podvisor starts have a clean environment, so those that ask the CPU what it can do
# (run.sh says why they must not) are told by a wrapper each.
set -euo pipefail
bin=/dev/shm/bin
mkdir "$bin"
for program in crun skopeo umoci; do
  real=$(command -v "$program") || { echo "skipped: no $program" >&2; exit 77; }
  cat >"$bin/$program" <<WRAPPER
#!/bin/sh
GODEBUG=cpu.avx=off,cpu.avx2=off GLIBC_TUNABLES=${GLIBC_TUNABLES-} exec $real "\$@"
WRAPPER
  chmod +x "$bin/$program"
done
exec env PATH="$bin:$PATH" TMPDIR=/dev/shm "$@"
