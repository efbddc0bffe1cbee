#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# The contract of map and unmap on real VFIO, proved by DMA of the edu device.
set -u

IFS=: read -ra path <<<"$LD_LIBRARY_PATH"
for p in "${path[@]}"; do
	[ -x "$p/edu_contract" ] && program=$p/edu_contract
done
[ -n "${program:-}" ] || { echo "SKIP: edu_contract not found"; exit 77; }

# A container takes its limit from here when it is opened.
limit=/sys/module/vfio_iommu_type1/parameters/dma_entry_limit
before=$(cat "$limit")
echo 1500 >"$limit"
trap 'echo "$before" >"$limit"' EXIT
"$program" -l 0 -a 0000:00:14.0 -a 0000:00:12.0 -a 0000:00:15.0 -d librte_dma_edu.so \
	--log-level=lib.eal:error
