#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# testpmd with mbufs in anonymous memory, on the lab's two VFIO ports: with pci_ext it forwards
# without an IOMMU fault; without it the same command causes faults, so the check can fail.
set -u
. tests/lab/guest/testpmd.bash

anon=(-a 0000:00:12.0 -a 0000:00:13.0 -- --mp-alloc=anon --mbuf-size=8192 --no-lsc-interrupt)

testpmd_forward 20000 "${anon[@]}"
testpmd_check "anonymous memory on VFIO ports"
tap_is "no unmap at exit fails" "$(grep -c "unable to DMA unmap" "$testpmd_log")" 0

tap_is "no line about its pool" "$(grep -c 'unknown to EAL' "$testpmd_log")" 0

# With the default size testpmd cannot register its pool with EAL: nobody can map it.
testpmd_open -a 0000:00:12.0 -a 0000:00:13.0 -- --mp-alloc=anon --no-lsc-interrupt --total-num-mbufs=4096
tap_ok "a pool unknown to EAL has a line" prompt_until 60 grep -q "mempool 'mb_pool_0': its .* unknown to EAL" \
	"$testpmd_log"
testpmd_close
tap_is "and one alone" "$(grep -c 'unknown to EAL' "$testpmd_log")" 1

# Packets may not come round at all here, so this waits for a fault, not for packets.
faulted() {
	dmesg | grep -q 'fault addr'
}

testpmd_plugins=" "
dmesg -C
testpmd_open "${anon[@]}" --total-num-mbufs=4096
testpmd_do "start tx_first"
tap_ok "the in-tree bus causes faults" prompt_until 300 faulted
testpmd_close
tap_done
