#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# For comparison: DPDK's own PCI bus on VFIO fails the cases of the list, and no others.
exec dmamap-conformance -l 0,1 -a 0000:00:12.0 -a 0000:00:13.0 -a 0000:00:14.0 -a 0000:00:15.0 -- \
	--device=0000:00:12.0 --expect-fail=app/dmamap-conformance/expected/in-tree-vfio.txt
