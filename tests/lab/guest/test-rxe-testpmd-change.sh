#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# testpmd on the two rxe ports with several pools, other forwarding at run time, and port resets,
# with memory of DPDK and with mapped memory.
set -u
. tests/lab/guest/testpmd.bash

joined=(-a 0000:00:10.0,peer=0000:00:11.0 -a 0000:00:11.0,peer=0000:00:10.0)

# goes_round NAME: with the present settings.
goes_round() {
	tap_ok "$1" testpmd_run 1000
}

# restart COMMAND...: with stopped ports.
restart() {
	testpmd_do "port stop all" "$@" "port start all"
}

for memory in native anon; do
	# With several sizes, and thus pools, frames are built from the first one.
	testpmd_open "${joined[@]}" -- --mp-alloc=$memory --mbuf-size=4096,8192 --total-num-mbufs=4096 \
		--tx-offloads=0x8000
	for forward in io mac macswap csum; do
		testpmd_do "set fwd $forward"
		goes_round "$memory: forwarding $forward"
	done
	testpmd_do "set fwd io" "set txpkts 700,300"
	goes_round "$memory: two segments"
	# Short frames from before may still be in the rings.
	tap_ok "$memory: frames arrive whole" [ "$(testpmd_average_size 1)" -gt 900 ]

	restart "port reset all"
	tap_like "$memory: link is up after the reset" "$(testpmd_say "show port info 0")" "Link status: up"
	goes_round "$memory: and go on"
	tap_is "$memory: no packet is dropped" "$(testpmd_say "show port xstats 0" |
		grep -E '(errors|unmapped_.*|oversize_.*|segments_.*): [1-9]' | xargs)" ""
	testpmd_close
	tap_is "$memory: clean exit" $testpmd_status 0
	# At its end testpmd unmaps before it stops the ports, which fails while queues own buffers.
	tap_is "$memory: no errors in the log" \
		"$(grep -E 'mlx5_ext.*cannot|Failed to reset' "$testpmd_log" | grep -vc 'cannot unmap')" 0
done
tap_done
