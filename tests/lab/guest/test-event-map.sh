#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# pmds: all
# A map for DPDK's own net_mlx5, which allocates from EAL's heap in the callback, beside a map for
# another device in a memory event, in which EAL holds that heap's lock. On the software HCA; in the
# lab for its hugepages.
# shellcheck source=tests/intree.sh
. tests/intree.sh
exec softhca/soft --ports 2 -- build/tests/programs/parallel/event_map -l 0 --in-memory --no-telemetry \
	-d librte_bus_pci_ext.so -d librte_net_mlx5_ext.so -a "0000:aa:00.0,$(intree_devargs)" \
	-a 0000:aa:00.1,driver=mlx5_ext,wire=dv -- 0000:aa:00.0 0000:aa:00.1
