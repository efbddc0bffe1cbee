# SPDX-License-Identifier: BSD-3-Clause
# Sourced by the hot-plug tests: testpmd's port detach and port attach keep the mappings of external
# memory. testpmd itself maps only once, when it makes the pool. First one port goes and comes back,
# then both have gone before they come back.
#
#   hotplug_run DEVICE0 DEVICE1 [EAL ARGUMENT...]   devices with their arguments, as after -a

. "$(dirname "$0")/testpmd.bash"

replug() { # port numbers to detach, then the same devices again
	local port
	for port; do
		testpmd_ask "port stop $port" 'Done'
		testpmd_ask "port close $port" 'Done'
	done
	for port; do
		testpmd_ask "device detach ${device[$port]%%,*}" 'Done\|removed'
	done
	for port; do
		testpmd_ask "port attach ${device[$port]}" 'Done'
	done
	testpmd_ask 'port start all' 'Done'
}

hotplug_run() {
	local ports
	device=("$1" "$2")
	shift 2
	dmesg -C
	testpmd_start -l 0,1 -a "${device[0]}" -a "${device[1]}" -d librte_bus_pci_ext.so "$@" \
		--log-level='bus.pci_ext*:info' -- -i --mp-alloc=anon --mbuf-size=8192 \
		--total-num-mbufs=2048 --no-lsc-interrupt
	testpmd_forward
	[ "${packets:-0}" -gt 1000 ] || fail "no traffic to begin with"

	for ports in "1" "0 1"; do
		# shellcheck disable=SC2086
		replug $ports
		testpmd_forward
		echo "port $ports detached and attached: ${packets:-no} packets, $(count_faults) faults"
		[ "${packets:-0}" -gt 1000 ] || fail "no traffic after port $ports came back"
		[ "$(count_faults)" -eq 0 ] || { dmesg | grep "fault addr"; fail "IOMMU faults"; }
	done
	testpmd_quit || fail "testpmd ended with $?"
	grep "pci_ext/replay" "$testpmd_log"
	[ "$(grep -c "1 ranges mapped" "$testpmd_log")" -eq 3 ] || fail "not all was replayed"
}
