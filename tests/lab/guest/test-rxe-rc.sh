#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# wire=rc, reliable connected queue pairs: traffic, and the recovery of a pair, which involves both
# ends, within one process and between two. rxe does not report an invalid lkey on such a pair.
set -u
. tests/lab/guest/testpmd.bash
. tests/lab/guest/testpmds.bash

faults=$PWD/build/tests/programs/faults/libverbs_faults.so
joined=(-a 0000:00:10.0,wire=rc,peer=0000:00:11.0 -a 0000:00:11.0,wire=rc,peer=0000:00:10.0)

testpmd_forward 5000 "${joined[@]}" -- --rxq=2 --txq=2
testpmd_check "two ports joined, two queues"
tap_is "all four queues carry packets" \
	"$(grep -c 'RX-packets: [1-9].*TX-packets: [1-9]' "$testpmd_log")" 4
tap_is "no packet is dropped" "$(grep -c 'dropped: [1-9]' "$testpmd_log")" 0

# A loopback plug, each byte verified.
result=$(build/tests/programs/soak/soak -l 0 --log-level=eal:4 -d librte_bus_pci_ext.so -d librte_net_mlx5_ext.so \
	-a 0000:00:10.0,wire=rc -- --port 0000:00:10.0 --queues 2 --packets 30000 --seconds 600 2>/dev/null)
tap_is "a loopback plug: all delivered, no errors" "$(jq -c \
	'[.soak.queues[] | [.sent, .verified, .lost, .wrong]]' <<<"$result")" '[[30000,30000,0,0],[30000,30000,0,0]]'

# The lkey of the 2000th packet is invalid. The queue pair stands still until the driver detects
# that.
export LD_PRELOAD=$faults VERBS_FAULT_LKEY=2000
testpmd_open "${joined[@]}" -- --rxq=2 --txq=2 --nb-cores=1 --total-num-mbufs=4096
unset LD_PRELOAD
testpmd_do "start tx_first"
tap_ok "invalid lkey: recovered" testpmd_wait $patience 'recoveries: [1-9]' "show port xstats 0"
tap_ok "and at the other end" testpmd_wait $patience 'recoveries: [1-9]' "show port xstats 1"
testpmd_do stop
stats=$(testpmd_xstats)
tap_is "once at each end" "$(testpmd_recoveries "$stats")" 2
tap_is "and on no other queue" "$(grep -c 'recoveries: [1-9]' <<<"$stats")" 2
# carry_again: each queue has carried packets since. What testpmd drops, on a busy machine, it does not send again,
# and a queue may lose all that it began with.
carry_again() {
	local tries

	for tries in 1 2 3; do
		testpmd_do "clear port stats all" "start tx_first"
		! prompt_until 100 testpmd_queues '[rt]x_q[01]' 8 || return 0
		testpmd_xstats | grep -E 'q[01]_(packets|recover)|dropped|lost' | sed "s/^/# try $tries: /"
		testpmd_do stop
	done
	return 1
}
tap_ok "all queues carry packets afterwards" carry_again
testpmd_do stop
testpmd_close
tap_is "clean exit" "$testpmd_status" 0

# all_carry: each queue of both processes has carried a hundred packets or more in each direction.
all_carry() {
	[ "$(for name in a b; do say $name "show port xstats 0"; done |
		grep -cE '^[rt]x_q[01]_packets: [1-9][0-9][0-9]')" = 8 ]
}

# Two processes: only one of them has the fault.
a=(-a 0000:00:10.0,wire=rc,peer=listen) b=(-a 0000:00:11.0,wire=rc,peer=localhost)
queues=(--rxq=2 --txq=2)
export LD_PRELOAD=$faults
open a 0 "${a[@]}" -- "${queues[@]}"
unset LD_PRELOAD VERBS_FAULT_LKEY
open b 1 "${b[@]}" -- "${queues[@]}"
tap_ok "two processes: link is up" link a up
order b start
order a "start tx_first"
tap_ok "invalid lkey: recovered at one end" answer a $patience "show port xstats 0" 'recoveries: [1-9]'
tap_ok "and at the other end" answer b $patience "show port xstats 0" 'recoveries: [1-9]'
tap_is "the link stayed up" "$(grep -c "the peer has disconnected" "${log[a]}")" 0
for name in a b; do
	order $name stop "clear port stats all"
done
order b start
order a "start tx_first"
tap_ok "all queues carry packets afterwards" prompt_until $patience all_carry
crash b
tap_ok "the other process is killed: link goes down" link a down
open b 1 -a 0000:00:11.0,peer=localhost -- "${queues[@]}"
tap_ok "another wire is rejected" logged a "refused: here is wire=rc, there is wire=uc"
quit b
quit a
tap_is "clean exit" "$status" 0

# In one process the second start fails.
testpmd_open -a 0000:00:10.0,wire=rc,peer=0000:00:11.0 -a 0000:00:11.0,peer=0000:00:10.0 -- "${queues[@]}"
tap_like "two wires are rejected" "$(cat "$testpmd_log")" "wire=uc and its peer .* has wire=rc"
testpmd_close
tap_done
