#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Detach and attach of VFIO ports. While one holds a mapping it stays; when both have gone it is
# made anew.
set -u
. tests/lab/guest/hotplug.bash

hotplug_run 0000:00:12.0 0000:00:13.0 -d librte_bus_pci_ext.so
tap_is "no unmap at exit is refused" "$(grep -c "unable to DMA unmap" "$testpmd_log")" 0
tap_done
