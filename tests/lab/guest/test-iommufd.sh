#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# /dev/iommu: the kernel's answers; devices that a stand-in for an EAL in VFIO's cdev mode attaches to
# it; and /dev/vfio/vfio where the kernel serves that by iommufd too.
set -u
. tests/tap.sh

[ -c /dev/iommu ] && [ -d /sys/class/vfio-dev ] && [ ! -d /sys/module/vfio_iommu_type1 ] || {
	echo "1..0 # SKIP no kernel of dmalab kernel build iommufd"
	exit
}
preload=build/tests/programs/eal_cdev/libeal_cdev.so
by_name=build/tests/programs/edu/by_name

# Results of the program on the kernel alone are results here.
while read -r line; do
	case $line in
	"ok "* | "not ok "*) tap_result "ioas: ${line#*- }" "$([ "${line%%ok*}" ] && echo no || echo yes)" ;;
	esac
done < <(build/tests/programs/eal_cdev/ioas)

output=$(LD_PRELOAD=$preload $by_name -l 0 -d librte_dma_edu.so -a 0000:00:15.0 -- 0000:00:14.0 2>&1)
tap_is "by_name maps and unmaps" $? 0
tap_like "the backend is iommufd" "$output" '0000:00:14.0 iommufd active 0x'
tap_ok "EAL's own calls are not used" [ "${output/own map/}" = "$output" ]

output=$(LD_PRELOAD=$preload dmamap-demo -l 0,1 -d librte_bus_pci_ext.so -d librte_dma_edu.so \
	-a 0000:00:12.0 -a 0000:00:13.0 -a 0000:00:14.0 -- 2>&1)
tap_is "the demo on three devices" $? 0
tap_is "all of them by iommufd" "$(grep -c '0000:00:1[234].0 .* iommufd .* yes$' <<<"$output")" 3

output=$($by_name -l 0 -d librte_dma_edu.so -a 0000:00:15.0 -- 0000:00:14.0 2>&1)
tap_is "without the stand-in it maps too" $? 0
tap_like "the backend is then vfio" "$output" '0000:00:14.0 vfio active 0x'
tap_done
