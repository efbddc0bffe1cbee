#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# net_mlx5_ext built without the wires of software devices (build-hardware/), as for hardware alone: it keeps
# the contract, and says that there is no cable.
set -u
# shellcheck source=tests/tap.sh
. tests/tap.sh
. tests/softhca/conformance.bash

plugin=$PWD/build-hardware/drivers/net/mlx5_ext/librte_net_mlx5_ext.so
log=$(mktemp)
trap 'rm -f "$log"' EXIT

conformance "key.range 1" driver=mlx5_ext,wire=dv -d librte_bus_pci_ext.so -d "$plugin" >"$log"
tap_is "it keeps the contract" $? 0
grep '^not ok' "$log" | sed 's/^/# /'
softhca/soft -- dpdk-testpmd -l 0 --no-huge -m 64 --no-telemetry -d librte_bus_pci_ext.so -d "$plugin" \
	-a 0000:aa:00.0,driver=mlx5_ext,wire=uc -- --total-num-mbufs=1024 >"$log" 2>&1 </dev/null
tap_like "there is no wire=uc" "$(cat "$log")" 'no wire=uc by .*: this driver has no wire of that name'
tap_is "nor anything of cables" "$(nm "$plugin" | grep -cE 'mlx5x_(peer|cable|cm|inlet|outlet)_')" 0
tap_done
