#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# wire=rc on iWARP, by siw, with an unreachable peer: TCP repeats its request for two minutes,
# inside a system call. A stop of the port ends that, in every thread; and no wait is longer than
# the driver's limit.
set -u
[ -n "${siw_address_0:-}" ] || exec tests/lab/guest/siw "$0"
. tests/lab/guest/testpmd.bash
. tests/lab/guest/testpmds.bash

faults=$PWD/build/tests/programs/faults/libverbs_faults.so
nobody=02:00:00:00:00:99

# lose, find: drops frames to the other function, by an unused MAC address; and restores them.
lose() {
	ip neigh replace "$siw_address_1" dev eth0 lladdr $nobody nud permanent
	ip neigh replace "$siw_address_0" dev eth1 lladdr $nobody nud permanent
}

find() {
	ip neigh del "$siw_address_1" dev eth0
	ip neigh del "$siw_address_0" dev eth1
}

# asked: number of connections without an answer.
asked() {
	ss -Htn state syn-sent | wc -l
}

# asking COUNT: at least so many.
asking() {
	[ "$(asked)" -ge "$1" ]
}

# asking_no_more COUNT: at most so many.
asking_no_more() {
	[ "$(asked)" -le "$1" ]
}

# was_ended LOG: a stop in time ended it, not the limit of ten seconds.
was_ended() {
	if [ "$in_time" -gt 0 ]; then
		tap_is "before the timeout" "$(grep -c 'timed out' "$1")" 0
	else
		tap_skip "before the timeout" "the machine is too slow to stop a port within ten seconds"
	fi
}

joined=(-a 0000:00:10.0,wire=rc,peer=0000:00:11.0 -a 0000:00:11.0,wire=rc,peer=0000:00:10.0)
export LD_PRELOAD=$faults VERBS_FAULT_LKEY=10
testpmd_open "${joined[@]}" -- --nb-cores=1 --total-num-mbufs=4096
unset LD_PRELOAD VERBS_FAULT_LKEY
lose
testpmd_say "start tx_first" >/dev/null
tap_ok "a recovery connects to the other end" prompt_until $patience asking 1
testpmd_say stop >/dev/null
in_time=$(asked)
testpmd_say "port stop 0" >/dev/null
tap_ok "a stop ends it" asking_no_more 0
was_ended "$testpmd_log"
before=$SECONDS
answer=$(testpmd_say "port start 0")
tap_like "a start without an answer fails" "$answer$(tail -n 20 "$testpmd_log")" 'Connection timed out'
tap_ok "long before TCP gives up: $((SECONDS - before)) s" [ $((SECONDS - before)) -lt 60 ]
tap_ok "and then stops trying" asking_no_more 0
find
testpmd_say "port start 0" >/dev/null
tap_ok "it starts when the other end answers" testpmd_run 1000
testpmd_close
tap_is "clean exit" "$testpmd_status" 0

lose
open a 0 -a 0000:00:10.0,wire=rc,peer=listen -- --rxd=256
open b 1 -a 0000:00:11.0,wire=rc,peer=localhost -- --rxd=256
tap_ok "two processes connect to each other" prompt_until $patience asking 2
in_time=$(asked)
say a "port stop 0" >/dev/null
tap_ok "a stop ends it" prompt_until $patience asking_no_more 1
was_ended "${log[a]}"
say b "port stop 0" >/dev/null
tap_ok "there too" asking_no_more 0
find
say a "port start 0" >/dev/null
say b "port start 0" >/dev/null
tap_ok "link is up when the other end answers" link a up
quit b
tap_is "clean exit there" "$status" 0
quit a
tap_is "clean exit" "$status" 0
tap_done
