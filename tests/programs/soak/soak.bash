# SPDX-License-Identifier: BSD-3-Clause
# For TAP scripts: runs soak, and judges by what it printed. Wants tests/tap.sh and, for soak, the
# array soak_program: the program with EAL's arguments but the ports, up to "--".

log=${log:-$(mktemp)}
trap 'rm -f "$log"' EXIT

# soak PORTS DEVICE ARGUMENT...: EAL's arguments in one word, and which port; sets result.
soak() {
	local ports=() device=$2

	read -ra ports <<<"$1"
	shift 2
	result=$("${soak_program[@]}" "${ports[@]}" -- --port "$device" "$@" 2>"$log")
	tap_is "soak $*" $? 0
	[ -n "$result" ] || sed 's/^/# /' "$log"
	echo "# $result"
}

# all NAME EXPRESSION: jq finds it true of each queue.
all() {
	tap_is "$1" "$(jq ".soak.queues | map($2) | all" <<<"$result")" true
}

# clean NAME: what must hold whatever else happened.
clean() {
	all "$1: nothing wrong" '.wrong == 0 and .verified > 0'
	tap_is "$1: nothing stays pinned" "$(jq .soak.pinned_kb <<<"$result")" 0
}

# spotless NAME: and what holds when nothing was broken on purpose.
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

# exactly_unmapped NAME: what was sent from memory without a key was dropped, and counted; no more.
exactly_unmapped() {
	tap_is "$1: exactly those are dropped and counted" \
		"$(jq '.soak.counters.tx_unmapped_packets' <<<"$result")" \
		"$(jq '[.soak.queues[].unmapped] | add' <<<"$result")"
}
