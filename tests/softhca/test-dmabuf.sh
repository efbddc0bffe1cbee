#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Packets from and to a dma-buf that the process has no addresses of: with its descriptor closed, after
# hot-plug, for a device that comes later, and ten thousand maps without a descriptor more.

devargs=driver=mlx5_ext,wire=dv
exec softhca/soft --loop -- dmabuf -l 0 --no-huge -m 256 --no-telemetry --no-shconf \
	-d librte_bus_pci_ext.so -d librte_net_mlx5_ext.so -a "0000:aa:00.0,$devargs" -- 0000:aa:00.0 "$devargs"
