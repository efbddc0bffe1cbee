#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# VFIO's limit of mappings, which is too high to be reached in the other runs of the conformance
# suite.
set -u

# A container takes its limit from here when it is opened.
limit=/sys/module/vfio_iommu_type1/parameters/dma_entry_limit
before=$(<$limit)
echo 1500 >$limit
trap 'echo "$before" >$limit' EXIT
dmamap-conformance -l 0,1 -d librte_bus_pci_ext.so -d librte_dma_edu.so -a 0000:00:14.0 -- \
	--device=0000:00:14.0 entry_limit
