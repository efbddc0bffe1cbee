#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Checksums by the driver, on the wires of a cable: frames with good and with bad ones.
# arguments: uc rc siw
wire=${1:?}
if [ "$wire" = siw ]; then
	[ -n "${siw_address_0:-}" ] || exec tests/lab/guest/siw "$0" siw
	wire=rc
fi
exec build/tests/programs/offloads/offloads -l 0 --log-level=lib.eal:4 --no-telemetry --no-shconf \
	-d librte_bus_pci_ext.so -d librte_net_mlx5_ext.so -a "0000:00:10.0,wire=$wire"
