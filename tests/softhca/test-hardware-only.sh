#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# net_mlx5_ext without the wires of software devices, as for hardware only, reports that there is no cable.
# Its contract is tested by a row of tests/conformance.sh.
set -u
# shellcheck source=tests/tap.sh
. tests/tap.sh

plugins=build/drivers/net/mlx5_ext
hardware=librte_net_mlx5_ext_hardware.so
log=$(mktemp)
trap 'rm -f "$log"' EXIT

softhca/soft -- dpdk-testpmd -l 0 --no-huge -m 64 --no-telemetry -d librte_bus_pci_ext.so -d $hardware \
	-a 0000:aa:00.0,driver=mlx5_ext,wire=uc -- --total-num-mbufs=1024 >"$log" 2>&1 </dev/null
tap_like "there is no wire=uc" "$(cat "$log")" 'no wire=uc by .*: this driver has no wire of that name'
tap_is "no function of cables" "$(nm $plugins/$hardware | grep -cE 'mlx5x_(peer|cable|cm|iwarp_rx|iwarp_tx)_')" 0
tap_is "no librdmacm" "$(readelf -d $plugins/$hardware | grep -c 'NEEDED.*librdmacm')" 0
tap_is "the full driver is linked with librdmacm" \
	"$(readelf -d $plugins/librte_net_mlx5_ext.so | grep -c 'NEEDED.*librdmacm')" 1
tap_done
