#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# The examples, on two software ports: an arena that grows, where one port is plugged in half-way; and a file that is
# sent from its pages, which softhca takes for reading alone.
set -u
. tests/tap.sh
[ $# -gt 0 ] || exec softhca/soft --ports 2 --cross -- "$0" inside

out=$("${SOFT_BUILD:-build}/examples/growing_arena/growing_arena" -l 0 --no-huge -m 256 --no-shconf --no-telemetry \
	-d librte_net_mlx5_ext.so -a 0000:aa:00.0,driver=mlx5_ext,wire=dv -- \
	0000:aa:00.1,driver=mlx5_ext,wire=dv 2>&1)
status=$?
[ $status -eq 0 ] || sed 's/^/# /' <<<"$out"
tap_is "growing_arena" $status 0
tap_is "the device that comes has all of it" "$(grep '^port 1' <<<"$out" | tr '\n' ';')" \
	"port 1: 6144 KiB, by driver;port 1: 8192 KiB, by driver;"
tap_is "so has the one that was there" "$(grep -c '^port 0' <<<"$out")" 4

file=$(mktemp)
trap 'rm -f "$file"' EXIT
head -c 300000 /dev/urandom >"$file"
for wire in dv raw; do
	out=$("${SOFT_BUILD:-build}/examples/file_send/file_send" -l 0 --no-huge -m 256 --no-shconf --no-telemetry \
		-d librte_bus_pci_ext.so -d librte_net_mlx5_ext.so -a "0000:aa:00.0,driver=mlx5_ext,wire=$wire" \
		-a "0000:aa:00.1,driver=mlx5_ext,wire=$wire" -- 0000:aa:00.0 "$file" 2>&1)
	status=$?
	[ $status -eq 0 ] || sed 's/^/# /' <<<"$out"
	tap_is "file_send, wire=$wire" $status 0
	tap_is "all of the file has arrived" "$(tail -n 1 <<<"$out")" "303104 of 303104 bytes have arrived"
done
tap_done
