#!/bin/bash
# Who may include whom. Usage: includes.sh [PROJECT_FOLDER], the one that it lies in
#
# Rooms of one row never include each other, unless a line below says so: they meet through
# include/podvisor/ports and in src/daemon. A room's subfolders belong to it.
set -euo pipefail
cd "${1:-$(dirname "$0")/../..}"

# room: the rooms it may include, besides itself. Every room may include include/podvisor.
declare -A MAY_USE=(
  [include]=""
  [core]=""

  [loop]="core"
  [log]="core"
  [http]="core loop log"

  [manifest]="core log"
  [images]="core loop log"
  [state]="core log"
  [pause]=""
  [door]="core loop log http"
  [probes]="core loop log http"
  [runtime]="core loop log pause"
  [network]="core loop log"
  [api]="core loop log http"
  [metrics]="core loop log http"

  [daemon]="core loop log http manifest images pause door probes runtime network api metrics state"
  [cli]="core loop http manifest images daemon"
  [main.cc]="cli daemon"
)

# What the rooms without effects may include with < >, besides the C++ standard library: nothing
# that can reach a loop, a socket, a file or a format.
readonly PURE_ROOMS="include core"
readonly NOT_IN_PURE_ROOMS='uv\.h|curl/|yaml-cpp/|spdlog/|nlohmann/|microhttpd|prometheus/|netlink/|CLI/|sys/|fcntl\.h|netinet/|arpa/|unistd\.h|poll\.h|pthread\.h|thread$|fstream$'
# An owned descriptor closes itself; a pod's uid comes from the kernel, and is given to what decides.
readonly EXCEPTIONS='include/podvisor/fd.h:unistd.h src/core/uid.cc:sys/random.h'

room_of() {  # FILE -> the room it is in, or nothing
  case "$1" in
    include/podvisor/*) echo include ;;
    probes/*) echo probes ;;
    src/*/*) local rest=${1#src/}; echo "${rest%%/*}" ;;
    src/*) echo "${1#src/}" ;;
  esac
}

room_of_include() {  # FILE PATH -> the room that #include "PATH" in FILE reaches
  local file=$1 path=$2
  case "$path" in
    podvisor/*) echo include ;;
    probes/*) echo probes ;;
    src/*) room_of "$path" ;;
    */*) echo "${path%%/*}" ;;
    *) room_of "$file" ;;  # beside it
  esac
}

allowed() {  # ROOM OTHER
  [[ $2 == include || $1 == "$2" || " ${MAY_USE[$1]} " == *" $2 "* ]]
}

failures=0
complain() {
  echo "$1" >&2
  failures=$((failures + 1))
}

checked=0
while IFS= read -r file; do
  room=$(room_of "$file")
  if [[ -z ${MAY_USE[$room]+known} ]]; then
    complain "$file: \"$room\" is not in the table of $0; say there whom it may include"
    continue
  fi
  checked=$((checked + 1))
  while IFS=: read -r line text; do
    path=${text#*[<\"]}
    path=${path%%[>\"]*}
    if [[ $text == *\"* ]]; then
      other=$(room_of_include "$file" "$path")
      allowed "$room" "$other" || complain "$file:$line: $room may not include $other (\"$path\")"
    elif [[ " $PURE_ROOMS " == *" $room "* && $path =~ ^($NOT_IN_PURE_ROOMS) ]]; then
      [[ " $EXCEPTIONS " == *" $file:$path "* ]] ||
        complain "$file:$line: $room has no effects and may not include <$path>"
    fi
  done < <(grep -nE '^[[:space:]]*#[[:space:]]*include[[:space:]]*[<"]' "$file" || true)
done < <(find include src probes -name '*.h' -o -name '*.cc' -o -name '*.c' | sort)

((checked > 0)) || complain "no source found in $PWD"
echo "$checked files checked, $failures includes are not allowed"
((failures == 0))
