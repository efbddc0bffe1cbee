#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Concurrent maps for eight devices, with delayed registration: no call waits for another.

devices=()
for ((k = 0; k < 8; k++)); do
	devices+=(-a "0000:aa:00.$k,driver=mlx5_ext,wire=dv")
done
exec softhca/soft --ports 8 --loop -- parallel -l 0 --no-huge -m 256 \
	-d librte_bus_pci_ext.so -d librte_net_mlx5_ext.so "${devices[@]}" --
