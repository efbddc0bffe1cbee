#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# testpmd with mbufs in anonymous memory, on the lab's two VFIO ports: with pci_ext it forwards
# without an IOMMU fault; without it the same command does fault, so the check can fail.
set -u
. "$(dirname "$0")/testpmd.bash"

need_vfio 0000:00:12.0 0000:00:13.0

# Forwards for some seconds; sets $packets and $faults.
forward() {
	dmesg -C
	testpmd_start -l 0,1 -a 0000:00:12.0 -a 0000:00:13.0 "$@" -- -i --mp-alloc=anon \
		--mbuf-size=8192 --total-num-mbufs=2048 --no-lsc-interrupt
	testpmd_forward
	testpmd_quit || fail "testpmd ended with $?"
	faults=$(count_faults)
	echo "testpmd $*: ${packets:-no} packets, $faults fault lines"
}

forward -d librte_bus_pci_ext.so
[ "${packets:-0}" -gt 1000 ] || fail "no traffic with pci_ext"
[ "$faults" -eq 0 ] || { dmesg | grep "fault addr"; fail "IOMMU faults with pci_ext"; }
# Both ports have mapped the same memory, so both may unmap it.
grep "unable to DMA unmap" "$testpmd_log" && fail "the second port's unmap was refused"

forward
[ "$faults" -gt 0 ] || fail "the in-tree bus does not fault: this test proves nothing"
exit 0
