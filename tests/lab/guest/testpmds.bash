# SPDX-License-Identifier: BSD-3-Clause
# For TAP scripts in the guest: several concurrent testpmd processes, each with a name and at its
# prompt.

# shellcheck source=tests/tap.sh
. tests/tap.sh
# shellcheck source=tests/lab/guest/prompt.bash
. tests/lab/guest/prompt.bash

declare -A log pid in
dir=$(mktemp -d)
trap 'rm -rf "$dir" ${testpmd_log:-}' EXIT

# Limit for every event that a test waits for, in seconds.
patience=300

# open NAME CPU [EAL ARGUMENT...] -- [ARGUMENT...]: a testpmd at its prompt, forwarding on that CPU.
open() {
	local name=$1 cpu=$2 fd
	shift 2

	log[$name]=$dir/$name.log
	: >"${log[$name]}"
	rm -f "$dir/$name.in"
	mkfifo "$dir/$name.in"
	# shellcheck disable=SC2016
	timeout -k 10 1800 bash -c 'echo $$ >"$0" && exec "$@"' "$dir/$name.pid" \
		stdbuf -oL dpdk-testpmd -d librte_bus_pci_ext.so -d librte_net_mlx5_ext.so \
		--file-prefix="$name" --lcores="0@$cpu,1@$cpu" "$@" --total-num-mbufs=2048 -i \
		<"$dir/$name.in" >>"${log[$name]}" 2>&1 &
	pid[$name]=$!
	# For reading too, which does not wait for the other end.
	exec {fd}<>"$dir/$name.in"
	in[$name]=$fd
	order "$name" ""
}

# order NAME COMMAND...: returns when they are done.
order() {
	local name=$1 command

	for command in "${@:2}"; do
		prompt_say "${log[$name]}" "${pid[$name]}" "${in[$name]}" "$command"
	done
}

# say NAME COMMAND: prints the answer.
say() {
	order "$1" "$2"
	printf '%s\n' "${prompt_answer[@]}"
}

# quit NAME: sets status.
quit() {
	local fd=${in[$1]}

	echo quit >&"$fd"
	status=0
	wait "${pid[$1]}" || status=$?
	exec {fd}>&-
}

# crash NAME: kills testpmd without a clean-up, and waits for its end.
crash() {
	kill -9 "$(cat "$dir/$1.pid")"
	wait "${pid[$1]}"
}

# answers NAME COMMAND PATTERN: the answer has it.
answers() {
	local IFS=$'\n'

	order "$1" "$2"
	grep -qE -- "$3" <<<"${prompt_answer[*]}"
}

# link NAME up|down: waits for it.
link() {
	prompt_until $patience answers "$1" "show port info 0" "Link status: $2"
}

# logged NAME TEXT: waits for it.
logged() {
	prompt_until $patience grep -qF -- "$2" "${log[$1]}"
}

# answer NAME SECONDS COMMAND PATTERN: asks until the answer has the pattern.
answer() {
	prompt_until "$2" answers "$1" "${@:3}"
}

# packets NAME PORT RX|TX: of the port.
packets() {
	say "$1" "show port stats $2" | sed -n "s/.*$3-packets: *\([0-9]*\).*/\1/p" | head -n 1
}

received() {
	packets "$1" 0 RX
}

# quiet NAME PORT...: the ports have received nothing since the last call for this testpmd.
declare -A received_before
quiet() {
	local name=$1 before=${received_before[$1]:-} now='' port

	for port in "${@:2}"; do
		now+=" $(packets "$name" "$port" RX)"
	done
	received_before[$name]=$now
	[ "$now" = "$before" ]
}

has_received() {
	[ "$(received "$1")" -ge "$2" ]
}

# receives NAME COUNT: waits for so many packets.
receives() {
	prompt_until $patience has_received "$1" "$2"
}
