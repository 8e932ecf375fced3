#!/bin/bash
# Process 1 under user-mode-linux; run.sh starts it. Its root is the host's file system, read-only.
# UML_JOB: directory with the job to run, and for its exit code. UML_NET: load modules for networks.
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
modules=/usr/lib/uml/modules/$(uname -r)

fail() {
  echo "init.sh: $*"
  power_off
}
power_off() {
  # reboot(2); sysrq's way would say so on the console.
  perl -e 'syscall(169, 0xfee1dead, 672274793, 0x4321fedc)'
}

# A root to write to, in which the host's files show through.
make_root() {
  insmod "$modules/kernel/fs/overlayfs/overlay.ko" || fail "no overlayfs"
  mount -t tmpfs tmpfs /mnt && mkdir /mnt/upper /mnt/work /mnt/root &&
    mount -t overlay overlay -o lowerdir=/,upperdir=/mnt/upper,workdir=/mnt/work /mnt/root ||
    fail "no overlay"
}

# Into $1, which becomes the root.
mount_kernel_file_systems() {
  cd "$1" || fail "cd $1"
  mount -t proc proc proc
  mount -t sysfs sysfs sys
  mount -t cgroup2 cgroup2 sys/fs/cgroup || fail "no cgroup2"
  mount -t devtmpfs devtmpfs dev || fail "no devtmpfs"
  mkdir -p dev/pts dev/shm
  mount -t devpts devpts dev/pts
  mount -t tmpfs tmpfs dev/shm
  mount -t tmpfs tmpfs run
  mkdir run/uml
  mount -t hostfs none run/uml -o "$UML_JOB" || fail "no hostfs on $UML_JOB"
}

load_network_modules() {
  for module in veth bridge nf_tables nft_masq nft_redir nft_ct; do
    modprobe "$module" || fail "no module $module"
  done
}

run_job() {
  stty -opost  # else each line would end in \r\n
  (
    . /run/uml/job || exit 125
    exec "$@"
  )
  echo $? >/run/uml/exit
}

if [ "${1-}" != inside ]; then
  mount -t proc proc /proc || exit
  make_root
  mount_kernel_file_systems /mnt/root
  # Moved, not only chrooted into: user namespaces and pivot_root refuse a process in a chroot.
  mount -n --move . / && exec chroot . "$0" inside
  fail "cannot change the root"
fi
mkdir -p /lib/modules && ln -sfn "$modules" "/lib/modules/$(uname -r)"
ip link set lo up
[ -z "${UML_NET-}" ] || load_network_modules
run_job
power_off
