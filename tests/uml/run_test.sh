#!/bin/bash
# run.sh hands everything on, and keeps what is written inside from the host.
set -u
run=$(dirname "$(readlink -f "$0")")/run.sh
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
fail() {
  echo "FAILED: $*"
  exit 1
}

export PODVISOR_UML_TEST=$'two\nlines'
got=$("$run" bash -c '
  printf "%s|" "$@" "$PODVISOR_UML_TEST" "$PWD"
  cat /proc/self/cgroup /sys/fs/cgroup/cgroup.controllers
  unshare --user --map-root-user id -u
  echo written >"$PWD/file" && cat "$PWD/file"
  exit 42' argv0 'a b' '$c' '' "it's")
code=$?
[ $code = 77 ] && exit 77
want=$(printf '%s|' 'a b' '$c' '' "it's" "$PODVISOR_UML_TEST" "$work"
       printf '0::/\ncpu io memory pids\n0\nwritten\n')
[ "$got" = "$want" ] || fail "output: $got"
[ $code = 42 ] || fail "exit code $code"
[ ! -e "$work/file" ] || fail "a file was written to the host"

"$run" --timeout 5 sleep 1000 2>/dev/null
[ $? = 124 ] || fail "a command that hangs was not stopped"
"$run" /nonexistent 2>/dev/null >"$work/console"
[ $? = 127 ] || fail "a command that does not exist"
