#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# wire.sh WIRE PART [PACKETS]: tests of mlx5_ext on the software HCA, by each wire of raw packets. TAP.
#
#   raw | dv    raw packet queues of verbs, or the rings of mlx5
#   traffic     testpmd and soak: frames, RSS, filters, recoveries
#   nth         each verb fails in turn
#   drain       a queue recovers from an error without another packet
#   life        random set-up, use and removal of ports
#   long        not in the suite: testpmd forwards PACKETS, 10 million by default, each one verified
wire=${1:?which wire: raw or dv?}
part=${2:?which part: traffic, nth, drain, life or long?}

# shellcheck source=tests/softhca/testpmd.bash
. tests/softhca/testpmd.bash
# shellcheck source=tests/programs/soak/soak.bash
. tests/programs/soak/soak.bash

plugins=(-d librte_bus_pci_ext.so -d librte_net_mlx5_ext.so)
eal=("${plugins[@]}")
devargs=driver=mlx5_ext,wire=$wire
# Rules that the in-tree PMD violates too.
export SOFTHCA_STRICT=1

# The distribution's testpmd, with verified frames.
wire_forwards() {
	local alloc size

	try "one port, looped" "" 1 "" "$forward"
	try "two ports, crossed, two queues each" "" 2 "" "$forward" --rxq=2 --txq=2
	try "frames of 1400 bytes in two segments" "" 2 "" $'set txpkts 700,700\n'"$forward" \
		--mbuf-size=1024 --enable-scatter --tx-offloads=0x8000
	try "two pools, buffers of two sizes" "" 1 "" $'set txpkts 64,1000\n'"$forward" \
		--mbuf-size=2176,1024 --tx-offloads=0x8000
	try "stop and start of the port, and its reset" "" 1 "" "start tx_first 4
		wait
		stop
		port stop 0
		port start 0
		start tx_first 4
		wait
		stop
		port stop 0
		port reset 0
		port start 0
		$forward"
	# With 2176 bytes, its default, EAL does not know the memory of anon, which cannot be mapped
	# then; with 8192, testpmd itself cannot create xmem.
	for alloc in native:2176 anon:2176 anon:8192 xmem:2176 xbuf:2176; do
		size=${alloc#*:}
		alloc=${alloc%:*}
		try "--mp-alloc=$alloc --mbuf-size=$size" "" 2 "" "$forward" --mp-alloc=$alloc --mbuf-size=$size
		tap_is "its exit logs no error" "$(grep -cE '^(mlx5_ext|pci_ext)/.*: ' "$log")" 0
	done
}

# spread: distribution of packets over the four Rx queues of port 1.
spread() {
	awk '/extended statistics for port 1/ {p = 1; next} /extended statistics/ {p = 0}
		p && /^rx_q[0-9]+_packets:/ {n[++k] = $2} END {min = max = n[1]
		for (i = 2; i <= k; i++) {if (n[i] > max) max = n[i]; if (n[i] < min) min = n[i]}
		print (k == 4 && min > 100 && max < 3 * min) ? "evenly" : k " queues, " min " to " max}' "$log"
}

# Rx filters and RSS. Port 0 sends, port 1 receives.
wire_sorts() {
	run SOFTHCA_CHECK=0 2 "" "set fwd flowgen
		start
		wait
		stop
		show port xstats 1
		quit" --rxq=4 --txq=4 --rss-ip
	tap_is "flows are spread over four queues" "$(spread)" evenly
	tap_is "flows: no violation" "$(grep -c VIOLATION "$log")" 0

	# Frames stay in order: when later frames have arrived, all have been classified.
	local to=02:00:00:00:0a:01 own=02:50:00:00:00:00 commands
	commands=$'set promisc all off\nset fwd rxonly\n'"set eth-peer 0 $to"$'\nstart tx_first 4\n'
	run SOFTHCA_CHECK=0 1 "" "${commands}stop
		set eth-peer 0 $own
		start tx_first
		wait 32
		stop
		quit"
	tap_is "frames to another address: filtered" \
		"$(counter 'rx packets') $(counter no_rule)" "32 128"
	run SOFTHCA_CHECK=0 1 "" "mac_addr add 0 $to
		${commands}wait 128
		stop
		quit"
	tap_is "frames to an added address: received" \
		"$(counter 'rx packets') $(counter no_rule)" "128 0"
	tap_is "addresses: no violation" "$(grep -c VIOLATION "$log")" 0
}

# One injected error; the queue recovers alone, and no mbuf is lost. All packets under way may be
# lost, so new ones are created all the time.
wire_recovers() {
	local side

	for side in tx rx; do
		run "SOFTHCA_CHECK=0 SOFTHCA_FAULTS=${side}_error@5000" 1 "" "set fwd flowgen
			start
			wait
			wait
			stop
			show port xstats 0
			port stop 0
			port start 0
			clear port stats 0
			set fwd io
			$forward" --rxd=128 --txd=128 --total-num-mbufs=1100
		tap_is "${side}_error: one recovery, of that side" \
			"$(xstat 'tx_q0_recoveries') $(xstat 'rx_q0_recoveries')" "$([ $side = tx ] && echo 1 0 || echo 0 1)"
		tap_is "${side}_error: traffic after a restart, with all mbufs" \
			"$status $((10#0$(received) > 1000)) $(xstat rx_mbuf_allocation_errors)" "0 1 0"
	done
}

# answers PATTERN: the lines of the log that match it, without the prompt, as one line.
answers() {
	grep -oE "$1" "$log" | xargs
}

# Frames that no burst has returned yet, in the ring of a queue; queues that are stopped and started
# alone; and the link, set down and up.
wire_queues() {
	local ring="show port 0 rxq 0 desc used count
		show port 0 rxq 0 desc 0 status
		show port 0 rxq 0 desc 511 status
		show port 0 txq 0 desc 0 status"

	run SOFTHCA_CHECK=0 1 "" "$ring
		set fwd txonly
		start
		sent 2000
		stop
		$ring
		set fwd rxonly
		start
		wait 512
		stop
		$ring
		quit"
	tap_is "frames are counted in the ring" "$(answers '[Uu]sed desc count = [0-9]+' | sed 's/used desc count = //gi')" "0 512 0"
	# When testpmd stops, the last packets may still be on their way, and slots that the last bursts
	# have used be without a new buffer.
	tap_like "and their descriptors are done" "$(answers 'Desc status = .*' | sed 's/Desc status = //g')" \
		"^AVAILABLE AVAILABLE DONE DONE DONE (DONE|FULL) AVAILABLE (UN)?AVAILABLE DONE$"
	tap_is "rings: no violation" "$status $(grep -c VIOLATION "$log")" "0 0"

	run SOFTHCA_CHECK=0 1 "" "port 0 rxq 0 stop
		show rxq info 0 0
		set fwd txonly
		start
		sent 2000
		stop
		port 0 rxq 0 start
		show rxq info 0 0
		show port xstats 0
		port 0 txq 0 stop
		show txq info 0 0
		port 0 txq 0 start
		set fwd io
		$forward"
	tap_is "a queue is stopped and started" "$(answers 'queue state: [a-z]+')" \
		"queue state: stopped queue state: started queue state: stopped"
	tap_is "a ring of frames that it received meanwhile is lost, and counted" \
		"$(xstat rx_missed_errors) $(xstat rx_q0_packets)" "512 0"
	tap_is "queues: traffic afterwards" "$status $((10#0$(received) > 1000)) $(grep -c VIOLATION "$log")" "0 1 0"

	run SOFTHCA_CHECK=0 1 "" "port stop 0
		port 0 rxq 0 deferred_start on
		port 0 txq 0 deferred_start on
		port start 0
		show rxq info 0 0
		port 0 rxq 0 start
		port 0 txq 0 start
		$forward"
	tap_is "deferred start" "$(answers '(deferred start|queue state): [a-z]+') $status $((10#0$(received) > 1000))" \
		"deferred start: on queue state: stopped 0 1"

	run SOFTHCA_CHECK=0 1 "" "start tx_first 4
		wait
		stop
		set link-down port 0
		show port info 0
		port stop 0
		port start 0
		show port info 0
		set link-up port 0
		show port info 0
		$forward"
	tap_is "the link is set down and up" "$(answers 'Link status: [a-z]+')" \
		"Link status: down Link status: down Link status: up"
	tap_is "link: traffic before and after" "$status $((10#0$(received) > 4000)) $(grep -c VIOLATION "$log")" "0 1 0"

	run SOFTHCA_CHECK=0 1 "" "mcast_addr add 0 01:00:5E:00:0A:01
		set promisc all off
		set fwd rxonly
		set eth-peer 0 01:00:5E:00:0A:02
		start tx_first 4
		stop
		set eth-peer 0 01:00:5E:00:0A:01
		start tx_first
		wait 32
		stop
		quit"
	tap_is "frames to a group: received, and to another one: filtered" \
		"$(counter 'rx packets') $(counter no_rule)" "32 128"
}

# Application memory, each byte verified by the receiver.
wire_soaks() {
	soak_program=(softhca/soft -- soak -l 0 --log-level=eal:4 --no-huge -m 256 --no-telemetry
		--no-shconf "${plugins[@]}")
	local port="-a 0000:aa:00.0,$devargs"

	soak "$port" 0000:aa:00.0 --packets 300000 --unmapped 10 --seconds 120
	spotless "1 % unmapped"
	exactly_unmapped "1 % unmapped"
	soak "$port" 0000:aa:00.0 --churn 0000:aa:00.0 --rate 1000 --pairs 3000 --packets 2000 --seconds 120
	spotless "churn"
	all "churn: packets meanwhile" '.verified > 1000'
	tap_is "churn: no call failed" "$(jq .soak.churn.errors <<<"$result")" 0
	export SOFTHCA_FAULTS=tx_error@9000
	soak "$port" 0000:aa:00.0 --packets 50000 --seconds 120
	unset SOFTHCA_FAULTS
	clean "error"
	tap_is "error: one recovery" "$(recoveries)" 1
	all "error: it went on" '.verified > 49000'
}

# The kinds of send WQE besides a plain SEND.
dv_writes() {
	local long=$'set txpkts 700,700\n'"$forward"

	try "multi-packet WQEs" SOFTHCA_MPW=1 2 "" "$forward" --rxq=2 --txq=2
	try "multi-packet WQEs, switched off" SOFTHCA_MPW=1 1 txq_mpw_en=0 "$forward"
	try "multi-packet WQEs beside two segments" SOFTHCA_MPW=1 2 "" "$long" --mbuf-size=1024 \
		--enable-scatter --tx-offloads=0x8000
	try "inlined packets" SOFTHCA_MPW=1 1 txq_inline=128 "$forward"
	try "inlined packets of three segments" "" 2 txq_inline=160 $'set txpkts 60,1,90\n'"$forward" \
		--tx-offloads=0x8000
	soft_options=(--id 15b3:1015)
	try "headers inlined, as ConnectX-4 Lx wants them" SOFTHCA_MPW=1 1 "" "$forward"
	soft_options=()
}

# dv_offloads NAME SETTINGS DEVARGS: each kind of frame, by each kind of WQE.
dv_offloads() {
	local program=(offloads -l 0 --no-huge -m 64 --no-telemetry --no-shconf)

	tap_ok "offloads, $1" env "$2" SOFTHCA_MODE=step softhca/soft --loop -- "${program[@]}" \
		"${plugins[@]}" -a "0000:aa:00.0,$devargs,$3"
}

wire_traffic() {
	if [ $wire = dv ]; then
		dv_writes
		dv_offloads "each in a request" SOFTHCA_MPW=0 txq_mpw_en=0
		dv_offloads "many in a request" SOFTHCA_MPW=1 txq_mpw_en=1
		dv_offloads "inlined" SOFTHCA_MPW=0 txq_inline=200
	fi
	wire_forwards
	wire_sorts
	wire_queues
	wire_recovers
	wire_soaks
	tap_done
}

# The n-th call of each verb fails, for each n, and the n-th frame has an error. Prints TAP. It ends
# by its normal exit, so that a sanitizer reports leaks.
wire_nth() {
	ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=1 SOFTHCA_MODE=step softhca/soft -- nth -l 0 --log-level=eal:4 --log-level=lib.eal:4 \
		--no-huge -m 256 --no-telemetry --no-shconf "${plugins[@]}" -a "0000:aa:00.0,$devargs" \
		-- 0000:aa:00.0 "$devargs" 2>/dev/null
}

# An application that has sent all its packets gets its memory back, by whichever call. Prints TAP.
wire_drain() {
	SOFTHCA_MODE=step softhca/soft -- drain -l 0 --log-level=lib.eal:4 --no-huge -m 256 --no-telemetry \
		--no-shconf "${plugins[@]}" -a "0000:aa:00.0,$devargs" -- 0000:aa:00.0 unmap cleanup one empty \
		receive nothing patient restart 2>/dev/null
}

# Two ports and their functions are created, used and removed in random order, beside threads that
# map and query. LIFE_SEED repeats the order of a run; LIFE_STEPS=0 LIFE_SECONDS=60 makes it run for
# a minute. Prints TAP; leaks as above.
wire_life() {
	local status=0

	ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=1 SOFTHCA_PAUSE=1 \
		softhca/soft --ports 2 -- life -l 0 --log-level=lib.eal:3 --no-huge -m 256 \
		--no-shconf "${plugins[@]}" -b 0000:aa:00.0 -b 0000:aa:00.1 -- "$devargs" "${LIFE_SEED:-0}" "${LIFE_STEPS:-2000}" \
		"${LIFE_SECONDS:-120}" 2>"$log" || status=$?
	[ $status = 0 ] || tail -n 40 "$log" | sed 's/^/# /'
	return $status
}

# Long rings and many frames: fewer switches between testpmd and the model.
wire_long() {
	local packets=${1:-10000000} start=$SECONDS limit

	limit=$((60 + packets / 5000))
	try "$packets packets by wire=$wire" "" 2 "" $'start tx_first 64\n'"wait $packets"$'\nstop\nquit' \
		--rxd=4096 --txd=4096 --total-num-mbufs=32768
	tap_ok "all were sent" [ "$(counter verified)" -ge "$packets" ]
	echo "# $(counter verified) verified in $((SECONDS - start)) s; $(grep -c VIOLATION "$log") violations"
	tap_done
}

"wire_$part" "${@:3}"
