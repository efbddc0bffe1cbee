# SPDX-License-Identifier: BSD-3-Clause
# For TAP scripts in the guest: the distribution's dpdk-testpmd with both plugins, at its prompt.

# shellcheck source=tests/tap.sh
. tests/tap.sh
# shellcheck source=tests/lab/guest/prompt.bash
. tests/lab/guest/prompt.bash

testpmd_log=$(mktemp)
trap 'rm -f "$testpmd_log"' EXIT

# testpmd_open [EAL ARGUMENT...] -- [ARGUMENT...]: send commands by testpmd_say. The plugins are
# testpmd_plugins, if that is set. Line-buffered, so that answers have the order of the commands.
testpmd_open() {
	local input

	input=$(mktemp -u)
	mkfifo "$input"
	: >"$testpmd_log"
	# shellcheck disable=SC2086
	timeout -k 10 1800 stdbuf -oL dpdk-testpmd \
		${testpmd_plugins:--d librte_bus_pci_ext.so -d librte_net_mlx5_ext.so} \
		-l 0,1 "$@" -i <"$input" >>"$testpmd_log" 2>&1 &
	testpmd_pid=$!
	exec 9>"$input"
	rm -f "$input"
	testpmd_do ""
}

# testpmd_do COMMAND...: returns when they are done.
testpmd_do() {
	local command

	for command; do
		prompt_say "$testpmd_log" "$testpmd_pid" 9 "$command"
	done
}

# testpmd_say COMMAND: prints the answer.
testpmd_say() {
	testpmd_do "$1"
	printf '%s\n' "${prompt_answer[@]}"
}

testpmd_close() {
	echo quit >&9
	exec 9>&-
	testpmd_status=0
	wait "$testpmd_pid" || testpmd_status=$?
}

# testpmd_says COMMAND PATTERN: the answer contains it.
testpmd_says() {
	local IFS=$'\n'

	testpmd_do "$1"
	grep -qE -- "$2" <<<"${prompt_answer[*]}"
}

# testpmd_wait SECONDS PATTERN COMMAND: repeats the command until the answer contains the pattern.
testpmd_wait() {
	prompt_until "$1" testpmd_says "$3" "$2"
}

# testpmd_received_all COUNT: every port has received so many packets.
testpmd_received_all() {
	local line ports=0

	testpmd_do "show port stats all"
	for line in "${prompt_answer[@]}"; do
		[[ $line =~ RX-packets:\ ([0-9]+)\ +RX-missed ]] || continue
		[ "${BASH_REMATCH[1]}" -ge "$1" ] || return 1
		: $((ports += 1))
	done
	[ $ports -gt 0 ]
}

# testpmd_run COUNT [START]: forwards, from zero, until every port has received so many packets;
# false after the time limit. START: the command, if not "start tx_first".
#
# On an unreliable wire packets that are lost do not come round again, and rxe of 6.1 can leave a
# queue of more than 64 packets alone until the next post (its limit of packets on the way). So
# after 100 s new packets are sent, twice. If that does not help, the counters are printed.
testpmd_run() {
	local truth=1 try

	testpmd_do "clear port stats all" "${2:-start tx_first}"
	for try in 1 2 3; do
		prompt_until 100 testpmd_received_all "$1" && truth=0 && break
		testpmd_counters
		testpmd_do stop "${2:-start tx_first}"
	done
	testpmd_do stop
	return $truth
}

# testpmd_counters: those of all ports that are not 0.
testpmd_counters() {
	testpmd_xstats | grep -v ': 0$'
	echo
}

# testpmd_xstats: of all ports.
testpmd_xstats() {
	testpmd_say "show port xstats all"
}

# testpmd_recoveries XSTATS: sum of all queues.
testpmd_recoveries() {
	awk '/recoveries: / {n += $2} END {print n + 0}' <<<"$1"
}

# testpmd_queues PATTERN COUNT: so many queue counters are a hundred packets or more.
testpmd_queues() {
	[ "$(testpmd_xstats | grep -cE "^$1_packets: [1-9][0-9][0-9]")" = "$2" ]
}

# testpmd_forward COUNT [EAL ARGUMENT...] -- [ARGUMENT...]: a complete run. Sets testpmd_status,
# testpmd_packets (received by all ports) and testpmd_faults (lines of the IOMMU).
testpmd_forward() {
	local count=$1
	shift

	dmesg -C
	testpmd_open "$@" --total-num-mbufs=4096
	testpmd_run "$count"
	testpmd_close
	testpmd_packets=$(sed -n '/Accumulated/,$s/.*RX-packets: \([0-9]*\).*/\1/p' "$testpmd_log" | tail -1)
	testpmd_packets=${testpmd_packets:-0}
	testpmd_faults=$(dmesg | grep -c 'fault addr')
}

# testpmd_check WHAT: traffic circulated, testpmd's exit status is 0, no error or fault was logged.
testpmd_check() {
	local verdict=yes

	[ "$testpmd_status" -eq 0 ] && [ "$testpmd_packets" -gt 1000 ] && [ "$testpmd_faults" -eq 0 ] || verdict=no
	! grep -qE 'cannot (map|register|be recovered)|not mapped|ha(s|ve) no lkey' "$testpmd_log" || verdict=no
	tap_result "$1" $verdict "$testpmd_packets packets, $testpmd_faults IOMMU faults, status $testpmd_status" \
		"$(tail -40 "$testpmd_log")"
}

# testpmd_received PORT: packets, by the forward statistics.
testpmd_received() {
	sed -n "/Forward statistics for port $1/,/----\$/s/.*RX-packets: \([0-9]*\).*/\1/p" "$testpmd_log" | head -1
}

# testpmd_counter PORT NAME: from "show port stats".
testpmd_counter() {
	testpmd_say "show port stats $1" | sed -n "s/.*$2: *\([0-9]*\).*/\1/p" | head -1
}

# testpmd_average_size PORT: bytes of a received frame.
testpmd_average_size() {
	echo $(($(testpmd_counter "$1" RX-bytes) / $(testpmd_counter "$1" RX-packets)))
}
