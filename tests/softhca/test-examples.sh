#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# The example of an arena that grows, on two software ports, of which one is plugged in half-way.
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
tap_done
