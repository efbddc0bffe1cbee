# SPDX-License-Identifier: BSD-3-Clause
# For TAP scripts in the guest: several testpmd processes at a time, each with a name and at its prompt.

# shellcheck source=tests/tap.sh
. tests/tap.sh

declare -A log pid in
dir=$(mktemp -d)
trap 'rm -rf "$dir" ${testpmd_log:-}' EXIT

# open NAME CPU [EAL ARGUMENT...] -- [ARGUMENT...]: a testpmd at its prompt, forwarding on that CPU.
open() {
	local name=$1 cpu=$2 fd
	shift 2

	log[$name]=$dir/$name.log
	rm -f "$dir/$name.in"
	mkfifo "$dir/$name.in"
	stdbuf -oL dpdk-testpmd -d librte_bus_pci_ext.so -d librte_net_mlx5_ext.so --file-prefix="$name" \
		--lcores="0@$cpu,1@$cpu" "$@" --total-num-mbufs=2048 -i \
		<"$dir/$name.in" >"${log[$name]}" 2>&1 &
	pid[$name]=$!
	exec {fd}>"$dir/$name.in"
	in[$name]=$fd
	say "$name" "" >/dev/null
}

# say NAME COMMAND: prints the answer, which ends where a command that does not exist is refused.
say() {
	local from mark waited

	from=$(($(wc -c <"${log[$1]}") + 1))
	mark="mark-$RANDOM$RANDOM"
	printf '%s\n%s\n' "$2" "$mark" >&"${in[$1]}"
	for ((waited = 0; waited < 200; waited++)); do
		if tail -c "+$from" "${log[$1]}" | grep -A1 "$mark" | grep -q "not found"; then break; fi
		kill -0 "${pid[$1]}" 2>/dev/null || break
		sleep 0.1
	done
	tail -c "+$from" "${log[$1]}"
}

# quit NAME: sets status.
quit() {
	local fd=${in[$1]}

	echo quit >&"$fd"
	status=0
	wait "${pid[$1]}" || status=$?
	exec {fd}>&-
}

# link NAME up|down SECONDS: waits for it.
link() {
	answer "$1" "$3" "show port info 0" "Link status: $2"
}

# logged NAME SECONDS TEXT: waits for it.
logged() {
	local end=$((SECONDS + $2))

	until grep -qF -- "$3" "${log[$1]}"; do
		[ $SECONDS -lt $end ] || return 1
		sleep 0.3
	done
}

# answer NAME SECONDS COMMAND PATTERN: asks until the answer has the pattern.
answer() {
	local end=$((SECONDS + $2))

	until say "$1" "$3" | grep -qE -- "$4"; do
		[ $SECONDS -lt $end ] || return 1
		sleep 0.3
	done
}

received() {
	say "$1" "show port stats 0" | sed -n 's/.*RX-packets: *\([0-9]*\).*/\1/p' | head -n 1
}
