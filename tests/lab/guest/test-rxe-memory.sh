#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# What gets a key by itself, and what does not: mr_implicit, as xstats and telemetry show it.
set -u
. tests/lab/guest/testpmd.bash

# joined MODE: device arguments of the two rxe ports.
joined() {
	echo "-a 0000:00:10.0,peer=0000:00:11.0,mr_implicit=$1 -a 0000:00:11.0,peer=0000:00:10.0,mr_implicit=$1"
}

# mr NAME: a number of /mlx5_ext/mr of port 0.
mr() {
	echo "/mlx5_ext/mr,0" | dpdk-telemetry.py 2>/dev/null | sed -n 's/^{"\/mlx5_ext\/mr": *\(.*\)}$/\1/p' | jq ".$1"
}

# shellcheck disable=SC2046
testpmd_open $(joined mempool) -- --total-num-mbufs=4096
tap_ok "mempool: the pool is registered" [ "$(mr implicit_bytes)" -gt 8000000 ]
tap_is "mempool: nothing is mapped" "$(mr mapped_regions)" 0
tap_is "mempool: telemetry lists each region" "$(mr 'regions | length')" "$(mr implicit_regions)"
tap_is "mempool: xstats say the same" \
	"$(testpmd_say "show port xstats 0" | sed -n 's/mr_implicit_bytes: //p')" "$(mr implicit_bytes)"
pinned=$(for port in 0 1; do testpmd_say "show port xstats $port"; done | awk '/mr_pinned_bytes: / {n += $2} END {print n}')
tap_is "mempool: the kernel has as much pinned" "$((pinned / 1024))" \
	"$(sed -n 's/^VmPin:[^0-9]*\([0-9]*\).*/\1/p' "/proc/$(pgrep dpdk-testpmd)/status")"
testpmd_say "start tx_first" >/dev/null
sleep 1
testpmd_say stop >/dev/null
tap_ok "mempool: hits are counted" [ "$(testpmd_say "show port xstats 0" |
	sed -n 's/tx_key_cache_hits: //p')" -gt 100 ]
tap_ok "mempool: one look-up serves many packets" [ "$(testpmd_say "show port xstats 0" |
	sed -n 's/tx_key_cache_misses: //p')" -lt 10 ]
testpmd_say "port stop all" >/dev/null
tap_ok "telemetry answers for a stopped port" [ "$(mr implicit_bytes)" -gt 8000000 ]
for bad in 65536 2 abc 0x -1 ""; do
	tap_is "telemetry does not for port '$bad'" \
		"$(echo "/mlx5_ext/mr,$bad" | dpdk-telemetry.py 2>/dev/null | grep -c '"/mlx5_ext/mr": null')" 1
done
testpmd_close
tap_is "telemetry left testpmd well" $testpmd_status 0

# shellcheck disable=SC2046
testpmd_forward 1 $(joined eal) -- --mp-alloc=native
testpmd_check "eal: native memory works"
# shellcheck disable=SC2046
testpmd_forward 1 $(joined none) -- --mp-alloc=anon --mbuf-size=8192
testpmd_check "none: mapped memory works"
# shellcheck disable=SC2046
testpmd_forward 0 $(joined none) -- --mp-alloc=native
tap_like "none: native memory is refused, and it is said why" "$(cat "$testpmd_log")" \
	"pool 'mb_pool_0' are on memory that is not mapped"

for eal in --no-huge --legacy-mem; do
	for memory in native xmem "anon --mbuf-size=8192"; do
		# shellcheck disable=SC2046,SC2086
		testpmd_forward 1 $(joined mempool) $eal -m 256 -- --mp-alloc=$memory
		testpmd_check "--mp-alloc=$memory with $eal"
	done
done

# By its default size a pool on anonymous memory does not end with a page, so that testpmd cannot
# register it with EAL.
# shellcheck disable=SC2046
testpmd_open $(joined mempool) -- --mp-alloc=anon --total-num-mbufs=4096
tap_like "anon by its default size is testpmd's to refuse" "$(cat "$testpmd_log")" 'unable to register addr'
tap_like "and the port says why it does not start" "$(cat "$testpmd_log")" \
	"pool 'mb_pool_0' are on memory that is not mapped"
testpmd_close
tap_done
