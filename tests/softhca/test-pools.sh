#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Mempools that an application has put together wrongly are refused by the set-up of an Rx queue, with a
# line that says why; nothing is received into them, and nothing of them is freed.

# shellcheck source=tests/tap.sh
. tests/tap.sh

log=$(mktemp)
trap 'rm -f "$log"' EXIT
for wire in dv raw; do
	softhca/soft --loop -- pools -l 0 --no-huge -m 64 --no-telemetry --no-shconf -d librte_net_mlx5_ext.so \
		-a "0000:aa:00.0,driver=mlx5_ext,wire=$wire" >"$log" 2>&1
	tap_is "wire=$wire: status" $? 0
	for reason in "has no shinfo, which a free needs" "has a buffer of 1088, beyond which the device would write"; do
		tap_is "wire=$wire: one line: $reason" "$(grep -c "$reason" "$log")" 1
	done
	[ $tap_failed -eq 0 ] || sed 's/^/# /' "$log"
done
tap_done
