#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# The contract on DPDK's own net_mlx5 and PCI bus: what it fails is known by name, and must fail. Keys
# of memory that is gone and the like are what some of the cases are about. Case 49, restart, is left
# out: its unmap crashes only now and then, over what the case before has left in the driver.
. tests/softhca/conformance.bash

# shellcheck disable=SC2046
conformance ".*" dv_flow_en=0 -- --backend=driver --timeout=30 \
	--expect-fail=app/dmamap-conformance/expected/in-tree-mlx5.txt {1..48} {50..56}
