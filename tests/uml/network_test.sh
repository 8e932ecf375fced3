#!/bin/bash
# Inside user-mode-linux: what a pod's network is made of works there.
[ -e /run/uml/job ] || { echo "only for run.sh: this would change the host's network" >&2; exit 1; }
set -e -x
ip link add name veth0 type veth peer name veth1
ip link add name podvisor0 type bridge
ip link set veth0 master podvisor0
unshare --net ip link show lo
# This kernel's nf_tables knows no family but bridge's: no NAT, hence no masquerade.
nft add table bridge podvisor
