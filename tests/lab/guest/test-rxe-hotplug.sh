#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Detach and attach of ports whose driver maps by itself. (testpmd unmaps at exit while the ports
# still run, so there the driver says EBUSY, as it should.)
set -u
. tests/lab/guest/hotplug.bash

hotplug_run 0000:00:10.0,peer=0000:00:11.0 0000:00:11.0,peer=0000:00:10.0 \
	-d librte_bus_pci_ext.so -d librte_net_mlx5_ext.so
tap_done
