# SPDX-License-Identifier: BSD-3-Clause
# For TAP scripts in the guest: stock dpdk-testpmd with both plugins, forwarding for some seconds.

# shellcheck source=tests/tap.sh
. tests/tap.sh

testpmd_log=$(mktemp)
trap 'rm -f "$testpmd_log"' EXIT

# testpmd_forward SECONDS [EAL ARGUMENT...] -- [ARGUMENT...]: from the first packet on. Sets
# testpmd_status, testpmd_packets (received by all ports) and testpmd_faults (lines of the IOMMU).
# The plugins are testpmd_plugins, if that is set. Line-buffered, so that the first packet is noticed.
testpmd_forward() {
	local seconds=$1 pid waited
	shift

	dmesg -C
	# shellcheck disable=SC2086
	timeout -k 10 100 stdbuf -oL dpdk-testpmd ${testpmd_plugins:--d librte_bus_pci_ext.so -d librte_net_mlx5_ext.so} \
		-l 0,1 "$@" --total-num-mbufs=4096 --forward-mode=io --tx-first --auto-start \
		--stats-period=60 </dev/null >"$testpmd_log" 2>&1 &
	pid=$!
	for ((waited = 0; waited < 300; waited++)); do
		if grep -q 'Statistics will be updated\|packets/burst' "$testpmd_log"; then break; fi
		if ! kill -0 "$pid" 2>/dev/null; then break; fi
		sleep 0.2
	done
	sleep "$seconds"
	kill -INT "$(pgrep -P "$pid")" 2>/dev/null || true
	testpmd_status=0
	wait "$pid" || testpmd_status=$?
	testpmd_packets=$(sed -n '/Accumulated/,$s/.*RX-packets: \([0-9]*\).*/\1/p' "$testpmd_log" | tail -1)
	testpmd_packets=${testpmd_packets:-0}
	testpmd_faults=$(dmesg | grep -c 'fault addr')
}

# testpmd_check WHAT: traffic went round, testpmd ended well, nothing was refused or faulted.
testpmd_check() {
	local verdict=yes

	[ "$testpmd_status" -eq 0 ] && [ "$testpmd_packets" -gt 1000 ] && [ "$testpmd_faults" -eq 0 ] || verdict=no
	! grep -qE 'cannot (map|register|be brought back)|not mapped' "$testpmd_log" || verdict=no
	tap_result "$1" $verdict "$testpmd_packets packets, $testpmd_faults IOMMU faults, status $testpmd_status" \
		"$(tail -40 "$testpmd_log")"
}

# testpmd_wait SECONDS PATTERN COMMAND: asks until the answer has the pattern.
testpmd_wait() {
	local end=$((SECONDS + $1))

	until testpmd_say "$3" | grep -q -- "$2"; do
		[ $SECONDS -lt $end ] || return 1
		sleep 0.3
	done
}

# testpmd_received PORT: packets, by the forward statistics.
testpmd_received() {
	sed -n "/Forward statistics for port $1/,/----\$/s/.*RX-packets: \([0-9]*\).*/\1/p" "$testpmd_log" | head -1
}

# testpmd_open [EAL ARGUMENT...] -- [ARGUMENT...]: at its prompt; say what to do with testpmd_say.
# Line-buffered, so that answers come in the order of the questions.
testpmd_open() {
	testpmd_input=$(mktemp -u)
	mkfifo "$testpmd_input"
	# shellcheck disable=SC2086
	timeout -k 10 110 stdbuf -oL dpdk-testpmd \
		${testpmd_plugins:--d librte_bus_pci_ext.so -d librte_net_mlx5_ext.so} \
		-l 0,1 "$@" -i <"$testpmd_input" >"$testpmd_log" 2>&1 &
	testpmd_pid=$!
	exec 9>"$testpmd_input"
	testpmd_say "" >/dev/null
}

# testpmd_say COMMAND: prints the answer, which ends where a command that does not exist is refused.
testpmd_say() {
	local from mark waited

	from=$(($(wc -c <"$testpmd_log") + 1))
	mark="mark-$RANDOM$RANDOM"
	printf '%s\n%s\n' "$1" "$mark" >&9
	for ((waited = 0; waited < 200; waited++)); do
		if tail -c "+$from" "$testpmd_log" | grep -A1 "$mark" | grep -q "not found"; then break; fi
		kill -0 "$testpmd_pid" 2>/dev/null || break
		sleep 0.1
	done
	tail -c "+$from" "$testpmd_log"
}

testpmd_close() {
	echo quit >&9
	exec 9>&-
	testpmd_status=0
	wait "$testpmd_pid" || testpmd_status=$?
	rm -f "$testpmd_input"
}

# testpmd_counter PORT NAME: of "show port stats".
testpmd_counter() {
	testpmd_say "show port stats $1" | sed -n "s/.*$2: *\([0-9]*\).*/\1/p" | head -1
}

# testpmd_average_size PORT: bytes of a received frame.
testpmd_average_size() {
	echo $(($(testpmd_counter "$1" RX-bytes) / $(testpmd_counter "$1" RX-packets)))
}
