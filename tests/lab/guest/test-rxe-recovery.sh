#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Real errors of rxe: a work request with an invalid lkey puts a QP into the error state. The queue
# recovers, other queues are not affected, and no mbuf is lost.
set -u
. tests/lab/guest/testpmd.bash

joined=(-a 0000:00:10.0,peer=0000:00:11.0 -a 0000:00:11.0,peer=0000:00:10.0)
export LD_PRELOAD=$PWD/build/tests/programs/faults/libverbs_faults.so

# fault NAME VARIABLE=NUMBERS RECOVERIES: forwards until past the last number.
fault() {
	local variable=$2 stats

	export "${variable?}"
	testpmd_open "${joined[@]}" -- --rxq=2 --txq=2 --nb-cores=1 --rxd=128 --txd=128 --total-num-mbufs=1400
	tap_ok "$1: packets circulate" testpmd_run 8000 "start tx_first 3"
	stats=$(testpmd_xstats)
	tap_is "$1: recoveries" "$(testpmd_recoveries "$stats")" "$3"
	tap_is "$1: on one queue each time" "$(grep -c 'recoveries: [1-9]' <<<"$stats")" 1

	# A leak would empty the pool in the end: traffic continues after a restart.
	testpmd_do "port stop all" "port start all"
	tap_ok "$1: traffic after a restart" testpmd_run 2000 "start tx_first 3"
	for port in 0 1; do
		tap_is "$1: port $port has mbufs" "$(testpmd_counter $port RX-nombuf)" 0
	done
	unset "${variable%%=*}"
	testpmd_close
	tap_is "$1: clean exit" $testpmd_status 0
}

fault "wrong key" VERBS_FAULT_LKEY=5000 1
fault "refused post" VERBS_FAULT_POST=5000 1

# A failed recovery leaves the queue down; the other end's restart restores it. The two pairs of
# each port made 16 calls to start, the 17th is the first one of the recovery.
export VERBS_FAULT_LKEY=5000 VERBS_FAULT_MODIFY=17
testpmd_open "${joined[@]}" -- --rxq=2 --txq=2 --nb-cores=1 --rxd=128 --txd=128 --total-num-mbufs=1400
testpmd_run 8000 "start tx_first 3"
tap_is "failed recovery: logged" "$(grep -c "cannot be recovered" "$testpmd_log")" 1
testpmd_do "port stop 1" "port start 1" "clear port stats all" "start tx_first 3"
tap_ok "failed recovery: all queues send after a restart of the other end" \
	prompt_until 300 testpmd_queues 'tx_q[01]' 4
testpmd_do stop
testpmd_close
tap_is "failed recovery: clean exit" "$testpmd_status" 0
tap_done
