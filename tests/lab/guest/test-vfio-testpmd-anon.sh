#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# testpmd with mbufs in anonymous memory, on the lab's two VFIO ports: with pci_ext it forwards
# without an IOMMU fault; without it the same command does fault, so the check can fail.
set -u

fail() { echo "FAIL: $*"; exit 1; }

for dev in 0000:00:12.0 0000:00:13.0; do
	driver=$(basename "$(readlink -f /sys/bus/pci/devices/$dev/driver)")
	[ "$driver" = vfio-pci ] || { echo "SKIP: $dev is not on vfio-pci"; exit 77; }
done

log=$(mktemp)
trap 'rm -f "$log"' EXIT

# Forwards for some seconds; sets $packets and $faults.
forward() {
	dmesg -C
	timeout -s INT -k 20 15 dpdk-testpmd -l 0,1 -a 0000:00:12.0 -a 0000:00:13.0 "$@" -- \
		--mp-alloc=anon --mbuf-size=8192 --total-num-mbufs=2048 --no-lsc-interrupt \
		--forward-mode=io --tx-first --auto-start --stats-period=1 </dev/null >"$log" 2>&1
	packets=$(sed -n '/Accumulated/,$s/.*RX-packets: \([0-9]*\).*/\1/p' "$log" | tail -1)
	faults=$(dmesg | grep -c "fault addr")
	echo "$* : ${packets:-no} packets, $faults fault lines"
}

forward -d librte_bus_pci_ext.so
[ "${packets:-0}" -gt 1000 ] || { tail -40 "$log"; fail "no traffic with pci_ext"; }
[ "$faults" -eq 0 ] || { dmesg | grep "fault addr"; fail "IOMMU faults with pci_ext"; }
# Both ports have mapped the same memory, so both may unmap it.
grep "unable to DMA unmap" "$log" && fail "the second port's unmap was refused"

forward
[ "$faults" -gt 0 ] || fail "the in-tree bus does not fault: this test proves nothing"
