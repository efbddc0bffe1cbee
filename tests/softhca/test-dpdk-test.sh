#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# test-dpdk-test.sh [TEST...]: DPDK's own tests, with the plugins and two mlx5_ext ports, as without
# them; its cost of a packet on such a port; and its bonding over them. Without arguments a list that
# takes seconds; "long" is one that takes minutes.

# shellcheck source=tests/softhca/testpmd.bash
. tests/softhca/testpmd.bash

plugins=(-d librte_bus_pci_ext.so -d librte_net_mlx5_ext.so)
eal=("${plugins[@]}")
devargs=driver=mlx5_ext

# Those of devices, of ports, of memory and of what a driver uses.
short=(ethdev_link_status mempool_autotest memory_autotest fbarray_autotest interrupt_autotest
	alarm_autotest)
long=("${short[@]}" kvargs_autotest devargs_autotest memzone_autotest mbuf_autotest cksum_autotest
	tailq_autotest threads_autotest eal_fs_autotest logs_autotest malloc_autotest timer_autotest ring_autotest ring_pmd_autotest pdump_autotest
	latencystats_autotest bitratestats_autotest link_bonding_autotest link_bonding_mode4_autotest
	link_bonding_rssconf_autotest service_autotest trace_autotest func_reentrancy_autotest
	multiprocess_autotest event_eth_tx_adapter_autotest ethdev_api)

# attempt TEST [ARGUMENT...]: prints the verdict, which is none for a test that this release lacks.
attempt() {
	local test=$1 status=0

	shift
	# A name of its own: a test may start further processes.
	DPDK_TEST=$test timeout -k 5 "${limit:-300}" softhca/soft --ports 2 --cross -- \
		dpdk-test -l 0,1 --no-huge -m 512 --no-shconf --no-telemetry "$@" >"$log" 2>&1 </dev/null || status=$?
	if grep -q 'DPDK_TEST.*not found\|Bad arguments' "$log"; then
		echo none
	else
		echo "status $status"
	fi
}

same_as_without() {
	local test without with

	for test; do
		without=$(attempt "$test" --no-pci)
		with=$(attempt "$test" "${plugins[@]}" -a "0000:aa:00.0,$devargs" -a "0000:aa:00.1,$devargs")
		if [ "$without" = none ]; then
			tap_skip "$test" "not in this release"
			continue
		fi
		tap_is "$test: with the plugins as without, $without" "$with" "$without"
		[ "$with" = "$without" ] || tail -n 20 "$log" | sed 's/^/# /'
	done
}

# ticks PID PATTERN: the CPU time of its threads with such names.
ticks() {
	local task

	for task in /proc/"$1"/task/*; do
		# shellcheck disable=SC2053 # a pattern
		[[ $(cat "$task/comm" 2>/dev/null) != $2 ]] || cut -d ' ' -f 14,15 "$task/stat"
	done 2>/dev/null | tr ' ' '\n' | awk '{ sum += $1 } END { print sum + 0 }'
}

# works PID PATTERN...: each has worked for 50 ms of its own time, one after the other.
works() {
	local pid=$1 name from

	shift
	for name; do
		from=$(ticks "$pid" "$name")
		until [ "$(ticks "$pid" "$name")" -ge $((from + 5)) ] || ! kill -0 "$pid" 2>/dev/null; do
			sleep 0.1
		done
	done
}

# Its tests end after five seconds at the speed of the link, or when it is told to; it fails if no
# frame has arrived until then: on a busy machine the device, or the reader, may not have run yet.
measures_a_port() {
	local pid test

	: >"$log"
	DPDK_TEST=pmd_perf_autotest timeout -k 5 300 softhca/soft -- stdbuf -oL dpdk-test -l 0,1 --no-huge -m 512 \
		--no-shconf --no-telemetry "${plugins[@]}" -a "0000:aa:00.0,$devargs" >"$log" 2>&1 </dev/null &
	pid=$!
	until grep -q 'Test will stop after' "$log" || ! kill -0 $pid 2>/dev/null; do
		sleep 0.1
	done
	test=$(pgrep -P $pid)
	works "$test" softhca "*-worker*"
	kill -USR1 "$test" 2>/dev/null
	wait $pid
	tap_is "pmd_perf_autotest" $? 0
	tap_like "pmd_perf_autotest: its result" "$(grep -a 'cycles per packet' "$log")" 'Result: [1-9][0-9]* cycles'
	tap_is "pmd_perf_autotest: no violation" "$(grep -c VIOLATION "$log")" 0
}

# What a bonded port is made of, by its release.
member=member
[ "$(printf '%s\n' 23.11 "$(pkg-config --modversion libdpdk)" | sort -V | head -n 1)" = 23.11 ] || member=slave

# bonds MODE: two bonded ports of two ports each, joined: frames go round.
bonds() {
	local more=

	[ "$1" != 4 ] || more=,lacp_rate=fast
	eal=("${plugins[@]}"
		--vdev "net_bonding0,mode=$1,$member=0000:aa:00.0,$member=0000:aa:00.2"
		--vdev "net_bonding1,mode=$1,$member=0000:aa:00.1,$member=0000:aa:00.3")
	run SOFTHCA_CHECK=0 4 "" "start
		again 1000
		stop
		show bonding config 4
		quit" --nb-ports=6
	eal=("${plugins[@]}")
	tap_is "bonding mode $1: frames go round" "$status $((10#0$(received) >= 1000)) $(grep -c VIOLATION "$log")" "0 1 0"
}

if [ $# -gt 0 ]; then
	[ "$1" != long ] || set -- "${long[@]}"
	same_as_without "$@"
	tap_done
fi
same_as_without "${short[@]}"
measures_a_port
for mode in 0 1 4; do
	bonds $mode
done
tap_done
