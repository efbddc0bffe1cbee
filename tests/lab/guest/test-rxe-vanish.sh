#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# The NIC under a SoftRoCE device goes away, idle and under traffic: its kernel driver is unbound, or its
# PCI function removed. The application has an event for it, and when it has closed the port, the
# kernel, which waits for that, goes on. Then the NIC returns.
# arguments: unbind remove
set -u
. tests/lab/guest/testpmd.bash

slot=0000:00:11.0
ports=(-a 0000:00:10.0,peer=0000:00:11.0 -a 0000:00:11.0,peer=0000:00:10.0)

# take_away unbind|remove: returns when the kernel has finished.
take_away() {
	local path

	case $1 in
	unbind)
		path=$(echo /sys/bus/pci/devices/$slot/virtio*)
		echo "${path##*/}" >/sys/bus/virtio/drivers/virtio_net/unbind
		;;
	remove)
		echo 1 >/sys/bus/pci/devices/$slot/remove
		;;
	esac
}

bring_back() {
	local path

	case $1 in
	unbind)
		path=$(echo /sys/bus/pci/devices/$slot/virtio*)
		echo "${path##*/}" >/sys/bus/virtio/drivers/virtio_net/bind
		;;
	remove)
		echo 1 >/sys/bus/pci/rescan
		;;
	esac
	dmalab-guest rxe 11.0 rxe1
}

logged() {
	grep -q "$1" "$testpmd_log"
}

is_over() {
	! kill -0 "$1" 2>/dev/null
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
	tap_ok "$name: a log line" logged "0000:00:11.0: the kernel has removed the netdev .*: detach the port"
	# Without a command meanwhile: testpmd does that in another thread.
	tap_ok "$name: testpmd closes and detaches the port" prompt_until 300 logged "Now total ports is 1"
	tap_ok "$name: then the kernel goes on" prompt_until 300 is_over $kernel
	wait $kernel
	tap_ok "$name: the other end's link is down" testpmd_wait 300 "Link status: down" "show port info 0"
	tap_ok "$name: the NIC returns" bring_back "$how"
	# Its link-local address may not be usable yet.
	testpmd_do "port attach $slot,peer=0000:00:10.0"
	tap_like "$name: a port on it starts at once" "$(testpmd_say "port start 1")$(tail -n 20 "$testpmd_log")" \
		'Port 1: 52:54:00:00:00:11'
	tap_ok "$name: links are up again" testpmd_wait 60 "Link status: up" "show port info 0"
	testpmd_close
	tap_is "$name: clean exit" "$testpmd_status" 0
}

vanish "$1" idle
vanish "$1" traffic --hot-plug
tap_done
