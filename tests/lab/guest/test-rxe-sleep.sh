#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Rx interrupts on rxe: a receiver that sleeps between bursts is woken by each, is idle in silence,
# and works after a recovery and after restarts of an armed queue.
set -u
. tests/tap.sh

log=$(mktemp)
trap 'rm -f "$log"' EXIT

# sleeper ROUNDS RESTARTS: sets result, its output.
sleeper() {
	result=$(timeout 1800 build/tests/programs/sleeper/sleeper -l 0 --log-level=eal:4 -d librte_net_mlx5_ext.so \
		-a 0000:00:10.0 -- 0000:00:10.0 "$@" 2>"$log")
	tap_is "sleeper $*" $? 0
	[ -n "$result" ] || sed 's/^/# /' "$log"
	echo "# $result"
}

# all NAME EXPRESSION: jq finds it true.
all() {
	tap_is "$1" "$(jq ".sleeper | $2" <<<"$result")" true
}

sleeper 1000 20
all "a channel for the queue" '.channels == 1'
all "no burst is missed in a thousand rounds" '.short_rounds == 0 and .missed == 0 and .rounds == 1100'
all "bursts wake it" '.wakeups + .caught > .rounds * 0.5'
all "it is not woken for nothing" '.spurious < .wakeups * 0.2'
all "no call failed" '.errors == 0'
all "silence: not woken" '.idle.wakeups == 0'
all "silence: it sleeps" '.idle.cpu_ms < .idle.ms * 0.5'
all "an armed queue is stopped and started" '.restarts == 20'

all "a packet that comes after it was armed raises an event" '.armed_before == {event: true, polled: 1}'
all "one that came before does not, and is found by a poll" '.armed_late == {event: false, polled: 1}'

export LD_PRELOAD=$PWD/build/tests/programs/faults/libverbs_faults.so VERBS_FAULT_LKEY=100,500
sleeper 300 0
unset LD_PRELOAD
all "recovery: two of them" '.counters.tx_q0_recoveries == 2'
all "recovery: cost two bursts, and none after it was missed" '.short_rounds <= 2 and .missed == 0'

sleeper 0 0
all "without intr_conf.rxq: no channel" '.channels == 0'
all "without intr_conf.rxq: refused" '.enable == -22 and .disable == -22 and .ctl < 0'
tap_done
