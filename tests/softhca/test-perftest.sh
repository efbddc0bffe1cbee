#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# perftest, unmodified, as server and client at the two ends of a cable, by polling. The exit status of each tells
# of violated rules too.
set -u
[ -n "${SOFTHCA_CABLE:-}" ] || exec softhca/soft --ports 2 --cross -- "$0"
# shellcheck source=tests/tap.sh
. tests/tap.sh

if ! command -v raw_ethernet_bw >/dev/null; then
	tap_skip "perftest" "it is not installed"
	tap_done
fi
# The server counts frames: none may be dropped.
export SOFTHCA_PAUSE=1
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

# Nor may one arrive before it listens.
await_server() {
	local i

	for ((i = 0; i < 300; i++)); do
		! grep -qs '#bytes' "$dir/server" || return 0
		sleep 0.1
	done
}

# both COMMAND...: sets client and server, their exit statuses.
both() {
	# The one before has said that it listens.
	rm -f "$dir/server"
	timeout 100 stdbuf -oL "$@" --server -d mlx5_1 -B 02:50:00:00:00:01 -E 02:50:00:00:00:00 >"$dir/server" 2>&1 &
	server=$!
	await_server
	timeout 100 "$@" --client -d mlx5_0 -B 02:50:00:00:00:00 -E 02:50:00:00:00:01 >"$dir/client" 2>&1
	client=$?
	wait $server
	server=$?
}

# pair NAME COMMAND...
pair() {
	local tries client server

	# On a busy machine it fails at times when all is done, as it finds the processor's clock uneven.
	for tries in {1..10}; do
		both "${@:2}"
		grep -q "^Can't produce a report" "$dir/client" "$dir/server" || break
	done
	tap_is "$1" "client $client, server $server" "client 0, server 0"
	[ $client$server = 00 ] || tail -n 20 "$dir/client" "$dir/server" | sed 's/^/# /'
}

pair "bandwidth" raw_ethernet_bw -n 2000 -s 256
pair "bandwidth, inline" raw_ethernet_bw -n 2000 -s 64 -I 64
pair "bandwidth, two QPs" raw_ethernet_bw -n 2000 -s 256 -q 2
pair "bandwidth, by a rule for UDP" raw_ethernet_bw -n 2000 -s 256 -J 10.0.0.1 -j 10.0.0.2 -K 1000 -k 2000
pair "bandwidth, for a second" raw_ethernet_bw -D 1 -s 256
pair "latency" raw_ethernet_lat -n 100 -s 64
tap_ok "rate of flow rules" timeout 100 raw_ethernet_fs_rate --client -d mlx5_0 -B 02:50:00:00:00:00 -E 02:50:00:00:00:01 -n 500
tap_done
