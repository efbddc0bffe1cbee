#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# A secondary process maps memory for reading alone, and a dma-buf, whose descriptor goes to the primary one.
set -u
exec build/tests/programs/secondary/secondary -l 0 -d librte_bus_pci_ext.so -a 0000:00:15.0
