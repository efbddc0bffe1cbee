#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Plugins in a DPDK of another release than they were built for: each refuses with one line that names
# both and the remedy, touches nothing, and the program goes on. A library lets EAL name the release.

# shellcheck source=tests/tap.sh
. tests/tap.sh

build=${SOFT_BUILD:-build}
other=$(realpath "$build/tests/programs/release/libother_release.so")
built=$(pkg-config --modversion libdpdk | cut -d. -f1,2)
line="not loaded: built for DPDK $built, but this program runs DPDK"

# run RELEASE: the output of a testpmd that loads both plugins and is asked for its ports.
run() {
	printf '%s\n' 'show port summary all' quit |
		LD_PRELOAD=$other OTHER_RELEASE=$1 timeout -k 5 120 softhca/soft -- \
			dpdk-testpmd -l 0,1 --no-huge -m 256 --no-shconf --no-telemetry \
			-d librte_bus_pci_ext.so -d librte_net_mlx5_ext.so --vdev=net_null0 \
			-a 0000:aa:00.0,driver=mlx5_ext,wire=dv -- -i --total-num-mbufs=4096 2>&1
}

output=$(run "$built")
tap_is "its own release: exit status" $? 0
tap_is "no plugin refuses" "$(grep -c 'not loaded' <<<"$output")" 0
tap_like "pci_ext serves the bus" "$output" 'dma_map: [^ ]*librte_bus_pci_ext\.so'
tap_like "net_mlx5_ext has its port" "$output" 'net_mlx5_ext'

for release in 99.01 "$built-rc1"; do
	output=$(run "$release")
	tap_is "$release: the program goes on, exit status" $? 0
	tap_is "$release: pci_ext refuses in one line" \
		"$(grep -c "^pci_ext/root: $line $release,.*; build the plugin against" <<<"$output")" 1
	tap_is "$release: net_mlx5_ext refuses in one line" \
		"$(grep -c "^mlx5_ext/probe: $line $release,.*; build the plugin against" <<<"$output")" 1
	tap_like "$release: the bus keeps its ops" "$output" 'dma_map: [^ ]*librte_bus_pci\.so'
	tap_like "$release: other ports are there" "$output" 'net_null'
	tap_is "$release: no port of net_mlx5_ext" "$(grep -c '02:50:00:00:00:00.*net_mlx5_ext' <<<"$output")" 0
done
tap_done
