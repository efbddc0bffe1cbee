#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# A dma-buf of the real kernel, for a device of each backend. No driver of these kernels takes one: SoftRoCE
# has none, and VFIO maps memory of the process. Each refusal is ENOTSUP, which has two names, and says why.
# Debian's Linux 6.1 has no udmabuf, its 6.12 has one.
set -u
. tests/tap.sh

rxe=0000:00:10.0 vfio=0000:00:12.0
modprobe -q udmabuf
if [ ! -e /dev/udmabuf ]; then
	tap_skip "dma-bufs" "this kernel has no udmabuf"
	tap_done
fi
log=$(build/tests/programs/dmabuf/dmabuf -l 0 -d librte_bus_pci_ext.so -d librte_net_mlx5_ext.so -a $rxe -a $vfio \
	-- refused $rxe $vfio 2>&1)
tap_is "exit status" $? 0
tap_like "SoftRoCE: ENOTSUP" "$log" "$rxe: EOPNOTSUPP"
tap_like "and why" "$log" "$rxe: cannot map 4194304 bytes at 0x[0-9a-f]* of a dma-buf from 0 on: Operation not supported: the kernel's driver"
tap_like "VFIO: ENOTSUP" "$log" "$vfio: EOPNOTSUPP"
tap_like "and why" "$log" "$vfio: map .* refused: Operation not supported: VFIO maps memory of the process"
tap_is "a line each" "$(grep -c 'Operation not supported' <<<"$log")" 2
tap_done
