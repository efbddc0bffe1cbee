# SPDX-License-Identifier: BSD-3-Clause
# For TAP scripts on the software HCA: the distribution's own dpdk-testpmd, its frames verified.

# shellcheck source=tests/tap.sh
. tests/tap.sh

log=$(mktemp)
trap 'rm -f "$log"' EXIT
export SOFTHCA_STATS=1

# EAL arguments besides the devices; each run's device arguments are appended to devargs.
eal=()
devargs=
# Options for the devices, besides their number.
soft_options=()

# counter NAME: sum of all devices, from the line at exit. NAME as there, with its direction: "rx
# packets".
counter() {
	sed -n 's/^softhca: mlx5_[0-9]*: //p' "$log" | tr ',' '\n' | awk -v name="$1" '
		{ for (i = 1; i < NF; i++) {
			if ($i == "tx" || $i == "rx") { dir = $i " "; continue }
			if ($i ~ /^[0-9]+$/ && dir $(i + 1) == name) sum += $i
			if ($i == name) sum += $(i + 1)
		} dir = "" } END { print sum + 0 }'
}

# xstat NAME: sum of all ports, from their last output. NAME: a regular expression.
xstat() {
	awk -v name="^$1: " '/NIC extended statistics for port 0/ {sum = 0} $0 ~ name {sum += $2}
		END {print sum + 0}' "$log"
}

received() {
	sed -n 's/.*RX-packets: \([0-9]*\) *RX-missed.*/\1/p' "$log" | tail -n 1
}

sent() {
	sed -n 's/.*TX-packets: \([0-9]*\) *TX-errors.*/\1/p' "$log" | tail -n 1
}

# Writes the lines of $1 for testpmd; "wait" waits for some thousand packets, "wait N" for N, and
# "sent N" for N to be sent; "again N" sends packets until N have arrived. If they do not arrive,
# testpmd's time limit ends the wait.
feed() {
	local line from=0 since=0 count

	while read -r line; do
		case $line in
		wait*)
			count=${line#wait}
			until [ "$(($(received) + 0))" -ge $((from + ${count:-3000})) ]; do
				echo "show port stats all" || return
				sleep 0.1
			done
			from=$(received)
			;;
		again*)
			# Frames may be lost until a link of several ports is up.
			until [ "$(($(received) + 0))" -ge "${line#again}" ]; do
				printf '%s\n' stop "start tx_first" "show port stats all" || return
				sleep 0.5
			done
			;;
		sent*)
			until [ "$(($(sent) + 0))" -ge $((since + ${line#sent})) ]; do
				echo "show port stats all" || return
				sleep 0.1
			done
			since=$(sent)
			;;
		*) echo "$line" ;;
		esac
	done <<<"$1"
}

# testpmd PORTS DEVARGS COMMANDS [ARGUMENT...]: commands as for feed.
testpmd() {
	local ports=$1 more=$2 commands=$3 allow=() k wire=--loop

	shift 3
	[ "$ports" = 1 ] || wire=--cross
	for ((k = 0; k < ports; k++)); do
		allow+=(-a "0000:aa:00.$k,$devargs${more:+,$more}")
	done
	: >"$log"
	feed "$commands" | timeout -k 5 "${limit:-180}" softhca/soft --ports "$ports" $wire \
		"${soft_options[@]}" -- \
		stdbuf -oL dpdk-testpmd -l 0,1 --no-huge -m 256 --no-telemetry --no-shconf "${eal[@]}" \
		"${allow[@]}" -- -i --total-num-mbufs=8192 --rxd=512 --txd=512 --no-flush-rx "$@" >"$log" 2>&1
}

forward=$'start tx_first 4\nwait\nstop\nquit'

# verdict NAME TRUTH: for the last run, with its output if TRUTH is not yes.
verdict() {
	tap_result "$1" "$2" "status $status, verified $(counter verified)" "$(grep -a softhca: "$log")" \
		"$(tail -n 30 "$log")"
}

# forwards NAME: checks the last run: status, packets, no violation, and all of them verified. No
# frame is lost except "late" ones, for a queue that was stopped meanwhile.
forwards() {
	local truth=no verified

	verified=$(counter verified)
	# Frames under way at the end have been received, and are not sent any more.
	[ "$status" -eq 0 ] && [ "$verified" -gt 1000 ] && [ "$(counter 'rx packets')" -ge "$verified" ] &&
		[ "$(counter no_buffer)" -le "${late:-0}" ] && ! grep -q VIOLATION "$log" && truth=yes
	verdict "$1" $truth
}

# run SETTINGS PORTS DEVARGS COMMANDS [ARGUMENT...]: sets status. SETTINGS: variables of the
# software HCA.
run() {
	local settings=$1

	shift
	status=0
	# shellcheck disable=SC2163,SC2086
	(export SOFTHCA_CHECK=1 $settings && testpmd "$@") || status=$?
}

# try NAME SETTINGS PORTS DEVARGS COMMANDS [ARGUMENT...]
try() {
	run "${@:2}"
	forwards "$1"
}
