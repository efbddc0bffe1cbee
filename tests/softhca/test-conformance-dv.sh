#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# The contract on mlx5_ext with pci_ext, frames by the rings of mlx5. One key is wrong on
# purpose: case recovery.
. tests/softhca/conformance.bash

conformance "key.range 1" driver=mlx5_ext,wire=dv -d librte_bus_pci_ext.so -d librte_net_mlx5_ext.so
