#!/bin/bash
# What the same clients see without podvisor, when one nginx is replaced by another: a plain restart,
# nginx as a proxy before two that are restarted in turn, and the kernel's NAT switched from one to the
# other. In a network namespace of its own. Usage, as root: naive_table.sh BUILD_FOLDER [SECONDS [CLIENTS]]
set -euo pipefail
if [[ ${1:-} != --inside ]]; then
  exec unshare --net --mount "$0" --inside "$(realpath "${1:?usage: naive_table.sh BUILD_FOLDER [SECONDS [CLIENTS]]}")" "${@:2}"
fi
build=$2 seconds=${3:-30} clients=${4:-400}
# nginx NAME PORT LOCATION: in the background; its master's pid goes to $work/NAME.pid.
nginx() {
  cat >"$work/$1.conf" <<CONF
daemon off; worker_processes 2; pid $work/$1.pid; error_log /dev/null crit;
events { worker_connections 4096; }
http { access_log off; keepalive_requests 100000000;
  client_body_temp_path $work/b; proxy_temp_path $work/p; fastcgi_temp_path $work/f;
  uwsgi_temp_path $work/u; scgi_temp_path $work/s;
  upstream pair { server 127.0.0.1:8001; server 127.0.0.1:8002; keepalive 64; }
  server { listen $2; location / { $3 } } }
CONF
  /usr/sbin/nginx -c "$work/$1.conf" >/dev/null 2>&1 &
  until [[ -s $work/$1.pid ]]; do sleep 0.01; done
}
answer='return 200 "version one\n";'
# restart NAME PORT: as a unit file would do it.
restart() {
  local pid
  pid=$(<"$work/$1.pid")
  kill -TERM "$pid"
  while kill -0 "$pid" 2>/dev/null; do sleep 0.01; done
  rm -f "$work/$1.pid"
  nginx "$1" "$2" "$answer"
}
if [[ ${5:-} == restart ]]; then
  work=$6
  for name in "${@:7}"; do restart "$name" "800${name#n}"; done
  exit
fi
work=$(mktemp -d)
cleanup() {
  for file in "$work"/*.pid; do kill -TERM "$(<"$file")" 2>/dev/null || true; done
  rm -rf "$work"
}
trap cleanup EXIT
ip link set lo up

row() { # NAME PORT COMMAND...
  "$build/tests/bench/traffic_load" "$1" "$2" "$clients" "$seconds" "${@:3}" |
    sed -nuE 's/^row: ([^:]*): ([0-9]+) failed of ([0-9]+), the longest took ([0-9]+) ms(.*)/| \1 | \2\5 | \3 | \4 ms |/p'
}
again() { echo "$0 --inside $build $seconds $clients restart $work $*"; }

printf '| the naive way | failed | of requests | longest wait |\n| --- | --- | --- | --- |\n'
nginx n1 8001 "$answer"
nginx n2 8002 "$answer"
# shellcheck disable=SC2046
row "a plain restart" 8001 $(again n1)
nginx proxy 8080 'proxy_pass http://pair; proxy_http_version 1.1; proxy_set_header Connection "";'
# shellcheck disable=SC2046
row "two behind nginx, restarted in turn" 8080 $(again n1 n2)
nft -f - <<'NFT'
table ip naive {
  map to { type inet_service : inet_service; elements = { 9000 : 8001 } }
  chain output {
    type nat hook output priority -100
    ip daddr 127.0.0.1 tcp dport 9000 dnat to 127.0.0.1:tcp dport map @to
  }
}
NFT
cat >"$work/switch" <<SWITCH
#!/bin/bash
nft 'delete element ip naive to { 9000 : 8001 }; add element ip naive to { 9000 : 8002 }'
kill -QUIT \$(<$work/n1.pid)
SWITCH
chmod +x "$work/switch"
row "the kernel's NAT switched, the old one told to quit" 9000 "$work/switch"
