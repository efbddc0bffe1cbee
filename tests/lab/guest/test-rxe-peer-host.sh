#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# The cable between two processes: each testpmd has one rxe port; they meet by TCP. They forward to
# each other, lose each other, find each other again, and refuse what does not fit.
set -u
. tests/lab/guest/testpmds.bash

# traffic WHAT: what a sends comes back from b.
traffic() {
	local name

	for name in a b; do
		say $name stop >/dev/null
		say $name "clear port stats 0" >/dev/null
	done
	say b start >/dev/null
	say a "start tx_first" >/dev/null
	sleep 2
	for name in a b; do
		tap_ok "$1: $name receives" [ "$(received $name)" -gt 500 ]
	done
}

a=(-a 0000:00:10.0,peer=listen) b=(-a 0000:00:11.0,peer=localhost)
queues=(--rxq=2 --txq=2)

open a 0 "${a[@]}" -- "${queues[@]}"
tap_like "alone: link is down" "$(say a "show port info 0")" "Link status: down"
open b 1 "${b[@]}" -- "${queues[@]}"
tap_ok "both there: link is up at one end" link a up 10
tap_ok "and at the other" link b up 10
tap_like "an event says so" "$(cat "${log[a]}")" "Port 0: link state change event"
traffic "two processes"
tap_is "both queues carry packets" "$(say b "show port xstats 0" |
	grep -cE 'rx_q[01]_packets: [1-9]')" 2
tap_is "nothing is dropped" "$(for name in a b; do say $name "show port xstats 0"; done |
	grep -cE '(errors|missed|unmapped_.*|oversize_.*|recoveries): [1-9]')" 0

kill -9 "${pid[b]}"
tap_ok "the other process is killed: link goes down" link a down 10
tap_like "and it is said" "$(cat "${log[a]}")" "the other end is gone"
wait "${pid[b]}"
open b 1 "${b[@]}" -- "${queues[@]}"
tap_ok "it returns: link goes up without a restart here" link a up 10
traffic "after a kill"

say b stop >/dev/null
say b "port stop 0" >/dev/null
tap_ok "its port stops: link goes down" link a down 10
say b "port config mtu 0 1400" >/dev/null
say b "port start 0" >/dev/null
tap_ok "another MTU is refused" logged a 10 "refused: here the MTU is 1500, there it is 1400: set"
tap_ok "at both ends" logged b 10 "refused: here the MTU is 1400, there it is 1500: set"
tap_like "link stays down" "$(say a "show port info 0")" "Link status: down"
say b "port stop 0" >/dev/null
say b "port config mtu 0 1500" >/dev/null
say b "port config all rxq 1" >/dev/null
say b "port config all txq 1" >/dev/null
say b "port start 0" >/dev/null
tap_ok "another number of queues is refused" logged a 10 "refused: here are 2 queues, there are 1:"
tap_ok "at both ends" logged b 10 "refused: here are 1 queues, there are 2:"
quit b
tap_is "who was refused ends well" $status 0

exec {stranger}<>/dev/tcp/localhost/18516
echo "GET / HTTP/1.1" >&"$stranger"
echo >&"$stranger"
tap_ok "a stranger is refused" logged a 5 "no port of this driver"
exec {stranger}>&-
exec {stranger}<>/dev/tcp/localhost/18516
tap_ok "one who says nothing too" logged a 10 "not a word within 3 s"
exec {stranger}>&-

open b 1 -a 0000:00:11.0,peer=127.0.0.1:18599 -- "${queues[@]}"
tap_ok "nobody at that port: it is said" logged b 5 "not there yet (Connection refused)"
tap_like "and link is down" "$(say b "show port info 0")" "Link status: down"
began=$SECONDS
quit b
tap_is "who waits for nobody ends well" $status 0
tap_ok "and at once" [ $((SECONDS - began)) -le 5 ]

open b 1 -a 0000:00:11.0,peer=[::1]:18516 -- "${queues[@]}"
tap_ok "by IPv6: link is up" link a up 10
traffic "by IPv6"
quit a
tap_is "clean exit of one end" $status 0
tap_ok "the other notices" link b down 10
quit b
tap_is "clean exit of the other" $status 0
tap_is "nothing failed on the way" "$(cat "$dir"/*.log | grep -c 'mlx5_ext.*cannot')" 0
tap_done
