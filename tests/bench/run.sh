#!/bin/bash
# Every benchmark, printed one after the other. Needs root. Usage: run.sh BUILD_DIR
set -euo pipefail

build=${1:?usage: run.sh BUILD_DIR}
here=$(dirname "$0")
title() { printf '\n== %s ==\n' "$1"; }

uptime
for bench in "$build"/tests/bench/*_bench; do
  title "$(basename "$bench")"
  "$bench"
done
title "HTTP probes beside HAProxy's"
"$here/probes_vs_haproxy.sh" "$build" 5
title "the door beside HAProxy and nginx"
"$here/door_bench.py" "$build"
title "podvisor serve"
"$here/pods_bench.py" "$build"
title "pods with images"
"$here/images_bench.py" "$build"
