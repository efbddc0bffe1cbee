#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# In the lab: dmamap-demo as an ordinary user whose limit of locked memory is too small for DPDK's own
# memory, then for the memory to map, then for neither. What it advises is what helps.
set -u
. tests/tap.sh

command -v jq >/dev/null || { echo "SKIP: no jq"; exit 77; }
demo=$(command -v dmamap-demo)
log=$(mktemp)
trap 'rm -f "$log"; chmod 600 /dev/vfio/[0-9]*' EXIT
chmod 666 /dev/vfio/[0-9]*

# demo_locking KIB STATUS: maps 16 MiB beside 64 MiB of DPDK's, and has to end with STATUS. Sets json.
demo_locking() {
	json=$(
		ulimit -l "$1"
		exec setpriv --reuid=65534 --regid=65534 --clear-groups env "LD_LIBRARY_PATH=$LD_LIBRARY_PATH" "$demo" \
			-l 0 --no-huge -m 64 --no-telemetry --no-shconf -d librte_bus_pci_ext.so \
			-a 0000:00:12.0 -a 0000:00:13.0 -- --json --packets=100 --size=16M 2>"$log"
	)
	status=$?
	tap_is "limit of $1 KiB: status" $status "$2"
	[ $status = "$2" ] || sed 's/^/# /' "$log"
}

demo_locking 64 1
tap_like "no driver can claim a device" "$(jq -r .error <<<"$json")" \
	'0000:00:12.0 is on vfio-pci, but no driver of DPDK has claimed it: .*ulimit -l'
demo_locking 70000 1
tap_like "the memory cannot be mapped" "$(jq -r .error <<<"$json")" 'no device could map the memory: .*ulimit -l'
tap_is "a line for each device has the limit and its use" \
	"$(grep -c 'RLIMIT_MEMLOCK (ulimit -l) is 71680000 bytes, 67108864 of them used' "$log")" 2
demo_locking 200000 0
tap_is "and with a higher limit" "$(jq '[.devices[].verified] | add' <<<"$json")" 200
tap_done
