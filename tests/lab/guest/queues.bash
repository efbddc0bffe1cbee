# SPDX-License-Identifier: BSD-3-Clause
# For TAP scripts in the guest: cables between ends with different numbers of queues, on one wire.

# shellcheck source=tests/lab/guest/testpmds.bash
. tests/lab/guest/testpmds.bash

queues_plugins=(-d librte_bus_pci_ext.so -d librte_net_mlx5_ext.so)

# queues_run NAME CPU [EAL ARGUMENT...] -- [ARGUMENT...]: the program, with its output in NAME.tap.
queues_run() {
	local name=$1 cpu=$2
	shift 2

	timeout -k 10 800 build/tests/programs/queues/queues --lcores="0@$cpu" --file-prefix="$name" --no-huge \
		-m 128 --log-level=eal:4 "${queues_plugins[@]}" "$@" >"$dir/$name.tap" 2>"$dir/$name.err"
}

# queues_good WHAT NAME: sixteen results, all good.
queues_good() {
	tap_is "$1" "$(grep -c '^ok ' "$dir/$2.tap") $(grep -c '^not ok' "$dir/$2.tap")" "16 0"
	grep -vE '^ok |^1\.\.' "$dir/$2.tap" | head -n 20 | sed 's/^/# /'
	[ "$(grep -c '^ok ' "$dir/$2.tap")" = 16 ] || tail -n 10 "$dir/$2.err" | sed 's/^/# /'
}

# queues_in_one WIRE COUNT: two ports of one process; so many of 256 combinations.
queues_in_one() {
	queues_run one 0 -a "0000:00:10.0,wire=$1,peer=0000:00:11.0" -a "0000:00:11.0,wire=$1,peer=0000:00:10.0" \
		-- "$2" both 0000:00:10.0 0000:00:11.0
	queues_good "two ports of a process" one
}

# queues_in_two WIRE COUNT: a port in each of two processes, the same.
queues_in_two() {
	local other

	mkfifo "$dir/to" "$dir/from"
	queues_run second 1 -a "0000:00:11.0,wire=$1,peer=localhost" -- "$2" second 0000:00:11.0 \
		3<>"$dir/to" 4<>"$dir/from" &
	other=$!
	queues_run first 0 -a "0000:00:10.0,wire=$1,peer=listen" -- "$2" first 0000:00:10.0 \
		3<>"$dir/from" 4<>"$dir/to"
	wait $other
	queues_good "two processes" first
	queues_good "as the other one sees it" second
}

# queues_count NAME TX|RX: packets of the port, by its own counter.
queues_count() {
	order "$1" "show port stats 0"
	printf '%s\n' "${prompt_answer[@]}" | sed -n "s/.*$2-packets: *\([0-9]*\).*/\1/p" | head -n 1
}

# queues_arrived FROM TO: all that one has sent has arrived at the other.
queues_arrived() {
	local sent

	sent=$(queues_count "$1" TX)
	[ "$sent" -gt 0 ] && [ "$(queues_count "$2" RX)" = "$sent" ]
}

# queues_testpmds WIRE: two stock testpmds; b sends by two queues, and a has one Rx queue for them. What
# arrives there comes back by queue 0.
queues_testpmds() {
	open a 0 -a "0000:00:10.0,wire=$1,peer=listen" -- --rxq=1 --txq=2
	open b 1 -a "0000:00:11.0,wire=$1,peer=localhost" -- --rxq=2 --txq=2
	tap_ok "testpmds: link is up" link a up
	tap_ok "and at the other end" link b up
	tap_like "the log has the numbers of both" "$(cat "${log[a]}")" \
		"connected: here are 1 Rx and 2 Tx queues, there are 2 and 2"
	order a start
	order b "start tx_first"
	tap_ok "one Rx queue: receives" receives a 1000
	tap_ok "and what it sends comes back" receives b 1000
	order b stop
	tap_ok "all that b has sent has arrived" prompt_until $patience queues_arrived b a
	order a stop
	tap_is "nothing was dropped" "$(for name in a b; do say $name "show port xstats 0"; done |
		grep -E '(errors|missed|lost_in.*|oversize_.*|recoveries): [1-9]' | xargs)" ""
	quit b
	tap_is "clean exit of one" "$status" 0
	quit a
	tap_is "clean exit of the other" "$status" 0
}
