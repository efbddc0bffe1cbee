#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# DPDK's own net_mlx5, unmodified, in the distribution's own testpmd: the reference for the model.
# No rule may be violated, and every forwarded frame must arrive whole and in order.

# shellcheck source=tests/softhca/testpmd.bash
. tests/softhca/testpmd.bash
# shellcheck source=tests/intree.sh
. tests/intree.sh
devargs=$(intree_devargs)

try "one port, looped: SEND, scalar Rx" SOFTHCA_MPW=0 1 rx_vec_en=0 "$forward"
try "one port, looped: SEND, vector Rx" SOFTHCA_MPW=0 1 rx_vec_en=1 "$forward"
try "one port, looped: multi-packet WQEs" SOFTHCA_MPW=1 1 txq_inline_mpw=0 "$forward"
try "one port, looped: inlined into multi-packet WQEs" SOFTHCA_MPW=1 1 txq_inline_mpw=128 "$forward"
try "one port, looped: inlined into SEND" SOFTHCA_MPW=0 1 txq_inline_max=128,txqs_min_inline=0 "$forward"
try "regions as they are needed" SOFTHCA_MPW=0 1 mr_mempool_reg_en=0,mr_ext_memseg_en=0 "$forward"
try "padded receives, and a header inline" SOFTHCA_MPW=0 1 rxq_pkt_pad_en=1,txq_inline_min=18,txqs_max_vec=0 "$forward"
try "what the device has not is done without" SOFTHCA_MPW=0 1 delay_drop=1 "$forward"

# compresses DEVARGS [ARGUMENT...]: completions come compressed, many of them.
compresses() {
	try "compressed completions: $1" SOFTHCA_MPW=1 1 "rxq_cqe_comp_en=1,$1" $'start tx_first 8\nwait\nstop\nquit' "${@:2}"
	tap_ok "compressed completions: $1: many" [ "$(counter compressed)" -gt 1000 ]
}

compresses rx_vec_en=0
compresses rx_vec_en=1
compresses mprq_en=1,rxqs_min_mprq=1 --rxd=4096
soft_options=(--id 15b3:1013)
try "what the device has not is done without: striding receive queues" SOFTHCA_MPW=0 1 mprq_en=1,rxqs_min_mprq=1 "$forward" --rxd=4096
soft_options=()
try "striding receive queues" SOFTHCA_MPW=0 1 rxq_cqe_comp_en=0,mprq_en=1,rxqs_min_mprq=1 "$forward" --rxd=4096
try "striding receive queues: frames of several strides" SOFTHCA_MPW=0 1 mprq_en=1,rxqs_min_mprq=1,mprq_log_stride_size=8 \
	$'set txpkts 1400\n'"$forward" --rxd=4096
try "completions one by one" SOFTHCA_MPW=1 1 rxq_cqe_comp_en=0 "$forward"
tap_is "completions one by one: none compressed" "$(counter compressed)" 0

soft_options=(--id 15b3:1013)
try "a ConnectX-4" SOFTHCA_MPW=0 1 "" "$forward"
soft_options=(--id 15b3:1021)
try "a ConnectX-7" SOFTHCA_MPW=1 1 "" "$forward"
soft_options=()
try "two ports, crossed, two queues each" SOFTHCA_MPW=1 2 "" "$forward" --rxq=2 --txq=2
try "frames of 1400 bytes in two segments" SOFTHCA_MPW=0 2 "" $'set txpkts 700,700\n'"$forward" \
	--mbuf-size=1024 --enable-scatter --tx-offloads=0x8000
try "stop and start of the port, twice" SOFTHCA_MPW=0 1 "" \
	$'start tx_first 4\nwait\nstop\nport stop 0\nport start 0\nstart tx_first 4\nwait\nstop\nport stop 0\nport start 0\n'"$forward"

# Frames of the first time are still in the buffers of the second. Upper bound of those in circulation.
late=128 try "stop and start of the Tx queue" "SOFTHCA_MPW=0 SOFTHCA_ALLOW=frame.repeated,frame.lost" 1 rx_vec_en=0 \
	$'start tx_first 4\nwait\nstop\nport 0 txq 0 stop\nport 0 txq 0 start\n'"$forward"

# The PMD asks for a state of the work queue that verbs do not have: 3, of an enumeration of its own.
run SOFTHCA_TRACE=1 1 rx_vec_en=0 $'port 0 rxq 0 stop\nquit'
tap_like "a stop of the Rx queue is refused, as by the kernel" "$(grep -a refused: "$log")" 'refused: modify_wq\.state: '

# recovers NAME FAULT DIRECTION: continues in spite of an error completion. The PMD resets the
# queue; frames for it meanwhile wait on the cable. With vectors the Rx of 22.11 does not survive
# the flushed completions.
recovers() {
	local truth=no

	run "SOFTHCA_CHECK=0 SOFTHCA_PAUSE=1 SOFTHCA_FAULTS=$2" 1 rx_vec_en=0 $'start tx_first 4\nwait\nwait\nstop\nquit'
	[ "$status" -eq 0 ] && [ "$(counter "$3 errors")" -eq 1 ] && [ "$(counter 'rx packets')" -gt 6000 ] && truth=yes
	verdict "$1" $truth
}

recovers "a send that fails" tx_error@100 tx
recovers "a receive that fails" rx_error@1000 rx

# queues PORT: number of queues with at least a tenth of the packets that the port received.
queues() {
	sed -n "s/.*RX Port= $1\/Queue= *[0-9]* -> TX.*/&/;T;n;s/ *RX-packets: \([0-9]*\).*/\1/p" "$log" |
		awk '{ n[NR] = $1; sum += $1 } END { for (i in n) if (n[i] * 10 >= sum && sum) k++; print k + 0 }'
}

run SOFTHCA_CHECK=0 2 "" $'set fwd flowgen\nstart\nwait\nstop\nquit' --rxq=4 --txq=4 --rss-udp
tap_is "RSS: each of four queues has its share" "$(queues 0) $(queues 1)" "4 4"

# Frames stay in order: when those to another address have arrived, the others have been dropped.
to=02:00:00:00:0a:01
run SOFTHCA_CHECK=0 1 "" "flow create 0 ingress pattern eth dst is $to / ipv4 / udp / end actions drop / end
	set fwd rxonly
	set eth-peer 0 $to
	start tx_first 2
	stop
	set eth-peer 0 02:00:00:00:0a:02
	start tx_first
	wait 32
	stop
	quit"
tap_is "a flow rule that drops" "$(counter no_rule) $(counter 'rx packets')" "64 32"

run SOFTHCA_CHECK=0 1 "" $'csum set ip hw 0\ncsum set udp hw 0\nset fwd csum\nstart tx_first\nwait\nstop\nquit' \
	--tx-offloads=0x0e --rx-offloads=0x0e
tap_is "checksums by the device are right" \
	"$(sed -n 's/.*Bad-ipcsum: \([0-9]*\) *Bad-l4csum: \([0-9]*\).*/\1 \2/p' "$log" | head -n 1)" "0 0"
tap_ok "with checksums" test "$(counter 'rx packets')" -gt 3000

tap_done
