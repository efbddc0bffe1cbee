#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# The contract on the worked example of doc/porting.rst, a driver with a dma_map of its own, with
# pci_ext. 15.0 is there for the case that wants a device nothing can map for.
command -v dmamap-conformance >/dev/null || { echo "SKIP: dmamap-conformance not found"; exit 77; }
export LD_LIBRARY_PATH=$PWD/build/examples/edu_map:$LD_LIBRARY_PATH
exec dmamap-conformance -l 0,1 -d librte_bus_pci_ext.so -d librte_dma_edu_map.so \
	-a 0000:00:14.0 -a 0000:00:15.0 -- --device=0000:00:14.0
