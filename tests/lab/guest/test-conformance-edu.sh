#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# The contract on a device that copies to and from any address, with pci_ext. 12.0 and 13.0 are there
# for the cases that want a second device, 15.0 for the one that wants a device nothing can map for.
exec dmamap-conformance -l 0,1 -d librte_bus_pci_ext.so -d librte_dma_edu.so \
	-a 0000:00:14.0 -a 0000:00:12.0 -a 0000:00:13.0 -a 0000:00:15.0 -- --device=0000:00:14.0
