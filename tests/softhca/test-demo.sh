#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# dmamap-demo on the software HCA, for each kind of memory: every device is mapped, moves all
# packets, and rejects packets after unmap.
. tests/tap.sh

command -v jq >/dev/null || { echo "1..0 # SKIP no jq"; exit; }

for memory in anon memfd file; do
	json=$(timeout -k 5 180 softhca/demo --json --memory=$memory --packets=500 2>/dev/null)
	tap_is "$memory: exit status" $? 0
	tap_is "$memory: devices that pass" \
		"$(jq '[.devices[] | select(.ok and .backend == "driver" and .verified == 500)] | length' <<<"$json")" 4
done
tap_done
