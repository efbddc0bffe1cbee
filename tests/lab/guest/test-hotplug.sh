#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# testpmd's port detach and port attach keep the mappings of external memory. testpmd itself maps
# only once, when it creates the pool. First one port is removed and probed again, then both are
# removed before they are probed again.
# arguments: rxe vfio
set -u
. tests/lab/guest/testpmd.bash

# replug PORT...: detaches them, then attaches the same devices again
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

# Waits until each port has received so many packets.
forward() {
	testpmd_wait 300 'Link status: up' "show port info 0" && testpmd_run 2000
}

# hotplug PLUGIN...
hotplug() {
	local ports

	testpmd_plugins=$*
	dmesg -C
	testpmd_open -a "${device[0]}" -a "${device[1]}" --log-level='bus.pci_ext*:info' -- \
		--mp-alloc=anon --mbuf-size=8192 --total-num-mbufs=2048 --no-lsc-interrupt
	tap_ok "traffic before" forward
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

case ${1:?} in
rxe)
	# testpmd unmaps at exit while the ports still run, so the driver returns EBUSY, as
	# required.
	device=(0000:00:10.0,peer=0000:00:11.0 0000:00:11.0,peer=0000:00:10.0)
	hotplug -d librte_bus_pci_ext.so -d librte_net_mlx5_ext.so
	;;
vfio)
	# While one port holds a mapping it stays; when both have been removed it is created again.
	device=(0000:00:12.0 0000:00:13.0)
	hotplug -d librte_bus_pci_ext.so
	tap_is "no unmap at exit fails" "$(grep -c "unable to DMA unmap" "$testpmd_log")" 0
	;;
esac
tap_done
