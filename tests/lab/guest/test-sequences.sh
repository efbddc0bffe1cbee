#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# As tests/softhca/test-sequences.sh, on VFIO: edu, whose reads take 200 ms each, and a NIC in the same
# container.
exec tests/lab/few-pmds build/tests/programs/sequences/sequences -l 0 --log-level=critical \
	-d librte_bus_pci_ext.so -d librte_dma_edu.so -a 0000:00:14.0 -a 0000:00:12.0 -- \
	"${SEQUENCES_SEED:-1}" "${SEQUENCES_COUNT:-100}" "${SEQUENCES_REACH:-25}"
