#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# An application that sends no more packets gets its memory back after an error: on rxe by each
# wire, and on siw.
# arguments: uc rc siw
wire=${1:?}
if [ "$wire" = siw ]; then
	[ -n "${siw_address_0:-}" ] || exec tests/lab/guest/siw "$0" siw
	wire=rc
fi
export LD_PRELOAD=$PWD/build/tests/programs/faults/libverbs_faults.so VERBS_FAULT_LKEY=5,21,37,53,69,85
exec build/tests/programs/nth/drain -l 0 --log-level=lib.eal:4 --no-telemetry --no-shconf -d librte_bus_pci_ext.so \
	-d librte_net_mlx5_ext.so -a "0000:00:10.0,wire=$wire" -- 0000:00:10.0 unmap cleanup one empty receive nothing
