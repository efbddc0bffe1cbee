#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# The output of dpdk-telemetry.py for two VFIO ports of testpmd that share their mbufs' memory.
set -u
. tests/lab/guest/testpmd.bash

# ask COMMAND FILTER: of the answer.
ask() {
	echo "$1" | dpdk-telemetry.py 2>/dev/null | sed -n '/{"\/pci_ext/,$p' | jq -c ".[] | $2"
}

testpmd_open -a 0000:00:12.0 -a 0000:00:13.0 -- \
	--mp-alloc=anon --mbuf-size=8192 --total-num-mbufs=2048 --no-lsc-interrupt

tap_is "info: two active mappings, none pending, none refused" \
	"$(ask /pci_ext/info '[.active, .pending, .calls_refused]')" '[2,0,{}]'
tap_is "devices: each by VFIO, with one mapping" \
	"$(ask /pci_ext/devices '[."0", ."1" | [.name, .backend, .active]]')" \
	'[["0000:00:12.0","vfio",1],["0000:00:13.0","vfio",1]]'
tap_is "mappings: total" "$(ask /pci_ext/mappings .total)" 2
tap_is "mappings: state" "$(ask /pci_ext/mappings '."0".state')" '"active"'
tap_is "mappings: the iova is the address" "$(ask /pci_ext/mappings '."0".iova == ."0".addr')" true
tap_is "mappings: of one device" "$(ask /pci_ext/mappings,0000:00:13.0 '[.total, ."0".device]')" \
	'[1,"0000:00:13.0"]'

testpmd_close
tap_is "clean exit" "$testpmd_status" 0
tap_done
