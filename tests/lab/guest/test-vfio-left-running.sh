#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# A receiving VFIO port, not stopped when its process ends or its device is removed: its mappings
# stay until the driver has stopped it, so there is no IOMMU fault.
set -u
# shellcheck source=tests/tap.sh
. tests/tap.sh

# run CPU DEVICE HOW: the program on one port, alone.
run() {
	exec timeout -k 10 1800 build/tests/programs/edu/left_running -d librte_bus_pci_ext.so --file-prefix="$3" \
		--lcores=0@"$1" -a "$2" -- "$2" "$3"
}

# left_running HOW: a receiver that leaves its port running.
left_running() {
	local output status=0

	dmesg -C
	output=$(run 0 0000:00:12.0 "$1" 2>&1) || status=$?
	tap_is "$1: clean exit" $status 0
	tap_like "$1: packets arrived" "$output" '[1-9][0-9]{2,} packets'
	tap_is "$1: no IOMMU fault" "$(dmesg | grep -c 'fault addr')" 0
	tap_is "$1: no unmap fails" "$(grep -cE 'on removal|unable to DMA unmap' <<<"$output")" 0
}

run 1 0000:00:13.0 send >/dev/null 2>&1 &
sender=$!
left_running cleanup
left_running remove
status=0
kill $sender
wait $sender || status=$?
tap_is "exit status of the sender" $status 0
tap_done
