# SPDX-License-Identifier: BSD-3-Clause
# Sourced by the hot-plug tests: testpmd's port detach and port attach keep the mappings of external
# memory. testpmd itself maps only once, when it makes the pool. First one port goes and comes back,
# then both have gone before they come back.
#
#   hotplug_run DEVICE0 DEVICE1 PLUGIN...   devices with their arguments, as after -a

. tests/lab/guest/testpmd.bash

# replug PORT...: detach them, then attach the same devices again
replug() {
	local port

	for port; do
		testpmd_do "port stop $port" "port close $port"
	done
	for port; do
		testpmd_do "device detach ${device[$port]%%,*}"
	done
	for port; do
		testpmd_do "port attach ${device[$port]}"
	done
	testpmd_do "port start all"
}

# Until so many packets have gone round.
forward() {
	testpmd_wait 300 'Link status: up' "show port info 0" && testpmd_run 2000
}

hotplug_run() {
	local ports

	device=("$1" "$2")
	testpmd_plugins=${*:3}
	dmesg -C
	testpmd_open -a "${device[0]}" -a "${device[1]}" --log-level='bus.pci_ext*:info' -- \
		--mp-alloc=anon --mbuf-size=8192 --total-num-mbufs=2048 --no-lsc-interrupt
	tap_ok "traffic to begin with" forward
	for ports in "1" "0 1"; do
		# shellcheck disable=SC2086
		replug $ports
		tap_ok "traffic after detach and attach of port $ports" forward
		tap_is "no IOMMU fault after that" "$(dmesg | grep -c 'fault addr')" 0
	done
	testpmd_close
	tap_is "clean exit" "$testpmd_status" 0
	tap_is "each mapping was replayed once" "$(grep -c "1 ranges mapped" "$testpmd_log")" 3
}
