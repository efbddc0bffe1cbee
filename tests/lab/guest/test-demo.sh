#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# pmds: all
# In the lab: dmamap-demo on all six devices with every kind of memory.

. tests/tap.sh
. tests/lab/guest/demo.sh

# The symptom of a VFIO fault depends on the NIC; that of the driver is checked here.
after='if .backend == "driver" then .after_unmap else .after_unmap // .error | split("[ :]"; "")[0] end'
line="[.name[8:], .driver, .backend, .memory, .tx, .rx, .verified, ($after)] | map(tostring) | join(\" \")"

for memory in anon huge memfd file; do
	demo 0 --memory=$memory --packets=300 --copies=4
	tap_is "--memory=$memory: the report" "$(query ".ok, (.devices[] | $line)")" "true
10.0 net_mlx5_ext driver $memory 300 300 300 refused (tx dropped)
11.0 net_mlx5_ext driver $memory 300 300 300 refused (tx dropped)
12.0 net_e1000_em vfio $memory 300 300 300 refused
13.0 net_e1000_em vfio $memory 300 300 300 refused
14.0 dma_edu vfio $memory 4 4 4 refused
15.0 null none $memory 0 0 0 ENOTSUP"
done
tap_done
