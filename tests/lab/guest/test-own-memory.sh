#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# The program of doc/quickstart.rst maps memory for a port of either backend.
set -u
. tests/tap.sh

for port in "0000:00:10.0 -d librte_net_mlx5_ext.so" 0000:00:12.0; do
	# shellcheck disable=SC2086
	tap_ok "quickstart on $port" build/examples/own_memory/own_memory -l 0 -a $port \
		-d librte_bus_pci_ext.so
done
tap_is "faults of the IOMMU" "$(dmesg | grep -c 'fault addr')" 0
tap_done
