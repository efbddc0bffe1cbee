#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# A cable between two processes: each testpmd has one rxe port; they connect by TCP. They forward to
# each other, are disconnected, reconnect, and reject a peer with another MTU.
set -u
. tests/lab/guest/testpmds.bash

# traffic WHAT: packets sent by a come back from b.
traffic() {
	local name

	for name in a b; do
		order $name stop "clear port stats 0"
	done
	order b start
	order a "start tx_first"
	for name in a b; do
		tap_ok "$1: $name receives" receives $name 1000
	done
}

a=(-a 0000:00:10.0,peer=listen) b=(-a 0000:00:11.0,peer=localhost)
queues=(--rxq=2 --txq=2)

open a 0 "${a[@]}" -- "${queues[@]}"
tap_like "alone: link is down" "$(say a "show port info 0")" "Link status: down"
open b 1 "${b[@]}" -- "${queues[@]}"
tap_ok "both started: link is up at one end" link a up
tap_ok "and at the other" link b up
tap_like "with an event" "$(cat "${log[a]}")" "Port 0: link state change event"
traffic "two processes"
tap_is "both queues carry packets" "$(say b "show port xstats 0" |
	grep -cE 'rx_q[01]_packets: [1-9]')" 2
tap_is "no packet is dropped" "$(for name in a b; do say $name "show port xstats 0"; done |
	grep -E '(errors|missed|unmapped_.*|oversize_.*|recoveries): [1-9]' | xargs)" ""

crash b
tap_ok "the other process is killed: link goes down" link a down
tap_like "with a log line" "$(cat "${log[a]}")" "the peer has disconnected"
open b 1 "${b[@]}" -- "${queues[@]}"
tap_ok "restarted: link goes up without a restart of this end" link a up
traffic "after a kill"

order b stop "port stop 0"
tap_ok "its port stops: link goes down" link a down
order b "port config mtu 0 1400" "port start 0"
tap_ok "another MTU is rejected" logged a "refused: here the MTU is 1500, there it is 1400: set"
tap_ok "at both ends" logged b "refused: here the MTU is 1400, there it is 1500: set"
tap_like "link stays down" "$(say a "show port info 0")" "Link status: down"
order b "port stop 0" "port config mtu 0 1500" "port config all rxq 1" "port config all txq 1" \
	"port start 0"
tap_ok "other numbers of queues are no obstacle" link a up
tap_ok "and logged" logged b "connected: here are 1 Rx and 1 Tx queues, there are 2 and 2"
quit b
tap_is "exit status of the other end" $status 0

exec {stranger}<>/dev/tcp/localhost/18516
echo "GET / HTTP/1.1" >&"$stranger"
echo >&"$stranger"
tap_ok "another protocol is rejected" logged a "no port of this driver"
exec {stranger}>&-
exec {stranger}<>/dev/tcp/localhost/18516
tap_ok "a silent peer too" logged a "no answer within 3 s"
exec {stranger}>&-

began=$SECONDS
open b 1 -a 0000:00:11.0,peer=127.0.0.1:18599 -- "${queues[@]}"
# On a quiet machine less than the five seconds allowed below; on a busy one the measure of its speed.
opening=$((SECONDS - began))
tap_ok "no process at that port: logged" logged b "not reachable yet (Connection refused)"
tap_like "and link is down" "$(say b "show port info 0")" "Link status: down"
began=$SECONDS
quit b
tap_is "exit status without a peer" $status 0
tap_ok "and at once" [ $((SECONDS - began)) -le $((opening > 5 ? opening : 5)) ]

open b 1 -a 0000:00:11.0,peer=[::1]:18516 -- "${queues[@]}"
tap_ok "by IPv6: link is up" link a up
traffic "by IPv6"
quit a
tap_is "clean exit of one end" $status 0
tap_ok "link goes down at the other" link b down
quit b
tap_is "clean exit of the other" $status 0
tap_is "no errors in the logs" "$(cat "$dir"/*.log | grep -c 'mlx5_ext.*cannot')" 0
tap_done
