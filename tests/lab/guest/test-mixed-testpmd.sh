#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# rxe ports and VFIO ports in one testpmd: packets circulate through all four, 10.0 -> 12.0 => 13.0
# -> 11.0 => 10.0 and back (-> is testpmd, => a cable), with mbufs of DPDK's own memory and of
# anonymous memory.
set -u
. tests/lab/guest/testpmd.bash

ring=(-a 0000:00:10.0,peer=0000:00:11.0 -a 0000:00:11.0,peer=0000:00:10.0
	-a 0000:00:12.0 -a 0000:00:13.0 -- --portlist=0,2,1,3 --no-lsc-interrupt)

for memory in native "anon --mbuf-size=8192"; do
	# shellcheck disable=SC2086
	testpmd_forward 2000 "${ring[@]}" --mp-alloc=$memory
	testpmd_check "rxe and VFIO in a ring, --mp-alloc=$memory"
	for port in 0 1 2 3; do
		tap_ok "port $port receives, $memory" [ "$(testpmd_received $port)" -gt 100 ]
	done
done

tap_done
