#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# wire=rc on iWARP, by siw: flow control, and the recovery of a pair at both ends, within one
# process and between two.
set -u
[ -n "${siw_address_0:-}" ] || exec tests/lab/guest/siw "$0"
. tests/lab/guest/testpmd.bash
. tests/lab/guest/testpmds.bash

faults=$PWD/build/tests/programs/faults/libverbs_faults.so

# carry NAME: forwards until hundreds of packets have passed through each of the eight queues.
carry() {
	testpmd_do "clear port stats all" "start tx_first"
	tap_ok "$1" prompt_until 300 testpmd_queues '[rt]x_q[01]' 8
	testpmd_do stop
}

joined=(-a 0000:00:10.0,wire=rc,peer=0000:00:11.0 -a 0000:00:11.0,wire=rc,peer=0000:00:10.0)
queues=(--rxq=2 --txq=2)
export LD_PRELOAD=$faults VERBS_FAULT_LKEY=2000
testpmd_open "${joined[@]}" -- "${queues[@]}" --nb-cores=1 --total-num-mbufs=4096
unset LD_PRELOAD VERBS_FAULT_LKEY
testpmd_say "start tx_first" >/dev/null
tap_ok "two ports joined: invalid lkey, recovered" testpmd_wait 300 'recoveries: [1-9]' "show port xstats all"
testpmd_say stop >/dev/null
stats=$(testpmd_say "show port xstats all")
tap_is "once at each end" "$(testpmd_recoveries "$stats")" 2
carry "all queues carry packets afterwards"
testpmd_say "port stop 1" >/dev/null
testpmd_say "port start 1" >/dev/null
carry "and after a restart of one port"
testpmd_close
tap_is "clean exit" "$testpmd_status" 0

# Two processes. The receiver is stopped: the sender fills its rings, and then waits.
a=(-a 0000:00:10.0,wire=rc,peer=listen) b=(-a 0000:00:11.0,peer=localhost)
export LD_PRELOAD=$faults VERBS_FAULT_LKEY=3000
open a 0 "${a[@]}" -- "${queues[@]}" --rxd=256
unset LD_PRELOAD VERBS_FAULT_LKEY
open b 1 "${b[@]}" -- "${queues[@]}" --rxd=256
tap_ok "two processes: link is up" link a up
say a "set fwd txonly" >/dev/null
say b "set fwd rxonly" >/dev/null
say a start >/dev/null
tap_ok "stopped receiver: two rings of packets are sent" answer a $patience "show port xstats 0" 'tx_good_packets: 512$'
sleep 2
tap_ok "and no more" answer a 1 "show port xstats 0" 'tx_good_packets: 512$'
say b start >/dev/null
tap_ok "started receiver: all of these arrive, and more" answer b $patience "show port xstats 0" 'rx_good_packets: [1-9][0-9]{3}'
tap_ok "invalid lkey: recovered at one end" answer a $patience "show port xstats 0" 'recoveries: [1-9]'
tap_ok "and at the other end" answer b $patience "show port xstats 0" 'recoveries: [1-9]'
tap_is "the link stayed up" "$(grep -c "the peer has disconnected" "${log[a]}")" 0
say b "clear port stats all" >/dev/null
tap_ok "packets continue" answer b $patience "show port xstats 0" 'rx_good_packets: [1-9][0-9]{3}'
crash b
tap_ok "the other process is killed: link goes down" link a down
open b 1 "${b[@]}" -- "${queues[@]}" --rxd=256
tap_ok "restarted: link is up" link a up
say b "set fwd rxonly" >/dev/null
say b start >/dev/null
tap_ok "packets continue" answer b $patience "show port xstats 0" 'rx_good_packets: [1-9][0-9]{3}'
say a stop >/dev/null
quit b
tap_is "clean exit there" "$status" 0
quit a
tap_is "clean exit" "$status" 0
tap_done
