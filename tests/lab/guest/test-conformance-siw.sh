#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# The contract on ports of mlx5_ext whose rdma devices are siw. As test-conformance-rxe.sh.
[ -n "${siw_address_0:-}" ] || exec tests/lab/guest/siw "$0"
exec tests/bench/without-mlx5 dmamap-conformance -l 0,1 -d librte_bus_pci_ext.so -d librte_net_mlx5_ext.so \
	-a 0000:00:10.0,peer=0000:00:11.0 -a 0000:00:11.0,peer=0000:00:10.0 \
	-a 0000:00:14.0 -a 0000:00:15.0 -- --device=0000:00:10.0
