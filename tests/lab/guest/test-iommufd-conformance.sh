#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# The contract on /dev/iommu: the conformance suite on a device, with a stand-in for an EAL in VFIO's cdev mode; or,
# with ",container" behind it, with EAL as it is on /dev/vfio/vfio, which the kernel serves by iommufd.
# arguments: 12.0 14.0 14.0,container
set -u

[ -c /dev/iommu ] && [ -d /sys/class/vfio-dev ] && [ ! -d /sys/module/vfio_iommu_type1 ] || {
	echo "1..0 # SKIP no kernel of dmalab kernel build iommufd"
	exit
}
device=${1%,*}
preload=$PWD/build/tests/programs/eal_cdev/libeal_cdev.so
[ "$device" = "$1" ] || preload=
allow=(-a "0000:00:$device")
for other in 12.0 13.0 14.0 15.0; do
	[ "$other" = "$device" ] || allow+=(-a "0000:00:$other")
done
exec tests/lab/few-pmds env LD_PRELOAD="$preload" \
	dmamap-conformance -l 0,1 -d librte_bus_pci_ext.so -d librte_dma_edu.so "${allow[@]}" -- \
	"--device=0000:00:$device"
