# SPDX-License-Identifier: BSD-3-Clause
# For TAP scripts: runs soak, and checks its output. Requires tests/tap.sh and, for soak, the array
# soak_program: the program with EAL's arguments except the ports, up to "--".

log=${log:-$(mktemp)}
trap 'rm -f "$log"' EXIT

# soak PORTS DEVICE ARGUMENT...: EAL's port arguments in one word, and the port; sets result.
soak() {
	local ports=() device=$2

	read -ra ports <<<"$1"
	shift 2
	result=$("${soak_program[@]}" "${ports[@]}" -- --port "$device" "$@" 2>"$log")
	tap_is "soak $*" $? 0
	[ -n "$result" ] || sed 's/^/# /' "$log"
	echo "# $result"
}

# all NAME EXPRESSION: jq finds it true for each queue.
all() {
	tap_is "$1" "$(jq ".soak.queues | map($2) | all" <<<"$result")" true
}

# clean NAME: conditions that hold in any run.
clean() {
	all "$1: nothing wrong" '.wrong == 0 and .verified > 0'
	tap_is "$1: nothing stays pinned" "$(jq .soak.pinned_kb <<<"$result")" 0
}

# spotless NAME: and conditions that hold without injected errors.
spotless() {
	clean "$1"
	all "$1: all delivered" '.lost == 0 and .verified == .sent - .unmapped'
	tap_is "$1: no error, no recovery" \
		"$(jq '.soak.counters | with_entries(select(.key | test("completion_errors|recoveries"))) | length' <<<"$result")" 0
}

# recoveries: of all queues of both directions.
recoveries() {
	jq '.soak.counters | [to_entries[] | select(.key | test("recoveries")) | .value] | add' <<<"$result"
}

# exactly_unmapped NAME: exactly the packets from memory without an lkey were dropped and counted.
exactly_unmapped() {
	tap_is "$1: exactly those are dropped and counted" \
		"$(jq '.soak.counters.tx_unmapped_packets' <<<"$result")" \
		"$(jq '[.soak.queues[].unmapped] | add' <<<"$result")"
}
