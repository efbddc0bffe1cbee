#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# What the guides show. The worked example of doc/porting.rst keeps the contract by itself on the
# in-tree bus, and below pci_ext; its DMA never leaves what was mapped. The program of
# doc/quickstart.rst maps memory for a port of either backend.
set -u
. tests/tap.sh

example=$PWD/build/examples/edu_map
export LD_LIBRARY_PATH=$example:$LD_LIBRARY_PATH

for bus in "" "-d librte_bus_pci_ext.so"; do
	# shellcheck disable=SC2086
	"$example/edu_map_test" -l 0 -a 0000:00:14.0 -d librte_dma_edu_map.so $bus \
		--log-level=lib.eal:error >/tmp/porting.log 2>&1
	status=$?
	tap_is "the contract, ${bus:-in-tree bus}" "$status: $(grep -c '^ok' /tmp/porting.log) ok" \
		"0: $(sed -n 's/^1\.\.//p' /tmp/porting.log) ok"
	sed 's/^/# /' /tmp/porting.log
done
for port in "0000:00:10.0 -d librte_net_mlx5_ext.so" 0000:00:12.0; do
	# shellcheck disable=SC2086
	tap_ok "quickstart on $port" build/examples/own_memory/own_memory -l 0 -a $port \
		-d librte_bus_pci_ext.so
done
tap_is "faults of the IOMMU" "$(dmesg | grep -c 'fault addr')" 0
tap_done
