#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# The contract on mlx5_ext and DPDK's own PCI bus, without pci_ext: what fails then is known by name. One
# key is wrong on purpose: case recovery.
. tests/softhca/conformance.bash

conformance "key.range 1" driver=mlx5_ext,wire=dv -d librte_net_mlx5_ext.so -- --backend=driver \
	--expect-fail=app/dmamap-conformance/expected/in-tree-mlx5_ext.txt
