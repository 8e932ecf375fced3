#!/bin/bash
# Makes an OCI image of programs of this host: make_program_image.sh LAYOUT TAG PATH…
#
# Its files: each PATH (a file or a folder), the libraries that those are linked with, busybox and
# links for its applets where they usually are, /etc/passwd and /etc/group with www-data. Exit code
# 77: something of that is not here.
set -euo pipefail
layout=$1 tag=$2
shift 2
skip() { echo "skipped: $1" >&2; exit 77; }
busybox=$(command -v busybox) || skip "no busybox (Debian: busybox-static)"
command -v umoci >/dev/null || skip "no umoci"
for path in "$@"; do [[ -e $path ]] || skip "no $path"; done

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
root=$work/root
mkdir -p "$root"/{bin,usr/bin,etc,srv,tmp,proc,sys,dev,run,var/log,var/tmp}
chmod 1777 "$root/tmp" "$root/var/tmp"

libraries() {  # PATH… -> what they are linked with, and its interpreter
  find "$@" -type f -print0 | xargs -0 -n 1 ldd 2>/dev/null |
    grep -oE '/[^ ]+' | grep -v ':$' | sort -u || true
}
mapfile -t needed < <(libraries "$@")
for path in "$@" "${needed[@]}"; do
  mkdir -p "$root$(dirname "$path")"
  cp -aL "$path" "$root$(dirname "$path")/"
done

cp "$busybox" "$root/bin/busybox"
for applet in sh cat echo ls id sleep env touch rm mkdir test true false grep; do
  ln -s busybox "$root/bin/$applet"
done
for applet in tail head test wc; do
  [[ -e $root/usr/bin/$applet ]] || ln -s /bin/busybox "$root/usr/bin/$applet"
done
printf 'root:x:0:0:root:/root:/bin/sh\nwww-data:x:33:33:www-data:/var/www:/bin/false\n' \
  >"$root/etc/passwd"
printf 'root:x:0:\nwww-data:x:33:\n' >"$root/etc/group"

{
  [[ -e $layout ]] || umoci init --layout "$layout"
  umoci new --image "$layout:$tag"
  umoci insert --image "$layout:$tag" "$root" /
  umoci config --image "$layout:$tag" --config.env PATH=/usr/sbin:/usr/bin:/sbin:/bin
} >/dev/null
