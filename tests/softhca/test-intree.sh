#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# DPDK's own net_mlx5, unmodified, in the distribution's own testpmd: what the model is measured by.
# No rule may be broken, and every forwarded frame must come and go whole and in order.

# shellcheck source=tests/tap.sh
. tests/tap.sh

log=$(mktemp)
trap 'rm -f "$log"' EXIT
export SOFTHCA_STATS=1

# counter NAME: of all devices, from the line at exit. NAME as there, with its direction: "rx packets".
counter() {
	sed -n 's/^softhca: mlx5_[0-9]*: //p' "$log" | tr ',' '\n' | awk -v name="$1" '
		{ for (i = 1; i < NF; i++) {
			if ($i == "tx" || $i == "rx") { dir = $i " "; continue }
			if ($i ~ /^[0-9]+$/ && dir $(i + 1) == name) sum += $i
			if ($i == name) sum += $(i + 1)
		} dir = "" } END { print sum + 0 }'
}

received() {
	sed -n 's/.*RX-packets: \([0-9]*\) *RX-missed.*/\1/p' "$log" | tail -n 1
}

# The lines of $1, for testpmd; "wait" stands for the time that some thousand packets take.
feed() {
	local line from=0 tries

	while read -r line; do
		if [ "$line" != wait ]; then
			echo "$line"
			continue
		fi
		for ((tries = 0; tries < 100 && $(received || echo 0) + 0 < from + 3000; tries++)); do
			echo "show port stats all"
			sleep 0.2
		done
		from=$(received)
	done <<<"$1"
}

# testpmd PORTS DEVARGS COMMANDS [ARGUMENT...]: commands as for feed.
testpmd() {
	local ports=$1 devargs=$2 commands=$3 allow=() k wire=--loop

	shift 3
	[ "$ports" = 1 ] || wire=--cross
	for ((k = 0; k < ports; k++)); do
		allow+=(-a "0000:aa:00.$k,dv_flow_en=0${devargs:+,$devargs}")
	done
	: >"$log"
	feed "$commands" | timeout -k 5 60 tests/softhca/soft --ports "$ports" $wire -- \
		stdbuf -oL dpdk-testpmd -l 0,1 --no-huge -m 256 --no-telemetry --no-shconf "${allow[@]}" -- \
		-i --total-num-mbufs=8192 --rxd=512 --txd=512 --no-flush-rx "$@" >"$log" 2>&1
}

forward=$'start tx_first 4\nwait\nstop\nquit'

# forwards NAME: by the last run: status, packets, no violation, and all of them verified.
forwards() {
	local truth=no verified

	verified=$(counter verified)
	# What is under way at the end has been received, and is not sent any more.
	[ "$status" -eq 0 ] && [ "$verified" -gt 1000 ] && [ "$(counter 'rx packets')" -ge "$verified" ] &&
		[ "$(counter no_buffer)" -eq 0 ] && ! grep -q VIOLATION "$log" && truth=yes
	tap_result "$1" $truth "status $status, verified $verified" "$(grep -a softhca: "$log")" \
		"$(tail -n 30 "$log")"
}

# try NAME SETTINGS PORTS DEVARGS COMMANDS [ARGUMENT...]
try() {
	local name=$1 settings=$2

	shift 2
	status=0
	# shellcheck disable=SC2163,SC2086
	(export SOFTHCA_CHECK=1 $settings && testpmd "$@") || status=$?
	forwards "$name"
}

try "one port, looped: SEND, scalar Rx" SOFTHCA_MPW=0 1 rx_vec_en=0 "$forward"
try "one port, looped: SEND, vector Rx" SOFTHCA_MPW=0 1 rx_vec_en=1 "$forward"
try "one port, looped: multi-packet WQEs" SOFTHCA_MPW=1 1 txq_inline_mpw=0 "$forward"
try "one port, looped: inlined into multi-packet WQEs" SOFTHCA_MPW=1 1 txq_inline_mpw=128 "$forward"
try "one port, looped: inlined into SEND" SOFTHCA_MPW=0 1 txq_inline_max=128,txqs_min_inline=0 "$forward"
try "two ports, crossed, two queues each" SOFTHCA_MPW=1 2 "" "$forward" --rxq=2 --txq=2
try "frames of 1400 bytes in two segments" SOFTHCA_MPW=0 2 "" $'set txpkts 700,700\n'"$forward" \
	--mbuf-size=1024 --enable-scatter --tx-offloads=0x8000
try "stop and start of the port, twice" SOFTHCA_MPW=0 1 "" \
	$'start tx_first 4\nwait\nstop\nport stop 0\nport start 0\nstart tx_first 4\nwait\nstop\nport stop 0\nport start 0\n'"$forward"

tap_done
