#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Implicit registration: the modes of mr_implicit, as shown by xstats and telemetry; and the kinds of memory
# of testpmd's pools.
# arguments: modes kinds
set -u
. tests/lab/guest/testpmd.bash

# joined MODE: device arguments of the two rxe ports.
joined() {
	echo "-a 0000:00:10.0,peer=0000:00:11.0,mr_implicit=$1 -a 0000:00:11.0,peer=0000:00:10.0,mr_implicit=$1"
}

# ask COMMAND...: answers of telemetry, a line each. One call, since each costs seconds here.
ask() {
	printf '%s\n' "$@" | dpdk-telemetry.py 2>/dev/null | sed -n 's/^{"\/mlx5_ext\/mr": *\(.*\)}$/\1/p'
}

# xstat PORT NAME
xstat() {
	testpmd_say "show port xstats $1" | sed -n "s/^$2: //p"
}

modes() {
	local mr implicit answers

	# shellcheck disable=SC2046
	testpmd_open $(joined mempool) -- --total-num-mbufs=4096
	mr=$(ask /mlx5_ext/mr,0)
	implicit=$(jq .implicit_bytes <<<"$mr")
	tap_ok "mempool: the pool is registered" [ "$implicit" -gt 8000000 ]
	tap_is "mempool: no mappings" "$(jq .mapped_regions <<<"$mr")" 0
	tap_is "mempool: telemetry lists each region" "$(jq '.regions | length' <<<"$mr")" \
		"$(jq .implicit_regions <<<"$mr")"
	tap_is "mempool: the same by xstats" "$(xstat 0 mr_implicit_bytes)" "$implicit"
	tap_is "mempool: the kernel has the same amount pinned" \
		"$((($(xstat 0 mr_pinned_bytes) + $(xstat 1 mr_pinned_bytes)) / 1024))" \
		"$(sed -n 's/^VmPin:[^0-9]*\([0-9]*\).*/\1/p' "/proc/$(pgrep dpdk-testpmd)/status")"
	tap_ok "mempool: packets circulate" testpmd_run 1000
	tap_ok "mempool: hits are counted" [ "$(xstat 0 tx_key_cache_hits)" -gt 100 ]
	tap_ok "mempool: one look-up serves many packets" [ "$(xstat 0 tx_key_cache_misses)" -lt 10 ]
	testpmd_do "port stop all"
	answers=$(ask /mlx5_ext/mr,{0,65536,2,abc,0x,-1,})
	tap_is "telemetry answers for a stopped port" "$(head -n 1 <<<"$answers" | jq .implicit_bytes)" "$implicit"
	tap_is "telemetry answers null for an unknown port, and for no number" \
		"$(tail -n +2 <<<"$answers" | sort | uniq -c | tr -s ' ')" " 6 null"
	testpmd_close
	tap_is "exit status after telemetry" $testpmd_status 0

	# shellcheck disable=SC2046
	testpmd_forward 2000 $(joined eal) -- --mp-alloc=native
	testpmd_check "eal: native memory works"
	# shellcheck disable=SC2046
	testpmd_forward 2000 $(joined none) -- --mp-alloc=anon --mbuf-size=8192
	testpmd_check "none: mapped memory works"
	# shellcheck disable=SC2046
	testpmd_open $(joined none) -- --mp-alloc=native
	tap_like "none: native memory is rejected, with a reason" "$(cat "$testpmd_log")" \
		"pool 'mb_pool_0' are on memory that is not mapped"
	testpmd_close
	# shellcheck disable=SC2046
	testpmd_open $(joined eal) -- --mp-alloc=anon --total-num-mbufs=4096
	tap_like "eal: it is not registered, and the port logs why it does not start" "$(cat "$testpmd_log")" \
		"pool 'mb_pool_0' are on memory that is not mapped"
	testpmd_close
}

kinds() {
	local memory plugins

	# Without hugepages: on the software HCA, tests/softhca/wire.sh.
	for memory in native xmem xmemhuge xbuf "anon --mbuf-size=8192"; do
		# shellcheck disable=SC2046,SC2086
		testpmd_forward 2000 $(joined mempool) --legacy-mem -m 256 -- --mp-alloc=$memory
		testpmd_check "--mp-alloc=$memory with --legacy-mem"
	done

	# With the default size a pool on anonymous memory does not end with a page, so that testpmd cannot
	# register it with EAL: it is the pool's, with each bus.
	for plugins in "-d librte_bus_pci_ext.so -d librte_net_mlx5_ext.so" "-d librte_net_mlx5_ext.so"; do
		testpmd_plugins=$plugins
		# shellcheck disable=SC2046
		testpmd_forward 2000 $(joined mempool) -- --mp-alloc=anon
		testpmd_check "anon with its default size, $plugins"
		tap_like "that memory is unknown to EAL" "$(cat "$testpmd_log")" 'unable to register addr'
	done
}

case $1 in
modes) modes ;;
kinds) kinds ;;
esac
tap_done
