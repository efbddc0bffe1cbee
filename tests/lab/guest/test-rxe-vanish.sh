#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# The NIC under a SoftRoCE device goes away, idle and under traffic: its kernel driver is unbound, or its
# PCI function removed. The application has an event for it, and when it has closed the port, the
# kernel, which waits for that, goes on. Then the NIC returns.
#
# The NICs are the plan's e1000e, not its virtio, with which rxe of 6.1 does not always survive its NIC, whatever
# the application does. e1000e's driver frees what it has sent before rxe hears of the end.
# arguments: unbind remove
set -u
. tests/lab/guest/testpmd.bash

slot=0000:00:13.0
ports=(-a 0000:00:12.0,peer=0000:00:13.0 -a 0000:00:13.0,peer=0000:00:12.0)

# give_to_kernel SLOT NAME: from vfio-pci to the kernel's driver, with a SoftRoCE device.
give_to_kernel() {
	echo >"/sys/bus/pci/devices/$1/driver_override"
	echo "$1" >/sys/bus/pci/drivers/vfio-pci/unbind
	echo "$1" >/sys/bus/pci/drivers_probe
	dmalab-guest rxe "$1" "$2"
}

# take_away unbind|remove: returns when the kernel has finished.
take_away() {
	case $1 in
	unbind) echo $slot >/sys/bus/pci/drivers/e1000e/unbind ;;
	remove) echo 1 >/sys/bus/pci/devices/$slot/remove ;;
	esac
}

bring_back() {
	case $1 in
	unbind) echo $slot >/sys/bus/pci/drivers/e1000e/bind ;;
	remove) echo 1 >/sys/bus/pci/rescan ;;
	esac
	dmalab-guest rxe $slot rxe3
}

logged() {
	grep -q "$1" "$testpmd_log"
}

# kernel_waits PID: prints what the kernel waits for that has not taken the NIC away.
kernel_waits() {
	sed 's/^/# stack: /' "/proc/$1/stack"
	sed 's/^/# tcp6: /' /proc/net/tcp6
	dmesg | sed -n 's/^\(.*\(waiting for\|WARN\|rxe_\)\)/# dmesg: \1/p' | tail -n 40
}

# vanish HOW WHAT [ARGUMENT...]: WHAT is idle or traffic.
vanish() {
	local how=$1 what=$2 name="$1, $2${3:+, }${3:-}" began kernel
	shift 2

	testpmd_open "${ports[@]}" -- --total-num-mbufs=4096 "$@"
	tap_ok "$name: links are up" testpmd_wait 300 "Link status: up" "show port info 1"
	[ "$what" = idle ] || testpmd_do "start tx_first"
	began=${EPOCHREALTIME/./}
	take_away "$how" &
	kernel=$!
	tap_ok "$name: RMV event" prompt_until 300 logged "Port 1: device removal event"
	echo "# after $(((${EPOCHREALTIME/./} - began) / 1000)) ms"
	tap_ok "$name: LSC event" logged "Port 1: link state change event"
	tap_ok "$name: a log line" logged "$slot: the kernel has removed the netdev .*: detach the port"
	# Without a command meanwhile: testpmd does that in another thread.
	tap_ok "$name: testpmd closes and detaches the port" prompt_until 300 logged "Now total ports is 1"
	tap_ok "$name: then the kernel goes on" prompt_until 300 prompt_is_over $kernel
	prompt_is_over $kernel || kernel_waits $kernel
	wait $kernel
	tap_ok "$name: the other end's link is down" testpmd_wait 300 "Link status: down" "show port info 0"
	tap_ok "$name: the NIC returns" bring_back "$how"
	# Its link-local address may not be usable yet.
	testpmd_do "port attach $slot,peer=0000:00:12.0"
	tap_like "$name: a port on it starts at once" "$(testpmd_say "port start 1")$(tail -n 20 "$testpmd_log")" \
		'Port 1: 52:54:00:00:00:13'
	tap_ok "$name: links are up again" testpmd_wait 60 "Link status: up" "show port info 0"
	testpmd_close
	tap_is "$name: clean exit" "$testpmd_status" 0
}

modprobe e1000e
give_to_kernel 0000:00:12.0 rxe2
give_to_kernel $slot rxe3
vanish "$1" idle
vanish "$1" traffic --hot-plug
tap_ok "the NICs return to vfio-pci" eval "dmalab-guest restore 0000:00:12.0 && dmalab-guest restore $slot"
tap_done
