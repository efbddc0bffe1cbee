#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Long traffic on rxe, each byte verified: with some packets from memory that is not mapped, beside
# a thread that maps and unmaps, and with an injected error on one of two queues.
set -u
. tests/tap.sh
# shellcheck source=tests/programs/soak/soak.bash
. tests/programs/soak/soak.bash

a=0000:00:10.0 b=0000:00:11.0
soak_program=(build/tests/programs/soak/soak -l 0 --log-level=eal:4 -d librte_bus_pci_ext.so
	-d librte_net_mlx5_ext.so)

soak "-a $a" $a --packets 300000 --unmapped 10 --seconds 400
spotless "1 % unmapped"
all "1 % unmapped: 300,000 packets" '.sent == 300000'
exactly_unmapped "1 % unmapped"
tap_ok "1 % unmapped: about so many were sent" [ "$(jq '.soak.queues[0].unmapped' <<<"$result")" -gt 2700 ]

for device in $b $a; do
	soak "-a $a -a $b" $a --queues 2 --churn "$device" --rate 1000 --pairs 300 --packets 2000 --seconds 280
	spotless "churn on $device"
	tap_is "churn on $device: no call failed" "$(jq .soak.churn.errors <<<"$result")" 0
	tap_ok "churn on $device: hundreds of pairs" [ "$(jq .soak.churn.pairs <<<"$result")" -ge 300 ]
	all "churn on $device: packets meanwhile" '.verified > 1000'
done

export LD_PRELOAD=$PWD/build/tests/programs/faults/libverbs_faults.so VERBS_FAULT_LKEY=9000
soak "-a $a" $a --queues 2 --packets 50000 --seconds 280
unset LD_PRELOAD
clean "wrong key"
tap_is "invalid lkey: one recovery" "$(recoveries)" 1
tap_is "invalid lkey: the other queue lost no packet" \
	"$(jq '[.soak.queues[] | select(.lost == 0 and .verified == .sent)] | length' <<<"$result")" 1
all "wrong key: the queue that had it went on" '.verified > 49000'
tap_done
