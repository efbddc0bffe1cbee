#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# testpmd's port detach and port attach keep the mappings of external memory: traffic goes on
# without a fault, first while the other VFIO port holds the mapping, then when it is made anew
# because both ports had gone. testpmd itself maps only once, when it makes the pool.
set -u
. "$(dirname "$0")/testpmd.bash"

need_vfio 0000:00:12.0 0000:00:13.0

replug() { # port numbers to detach, then the same devices again
	local port
	for port; do
		testpmd_ask "port stop $port" 'Done'
		testpmd_ask "port close $port" 'Done'
	done
	for port; do
		testpmd_ask "device detach ${device[$port]}" 'Done\|removed'
	done
	for port; do
		testpmd_ask "port attach ${device[$port]}" 'Done'
	done
	testpmd_ask 'port start all' 'Done'
}

device=([0]=0000:00:12.0 [1]=0000:00:13.0)
dmesg -C
testpmd_start -l 0,1 -a 0000:00:12.0 -a 0000:00:13.0 -d librte_bus_pci_ext.so \
	--log-level='bus.pci_ext*:info' -- -i --mp-alloc=anon --mbuf-size=8192 \
	--total-num-mbufs=2048 --no-lsc-interrupt
testpmd_forward
[ "${packets:-0}" -gt 1000 ] || fail "no traffic to begin with"

for ports in "1" "0 1"; do
	replug $ports
	testpmd_forward
	echo "after detach and attach of port $ports: ${packets:-no} packets, $(count_faults) faults"
	[ "${packets:-0}" -gt 1000 ] || fail "no traffic after port $ports came back"
	[ "$(count_faults)" -eq 0 ] || { dmesg | grep "fault addr"; fail "IOMMU faults"; }
done
testpmd_quit || fail "testpmd ended with $?"
grep "pci_ext/replay" "$testpmd_log"
grep -q "ranges mapped" "$testpmd_log" || fail "nothing was replayed"
exit 0
