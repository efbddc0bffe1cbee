#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# wire=rc on iWARP, by siw: traffic with each byte verified, with some packets without an lkey,
# beside a thread that maps and unmaps, and with an injected error on one of two queues; and a
# receiver that sleeps, which must grant its buffers to the other end before.
set -u
[ -n "${siw_address_0:-}" ] || exec tests/lab/guest/siw "$0"
. tests/tap.sh
# shellcheck source=tests/programs/soak/soak.bash
. tests/programs/soak/soak.bash

a=0000:00:10.0
soak_program=(build/tests/programs/soak/soak -l 0 --log-level=eal:4 -d librte_bus_pci_ext.so
	-d librte_net_mlx5_ext.so)

# Packets that are sent faster than they are received wait: none is lost.
soak "-a $a,wire=rc" $a --queues 2 --packets 20000 --unmapped 10 --seconds 280
spotless "a loopback plug, 1 % unmapped"
exactly_unmapped "1 % unmapped"
soak "-a $a,wire=rc" $a --churn $a --rate 1000 --pairs 200 --packets 2000 --seconds 280
spotless "churn"
all "churn: packets meanwhile" '.verified > 1000'
tap_is "churn: no call failed" "$(jq .soak.churn.errors <<<"$result")" 0

export LD_PRELOAD=$PWD/build/tests/programs/faults/libverbs_faults.so VERBS_FAULT_LKEY=5000
soak "-a $a,wire=rc" $a --queues 2 --packets 20000 --seconds 280
unset LD_PRELOAD VERBS_FAULT_LKEY
clean "wrong key"
tap_is "invalid lkey: one recovery" "$(recoveries)" 1
tap_is "invalid lkey: the other queue lost no packet" \
	"$(jq '[.soak.queues[] | select(.lost == 0 and .verified == .sent)] | length' <<<"$result")" 1
all "wrong key: the queue that had it went on" '.verified > 18000'

result=$(build/tests/programs/sleeper/sleeper -l 0 --log-level=eal:4 -d librte_net_mlx5_ext.so -a $a,wire=rc -- $a 200 3 2>"$log")
tap_is "sleeper" $? 0
echo "# $result"
tap_is "sleeper: no burst is missed" "$(jq -c '.sleeper | [.rounds, .short_rounds, .missed, .errors]' <<<"$result")" \
	'[215,0,0,0]'
tap_is "sleeper: not woken in silence" "$(jq .sleeper.idle.wakeups <<<"$result")" 0
tap_done
