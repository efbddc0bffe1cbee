#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# dmamap-demo on the software HCA, for each kind of memory: every device is mapped, moves all
# packets, and rejects packets after unmap.
. tests/tap.sh

command -v jq >/dev/null || { echo "1..0 # SKIP no jq"; exit; }
log=$(mktemp)
trap 'rm -f "$log"' EXIT

for memory in anon memfd file dmabuf; do
	json=$(SOFTHCA_TRACE=1 timeout -k 5 180 softhca/demo --json --memory=$memory --packets=500 2>"$log")
	tap_is "$memory: exit status" $? 0
	tap_is "$memory: devices that pass" \
		"$(jq '[.devices[] | select(.ok and .backend == "driver" and .verified == 500)] | length' <<<"$json")" 4
	[ $memory = dmabuf ] && regions=4 || regions=0
	tap_is "$memory: regions of dma-bufs" "$(grep -c 'reg_dmabuf_mr(fd [0-9]*, 0, 0x400000,' "$log")" $regions
done

# A dma-buf is mapped by the plugin alone.
json=$(softhca/soft -- dmamap-demo -l 0 --no-huge -m 256 --no-telemetry --no-shconf -d librte_net_mlx5_ext.so \
	-a 0000:aa:00.0,driver=mlx5_ext -- --json --memory=dmabuf 2>/dev/null)
tap_is "without pci_ext: exit status" $? 1
tap_like "and why" "$(jq -r .error <<<"$json")" '^--memory=dmabuf: only librte_bus_pci_ext.so maps'
tap_done
