#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# The contract on ports of mlx5_ext, with pci_ext. 14.0 (on vfio-pci) and 15.0 (on its kernel driver)
# are there for the cases that want a device without a driver. With DPDK's PMDs of mlx4 and mlx5 loaded
# each registration reads /proc/self/smaps, which on a busy machine takes a tenth of a second here.
exec tests/bench/without-mlx5 dmamap-conformance -l 0,1 -d librte_bus_pci_ext.so -d librte_net_mlx5_ext.so \
	-a 0000:00:10.0,peer=0000:00:11.0 -a 0000:00:11.0,peer=0000:00:10.0 \
	-a 0000:00:14.0 -a 0000:00:15.0 -- --device=0000:00:10.0
