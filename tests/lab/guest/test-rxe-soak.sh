#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Long traffic on rxe, each byte verified: with packets from memory that is not mapped among the
# others, beside a thread that maps and unmaps, and with an error forced on one of two queues.
set -u
. tests/tap.sh

a=0000:00:10.0 b=0000:00:11.0
log=$(mktemp)
trap 'rm -f "$log"' EXIT

# soak [-b] ARGUMENT...: sets result, what it printed; -b: port B is there too.
soak() {
	local ports=(-a "$a")

	[ "$1" != -b ] || { ports+=(-a "$b") && shift; }
	result=$(build/tests/soak/soak -l 0 --log-level=eal:4 -d librte_bus_pci_ext.so \
		-d librte_net_mlx5_ext.so "${ports[@]}" -- --port $a "$@" 2>"$log")
	tap_is "soak $*" $? 0
	[ -n "$result" ] || sed 's/^/# /' "$log"
	echo "# $result"
}

# all NAME EXPRESSION: jq finds it true of each queue.
all() {
	tap_is "$1" "$(jq ".soak.queues | map($2) | all" <<<"$result")" true
}

# clean NAME: what must hold whatever else happened.
clean() {
	all "$1: nothing wrong" '.wrong == 0 and .verified > 0'
	tap_is "$1: nothing stays pinned" "$(jq .soak.pinned_kb <<<"$result")" 0
}

# spotless NAME: and what holds when nothing was broken on purpose.
spotless() {
	clean "$1"
	all "$1: all delivered" '.lost == 0 and .verified == .sent - .unmapped'
	tap_is "$1: no error, no recovery" \
		"$(jq '.soak.counters | with_entries(select(.key | test("completion_errors|recoveries"))) | length' <<<"$result")" 0
}

soak --packets 1000000 --unmapped 10 --seconds 120
spotless "1 % unmapped"
all "1 % unmapped: a million packets" '.sent == 1000000'
tap_is "1 % unmapped: exactly those are dropped and counted" \
	"$(jq '.soak.counters.tx_unmapped_packets' <<<"$result")" "$(jq '.soak.queues[0].unmapped' <<<"$result")"
tap_ok "1 % unmapped: there were about so many" [ "$(jq '.soak.queues[0].unmapped' <<<"$result")" -gt 9000 ]

# Not what a busy machine can do, but more than nothing.
for device in $b $a; do
	soak -b --seconds 10 --queues 2 --churn "$device" --rate 1000
	spotless "churn on $device"
	tap_is "churn on $device: no call failed" "$(jq .soak.churn.errors <<<"$result")" 0
	tap_ok "churn on $device: hundreds of pairs" [ "$(jq .soak.churn.pairs <<<"$result")" -gt 200 ]
done

export LD_PRELOAD=$PWD/build/tests/faults/libverbs_faults.so VERBS_FAULT_LKEY=9000
soak --queues 2 --packets 50000 --seconds 60
unset LD_PRELOAD
clean "wrong key"
tap_is "wrong key: one recovery" \
	"$(jq '.soak.counters | [to_entries[] | select(.key | test("recoveries")) | .value] | add' <<<"$result")" 1
tap_is "wrong key: the other queue lost nothing" \
	"$(jq '[.soak.queues[] | select(.lost == 0 and .verified == .sent)] | length' <<<"$result")" 1
all "wrong key: the queue that had it went on" '.verified > 49000'
tap_done
