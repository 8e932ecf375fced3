#!/bin/bash
# Makes an OCI image of busybox: make_image.sh LAYOUT TAG [UMOCI_CONFIG_OPTION…]
#
# Its files: /bin/busybox and links for its applets, /etc/passwd and /etc/group with the user app
# (1000) in the groups app and staff (50), /srv/owned, which is app's. Exit code 77: no umoci or no
# busybox here.
set -euo pipefail
layout=$1 tag=$2
shift 2
busybox=$(command -v busybox) || { echo "skipped: no busybox (Debian: busybox-static)" >&2; exit 77; }
command -v umoci >/dev/null || { echo "skipped: no umoci" >&2; exit 77; }

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work"/root/{bin,etc,srv/owned,tmp,proc,sys,dev}
cp "$busybox" "$work/root/bin/busybox"
for applet in sh cat echo ls id sleep env hostname ps httpd touch rm mkdir head tail wget nc kill \
  true false stat mount tty stty tr wc grep sed pwd readlink dd chown chmod test printf; do
  ln -s busybox "$work/root/bin/$applet"
done
cat >"$work/root/etc/passwd" <<'PASSWD'
root:x:0:0:root:/root:/bin/sh
app:x:1000:1000:app:/srv/owned:/bin/sh
PASSWD
printf 'root:x:0:\nstaff:x:50:app\napp:x:1000:\n' >"$work/root/etc/group"
chown -R 1000:1000 "$work/root/srv/owned"
chmod 1777 "$work/root/tmp"

# What the C library must not use of this CPU (tests/uml) is as true in the image.
environment=(--config.env PATH=/bin)
[[ -z ${GLIBC_TUNABLES-} ]] || environment+=(--config.env "GLIBC_TUNABLES=$GLIBC_TUNABLES")

{
  [[ -e $layout ]] || umoci init --layout "$layout"
  umoci new --image "$layout:$tag"
  umoci insert --image "$layout:$tag" "$work/root" /
  umoci config --image "$layout:$tag" "${environment[@]}" "$@"
} >/dev/null
