#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Open vSwitch with DPDK (package openvswitch-switch-dpdk) in its default set-up, one Rx queue and two Tx
# queues for each port: forwards both ways between two ports of SoftRoCE, and between one and a VFIO
# port; ports are added, deleted and reconfigured under traffic. testpmd is at the other ends, so a
# fixed number of packets circulates. Skipped where OVS is not installed. It takes five minutes beside
# the other suites, so it runs on demand only.
# Argument: seconds for which ports are deleted, added and reconfigured; without it once.
set -u
. tests/lab/guest/demand/ovs.bash

[ -n "$(ovs_program)" ] || exit 77

gen_received() {
	[ "$(packets gen 0 RX)" -ge "$1" ] && [ "$(packets gen 1 RX)" -ge "$1" ]
}

# balanced IN OUT PORT-IN PORT-OUT: all that testpmd sends to IN is received there, and sent by OUT or counted
# as dropped; testpmd receives it. As differences to the counters before: bases.
declare -A base
note() {
	local at

	for at in "$@"; do
		base[$at:RX]=$(ovs_count "$at" RX packets)
		base[$at:TX]=$(ovs_count "$at" TX packets)
		base[$at:drop]=$(($(ovs_count "$at" TX dropped) + $(ovs_count "$at" TX errors)))
	done
}

balanced() {
	local sent taken out dropped arrived

	sent=$(packets gen "$3" TX)
	taken=$(($(ovs_count "$1" RX packets) - ${base[$1:RX]}))
	out=$(($(ovs_count "$2" TX packets) - ${base[$2:TX]}))
	dropped=$(($(ovs_count "$2" TX dropped) + $(ovs_count "$2" TX errors) - ${base[$2:drop]}))
	arrived=$(packets gen "$4" RX)
	balance="$1 to $2: sent $sent, in $taken, out $out, dropped $dropped, arrived $arrived"
	[ "$sent" -gt 0 ] && [ "$taken" = "$sent" ] && [ $((out + dropped)) = "$taken" ] && [ "$arrived" = "$out" ]
}

# balances NAME ARGUMENT...: of balanced, whose last line is shown.
balances() {
	local truth=no

	! prompt_until 60 balanced "${@:2}" || truth=yes
	tap_result "$1" $truth
	echo "# $balance"
}

# circulate WHAT A B: packets circulate through A and B; then the last ones are received.
circulate() {
	order gen "clear port stats all" "set fwd io"
	note "$2" "$3"
	order gen "start tx_first"
	tap_ok "$1: both ways" prompt_until $patience gen_received 500
	order gen stop "set fwd rxonly" start
	balances "$1: what goes in at $2 comes out at $3" "$2" "$3" 0 1
	balances "$1: what goes in at $3 comes out at $2" "$3" "$2" 1 0
	order gen stop
}

# both_up: the links of testpmd's ports.
both_up() {
	local port

	for port in 0 1; do
		answers gen "show port info $port" "Link status: up" || return 1
	done
}

tap_ok "OVS starts" ovs_start
tap_ok "a port of SoftRoCE is added" ovs_add m0 0000:00:10.0,peer=listen:18516
tap_ok "a second one" ovs_add m1 0000:00:11.0,peer=listen:18517
tap_is "without an error" "$(ovs_error m0) $(ovs_error m1)" "[] []"
# Where OVS 3.1 tells of queues, and where 3.5 does.
for at in m0 m1; do
	tap_like "$at has one Rx queue" "$(ovs_queues $at)" 'configured_rx_queues=1|n_rxq="1"'
	tap_like "$at has two Tx queues" "$(ovs_queues $at)" 'configured_tx_queues=2|n_txq="2"'
done
ovs_join m0 m1
open gen 0 -m 128 -a 0000:00:10.0,peer=localhost:18516 -a 0000:00:11.0,peer=localhost:18517 --
tap_ok "links are up" prompt_until $patience both_up
circulate "two ports" m0 m1

# churn MTU: under traffic that OVS cannot keep up with, on a wire without flow control.
churn() {
	order gen "set fwd flowgen" start
	tap_ok "under load: a port is deleted" ovs_del m1
	tap_ok "and added again" ovs_add m1 0000:00:11.0,peer=listen:18517
	ovs_join m0 m1
	tap_ok "links are up again" prompt_until $patience both_up
	tap_ok "under load: MTU $1" ovs_set set Interface m0 mtu_request="$1"
	order gen stop "port stop 0" "port config mtu 0 $1" "port start 0"
	tap_ok "the same at the other end: links are up" prompt_until $patience both_up
	order gen "set fwd rxonly" start
	tap_ok "what was in the rings is gone" prompt_until 60 quiet gen 0 1
	order gen stop
	circulate "afterwards" m0 m1
}

ends=$((SECONDS + ${1:-0}))
for ((round = 1; round == 1 || SECONDS < ends; round++)); do
	churn $((1500 - 100 * (round % 2)))
done
echo "# $((round - 1)) rounds of deleted and reconfigured ports"
quit gen
tap_is "testpmd: clean exit" "$status" 0

tap_ok "a port of SoftRoCE is deleted" ovs_del m1
tap_ok "a VFIO port is added" ovs_add v0 0000:00:12.0
tap_is "without an error there" "$(ovs_error v0)" "[]"
tap_ok "MTU as before" ovs_set set Interface m0 mtu_request=1500
ovs_join m0 v0
dmesg -C
open gen 0 -m 128 -a 0000:00:10.0,peer=localhost:18516 -a 0000:00:13.0 --
tap_ok "links are up, too" prompt_until $patience both_up
circulate "with a VFIO port" m0 v0
quit gen
tap_is "testpmd: clean exit again" "$status" 0
tap_is "no IOMMU fault" "$(dmesg | grep -c 'fault addr')" 0

# OVS has a message of its own for a device that cannot be attached; the reason is in its log.
ovs_add bad 0000:00:11.0,wire=nonsense 2>/dev/null
tap_like "a bad device argument: OVS names it" "$(ovs_error bad)" "Error attaching device '0000:00:11.0,wire=nonsense'"
tap_like "and its log has the reason" "$(grep 'dpdk|' $ovs_log)" "wire"
tap_is "no queue was recovered or lost" "$(grep -c 'cannot be recovered' $ovs_log)" 0
tap_ok "OVS stops" ovs_stop
tap_done
