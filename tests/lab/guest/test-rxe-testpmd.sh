#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# pmds: all
# testpmd on the two rxe ports, joined by a cable, two queues each; then each port on a loopback
# plug; then every kind of mbuf memory.
set -u
. tests/lab/guest/testpmd.bash

joined=(-a 0000:00:10.0,peer=0000:00:11.0 -a 0000:00:11.0,peer=0000:00:10.0)

testpmd_forward 10000 "${joined[@]}" -- --rxq=2 --txq=2
testpmd_check "two ports joined, two queues"
tap_is "all four queues carry packets" \
	"$(grep -c 'RX-packets: [1-9].*TX-packets: [1-9]' "$testpmd_log")" 4
tap_is "no packet is dropped" "$(grep -c 'dropped: [1-9]' "$testpmd_log")" 0

testpmd_forward 2000 -a 0000:00:10.0 -a 0000:00:11.0 -- --port-topology=loop
testpmd_check "a loopback plug in each port"

for memory in xmem xmemhuge xbuf "anon --mbuf-size=8192"; do
	# shellcheck disable=SC2086
	testpmd_forward 2000 "${joined[@]}" -- --mp-alloc=$memory
	testpmd_check "--mp-alloc=$memory"
done

testpmd_plugins="-d librte_net_mlx5_ext.so"
testpmd_forward 2000 "${joined[@]}" -- --mp-alloc=anon --mbuf-size=8192
testpmd_check "--mp-alloc=anon on the in-tree bus"

tap_done
