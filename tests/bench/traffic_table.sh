#!/bin/bash
# README's headline table: what clients see while a pod is replaced, restarted or killed, each row for
# SECONDS with CLIENTS. Usage, as root: traffic_table.sh BUILD_FOLDER [SECONDS [CLIENTS]]
set -euo pipefail
build=$1
export PODVISOR_LOAD_SECONDS=${2:-30} PODVISOR_LOAD_CLIENTS=${3:-400}
printf '| what happens | failed | of requests | longest wait |\n| --- | --- | --- | --- |\n'
"$build"/tests/traffic/traffic_test --gtest_filter='Acceptance.*:DeploymentRows.*:BehindHaproxy.*' |
  sed -nuE 's/^row: ([^:]*): ([0-9]+) failed of ([0-9]+), the longest took ([0-9]+) ms(.*)/| \1 | \2\5 | \3 | \4 ms |/p'
