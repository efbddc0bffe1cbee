#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Random sequences of map, unmap, register, unregister, munmap, hot-plug and changes of a heap, on two
# ports, against a model of the contract. TAP. A violation is printed with its seed and steps.
#
# SEQUENCES_SEED, SEQUENCES_COUNT: those from SEED on; 1 and 300. Ten thousand take some minutes:
#	SEQUENCES_COUNT=10000 SOFT_BUILD=build tests/softhca/test-sequences.sh
args=driver=mlx5_ext,wire=dv
# Pinned memory is counted as locked, which is limited for users other than root.
[ "$(id -u)" != 0 ] || export SOFTHCA_PIN=1
export SOFTHCA_STRICT=1
exec softhca/soft --ports 2 --loop -- sequences -l 0 --no-huge -m 256 --no-telemetry --no-shconf --log-level=critical \
	-d librte_bus_pci_ext.so -d librte_net_mlx5_ext.so -a "0000:aa:00.0,$args" -a "0000:aa:00.1,$args" -- \
	"${SEQUENCES_SEED:-1}" "${SEQUENCES_COUNT:-300}" 5
