#!/bin/bash
# No two types of one namespace have one name: the linker would take either's functions for both.
# Usage: names.sh PROJECT_FOLDER
set -euo pipefail
cd "${1:-$(dirname "$0")/../..}"

twice=$(git ls-files 'include/*.h' 'src/*.h' 'probes/*.h' | xargs awk '
  FNR == 1                          { space = "" }
  /^namespace [a-z_:]+ \{/          { space = space "::" $2 }
  /^}  \/\/ namespace [a-z_:]+/     { sub(/::[a-z_]+$/, "", space) }
  /^(class|struct|enum class) [A-Z]/ && !/;$/ {
    name = $1 == "enum" ? $3 : $2
    if (name ~ /^[A-Za-z]+$/) print space "::" name, FILENAME
  }' | sort | awk '{ if ($1 == last) print $1, "is in", where, "and in", $2; last = $1; where = $2 }')

if [[ -n $twice ]]; then
  echo "$twice" >&2
  exit 1
fi
