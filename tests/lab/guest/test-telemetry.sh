#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# What dpdk-telemetry.py shows of two VFIO ports of testpmd that share their mbufs' memory, and of
# a call that was refused.
set -u
. "$(dirname "$0")/testpmd.bash"

need_vfio 0000:00:12.0 0000:00:13.0
command -v dpdk-telemetry.py >/dev/null || { echo "SKIP: no dpdk-telemetry.py"; exit 77; }

ask() { echo "$1" | dpdk-telemetry.py 2>/dev/null | sed -n '/{"\/pci_ext/,$p'; }
# The value at a path of keys of an answer.
value() { python3 -c '
import json, sys
v = json.loads(sys.argv[1])
for key in sys.argv[2:]:
    v = v[key]
print(v)' "$@"; }
is() { # what, expected, found
	[ "$2" = "$3" ] || fail "$1 is $3, not $2"
}

testpmd_start -l 0,1 -a 0000:00:12.0 -a 0000:00:13.0 -d librte_bus_pci_ext.so -- -i \
	--mp-alloc=anon --mbuf-size=8192 --total-num-mbufs=2048 --no-lsc-interrupt
info=$(ask /pci_ext/info)
devices=$(ask /pci_ext/devices)
mappings=$(ask /pci_ext/mappings)
one=$(ask /pci_ext/mappings,0000:00:13.0)
echo "$info"; echo "$devices"; echo "$mappings"; echo "$one"

is "active" 2 "$(value "$info" /pci_ext/info active)"
is "pending" 0 "$(value "$info" /pci_ext/info pending)"
is "calls_refused" "{}" "$(value "$info" /pci_ext/info calls_refused)"
for number in 0 1; do
	is "name" 0000:00:1$((2 + number)).0 "$(value "$devices" /pci_ext/devices $number name)"
	is "backend" vfio "$(value "$devices" /pci_ext/devices $number backend)"
	is "mappings" 1 "$(value "$devices" /pci_ext/devices $number active)"
done
is "total" 2 "$(value "$mappings" /pci_ext/mappings total)"
is "state" active "$(value "$mappings" /pci_ext/mappings 0 state)"
is "iova" "$(value "$mappings" /pci_ext/mappings 0 addr)" \
	"$(value "$mappings" /pci_ext/mappings 1 iova)"
is "total of one device" 1 "$(value "$one" /pci_ext/mappings total)"
is "device" 0000:00:13.0 "$(value "$one" /pci_ext/mappings 0 device)"
testpmd_quit || fail "testpmd ended with $?"
exit 0
