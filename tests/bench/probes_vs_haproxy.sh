#!/bin/bash
# CPU per HTTP probe: podvisor's prober beside HAProxy's httpchk. Both probe the same 1,000 servers
# in 100 network namespaces, each once a second, at the same time, so that both meet the same
# machine: one after the other, they differ from run to run by more than from each other.
# Needs root and Debian's haproxy. Usage: probes_vs_haproxy.sh BUILD_DIR [SECONDS]
set -euo pipefail

load=${1:?usage: probes_vs_haproxy.sh BUILD_DIR [SECONDS]}/tests/bench/probe_load
seconds=${2:-10}
namespaces=100
ports=10

# HAProxy looks for namespaces in /run/netns: ours shall be seen there by nobody else.
if [[ -z ${PODVISOR_BENCH_UNSHARED:-} ]]; then
  PODVISOR_BENCH_UNSHARED=1 exec unshare --mount --net "$0" "$@"
fi
work=$(mktemp -d)
pids=()
cleanup() {
  for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
  wait
  rm -rf "$work"
}
trap cleanup EXIT
mkdir -p /run/netns
mount -t tmpfs tmpfs /run/netns

config() {
  echo "global"
  echo "    nbthread 1"
  echo "    stats socket $work/haproxy.sock"  # without a listener it does not start
  echo "defaults"
  echo "    mode http"
  echo "    timeout connect 1s"
  echo "    timeout server 1s"
  echo "    timeout client 1s"
  echo "    timeout check 1s"
  echo "backend farm"
  echo "    option httpchk"
  echo "    http-check send meth GET uri / ver HTTP/1.1 hdr Host 127.0.0.1 hdr Connection close"
  echo "    http-check expect status 200"
  local i port
  for ((i = 0; i < namespaces; ++i)); do
    for ((port = 8000; port < 8000 + ports; ++port)); do
      echo "    server s$i-$port 127.0.0.1:$port check inter 1s namespace b$i"
    done
  done
}

# User and system time of a process, in clock ticks.
ticks() { awk '{print $14 + $15}' "/proc/$1/stat"; }

mkfifo "$work/load"
"$load" "$namespaces" "$ports" "$seconds" /run/netns >"$work/load" &
pids+=($!)
exec {load_output}<"$work/load"
read -r _ <&"$load_output"  # "ready"
config >"$work/haproxy.cfg"
haproxy -db -q -f "$work/haproxy.cfg" &
haproxy=$!
pids+=("$haproxy")
sleep 4  # both have begun, all connections have been made once
begin=$(ticks "$haproxy")
sleep "$seconds"
end=$(ticks "$haproxy")

read -r _ probes _ failed _ microseconds <&"$load_output"
printf 'podvisor         %6.1f us a probe (%d probes, %d failed)\n' "$microseconds" "$probes" "$failed"
awk -v ticks=$((end - begin)) -v hz="$(getconf CLK_TCK)" -v probes=$((namespaces * ports * seconds)) \
  'BEGIN { printf "haproxy httpchk  %6.1f us a probe\n", ticks / hz / probes * 1e6 }'
