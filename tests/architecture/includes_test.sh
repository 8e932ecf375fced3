#!/bin/bash
# includes.sh has to find what it is there for: trees that are wrong in one way each.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT

expect() {  # pass|fail WHAT FILE LINE...
  local outcome=$1 what=$2 file=$3
  shift 3
  rm -rf "${tree:?}"/*
  mkdir -p "$tree/include/podvisor" "$tree/src" "$tree/probes" "$tree/$(dirname "$file")"
  printf '%s\n' "$@" >"$tree/$file"
  local result=pass
  "$here/includes.sh" "$tree" >"$tree/out" 2>&1 || result=fail
  if [[ $result != "$outcome" ]]; then
    echo "$what: expected to $outcome, but:" >&2
    cat "$tree/out" >&2
    exit 1
  fi
}

expect pass "a room may use the row above" src/runtime/a.cc '#include "loop/loop.h"'
expect pass "every room may use include/podvisor" src/core/a.cc '#include "podvisor/pod.h"'
expect pass "a room may use itself" src/manifest/a.cc '#include "manifest/b.h"'
expect pass "a subfolder belongs to its room" src/runtime/cgroup/a.cc '#include "runtime/b.h"'
expect pass "the daemon wires everything" src/daemon/a.cc '#include "probes/http_probe.h"'
expect pass "a descriptor closes itself" include/podvisor/fd.h '#include <unistd.h>'
expect fail "rooms of a row do not meet" src/runtime/a.cc '#include "network/b.h"'
expect fail "nor from a subfolder" src/runtime/cgroup/a.cc '#include "manifest/manifest.h"'
expect fail "nor through probes" src/api/a.cc '#include "probes/http_probe.h"'
expect fail "nor from probes" probes/a.cc '#include "runtime/b.h"'
expect fail "nor by a longer way" src/network/a.cc '#include "src/runtime/b.h"'
expect fail "nothing looks upwards" src/loop/a.cc '#include "runtime/b.h"'
expect fail "core is pure" src/core/a.cc '#include <uv.h>'
expect fail "contracts are pure" include/podvisor/a.h '# include <nlohmann/json.hpp>'
expect fail "contracts include no room" include/podvisor/a.h '#include "loop/loop.h"'
expect fail "core does not touch files" src/core/a.cc '#include <unistd.h>'
expect fail "a new room must be in the table" src/attic/a.cc 'int a;'
expect fail "an empty tree proves nothing" src/README 'nothing'
echo "as expected"
