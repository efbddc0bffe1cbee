#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# pmds: all
# Two copies of the plugin at two paths: the second disables itself, and the program continues.
set -u

fail() { echo "FAIL: $*"; exit 1; }

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
IFS=: read -ra path <<<"$LD_LIBRARY_PATH"
for p in "${path[@]}"; do
	[ -f "$p/librte_bus_pci_ext.so" ] && cp "$p/librte_bus_pci_ext.so" "$dir/librte_bus_copy.so"
done
[ -f "$dir/librte_bus_copy.so" ] || { echo "SKIP: librte_bus_pci_ext.so not found"; exit 77; }

out=$(LD_LIBRARY_PATH=$LD_LIBRARY_PATH:$dir timeout -s INT 300 dpdk-testpmd -l 0,1 \
	-a 0000:00:12.0 -d librte_bus_pci_ext.so -d librte_bus_copy.so -- --no-lsc-interrupt \
	</dev/null 2>&1) || { echo "$out"; fail "testpmd failed"; }
grep -q "not loaded: .*librte_bus_pci_ext.so has already replaced the ops of bus pci" <<<"$out" ||
	{ echo "$out"; fail "the second copy did not log that it is disabled"; }
[ "$(grep -c "not loaded" <<<"$out")" -eq 1 ] || { echo "$out"; fail "both copies are disabled"; }
