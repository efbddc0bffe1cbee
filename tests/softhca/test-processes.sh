#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Two programs, one at each end of a cable: mlx5_ext and DPDK's own net_mlx5, in two testpmds. All that one
# sends the other receives, and if one dies in the middle of it, the other goes on with the next. The exit status of
# each tells of violated rules.
set -u
[ -n "${SOFTHCA_CABLE:-}" ] || exec softhca/soft --ports 2 --cross -- "$0"
. tests/lab/guest/testpmds.bash
# shellcheck source=tests/intree.sh
. tests/intree.sh

eal=(--no-huge -m 256 --no-shconf --no-telemetry)

open_ours() {
	open ours 0 "${eal[@]}" -a 0000:aa:00.0,driver=mlx5_ext,wire=dv --
}

open_theirs() {
	open theirs 1 "${eal[@]}" -a "0000:aa:00.1,$(intree_devargs)" --
}

# balanced FROM TO
balanced() {
	local sent

	sent=$(packets "$1" 0 TX)
	[ "$sent" -gt 2000 ] && [ "$sent" = "$(received "$2")" ]
}

# drain NAME: receives what was sent before.
drain() {
	order "$1" "set fwd rxonly" start
	prompt_until $patience quiet "$1" 0
	order "$1" stop
}

circulate() {
	order ours "clear port stats 0" "set fwd io"
	order theirs "clear port stats 0" "set fwd io"
	order ours start
	order theirs "start tx_first"
	tap_ok "$1: packets circulate" receives ours 3000
	order theirs stop "set fwd rxonly" start
	tap_ok "$1: what ours sends theirs receives" prompt_until $patience balanced ours theirs
	tap_ok "$1: what theirs sends ours receives" prompt_until $patience balanced theirs ours
	order ours stop
	order theirs stop
}

open_ours
open_theirs
circulate "two processes"

# A program that comes while the other sends, and one that is killed while it sends itself.
order theirs "set fwd txonly" start
for round in 1 2 3; do
	order ours "set fwd txonly" start
	crash ours 2>/dev/null
	open_ours
	order ours "set fwd rxonly" start
	tap_ok "killed $round: its successor receives" receives ours 2000
	order ours stop
done
order theirs stop
drain ours
drain theirs
circulate "afterwards"

# The port may be opened by others, as by ibv_devinfo, who do not get its end of the cable.
tap_like "a third program opens the port" "$(ibv_devinfo -d mlx5_0 2>&1)" 'PORT_ACTIVE'
circulate "beside it"
quit ours
tap_is "ours: clean exit" "$status" 0
quit theirs
tap_is "theirs: clean exit" "$status" 0
tap_done
