#!/bin/bash
# Runs a command under user-mode-linux: another kernel, with pure cgroup v2, on a copy-on-write view
# of this host's files. Nothing that the command writes reaches the host.
#
#   run.sh [--net] [--mem SIZE] [--timeout SECONDS] COMMAND [ARGUMENT…]
#
#   --net   loads what a pod's network needs there: veth, bridge, nf_tables
#
# Output appears as it is written, the exit code is the command's own. Working directory and
# environment are handed on. 77: there is no user-mode-linux here (Debian: apt-get install
# user-mode-linux kmod). 124: out of time. 125: the kernel ended without an answer.
set -u

kernel=linux.uml
memory=512M
seconds=300
net=
while [ $# -gt 0 ]; do
  case $1 in
    --net) net=1 ;;
    --mem) memory=$2; shift ;;
    --timeout) seconds=$2; shift ;;
    *) break ;;
  esac
  shift
done
if [ $# -eq 0 ]; then
  echo "usage: run.sh [--net] [--mem SIZE] [--timeout SECONDS] COMMAND [ARGUMENT…]" >&2
  exit 2
fi
for tool in "$kernel" insmod modprobe; do
  if ! command -v "$tool" >/dev/null; then
    echo "skipped: $tool is missing; on Debian: apt-get install user-mode-linux kmod" >&2
    exit 77
  fi
done

# The one place that the inside writes to: it is mounted there a second time.
job=$(mktemp -d) || exit 125
kernel_pid=
finish() {
  # Out of time or interrupted: the kernel and its helpers, a process group, must not outlive us.
  [ -n "$kernel_pid" ] && kill -KILL -- "-$kernel_pid" 2>/dev/null
  rm -rf "$job"
}
trap finish EXIT
trap 'exit 130' INT TERM HUP

here=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
init=$here/init.sh
# A CPU with AMX has more registers than this kernel can keep: it has to do with SSE's, and so do the
# programs in it.
launcher=() without=
if grep -qw amx_tile /proc/cpuinfo; then
  launcher=("$here/without_xstate.py")
  without=GLIBC_TUNABLES=glibc.cpu.hwcaps=-AVX512F,-AVX512VL,-AVX512BW,-AVX2,-AVX,-AVX_Fast_Unaligned_Load
  export "${without?}"
fi

{
  declare -px | grep -v -E '^declare -[a-z]*r'
  printf 'cd %q\n' "$PWD"
  printf 'set --'
  printf ' %q' "$@"
  printf '\n'
} >"$job/job"

# umid: its control socket's name must not collide with another run's.
setsid "${launcher[@]}" "$kernel" rootfstype=hostfs ro "mem=$memory" "init=$init" quiet \
  loglevel=0 selinux=0 con=null con0=null,fd:3 "umid=$(basename "$job")" "uml_dir=$job" "UML_JOB=$job" \
  ${net:+UML_NET=1} $without \
  3>&1 >"$job/boot" 2>&1 </dev/null &
kernel_pid=$!
for ((tick = 0; tick < seconds * 20; ++tick)); do
  kill -0 "$kernel_pid" 2>/dev/null || break
  sleep 0.05
done
if kill -0 "$kernel_pid" 2>/dev/null; then
  echo "run.sh: no answer within $seconds s" >&2
  exit 124
fi
kernel_pid=
if [ ! -s "$job/exit" ]; then
  echo "run.sh: the kernel ended without an answer:" >&2
  cat "$job/boot" >&2
  exit 125
fi
exit "$(cat "$job/exit")"
