#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# The IOMMU of a client machine: 39 bits, below the addresses that mmap() gives. The refusal names
# the IOVAs that it accepts, the demo says what to do, and that works.
set -u
. tests/tap.sh

export LAB_TIMEOUT=800 LAB_AW_BITS=39
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

LAB_OUT=$scratch ./run lab -- bash -c '
	set -- -l 0 -d librte_bus_pci_ext.so -a 0000:00:12.0 -a 0000:00:13.0 -- --json --packets=100
	dmamap-demo "$@" >$LAB_OUT/high.json 2>$LAB_OUT/high.log
	echo $? >$LAB_OUT/high.status
	dmamap-demo "$@" --address-bits=39 >$LAB_OUT/low.json 2>$LAB_OUT/low.log
	echo $? >$LAB_OUT/low.status' 2>"$scratch/lab.log"
tap_is "the lab" $? 0
tap_is "mmap()ed addresses: status" "$(cat "$scratch/high.status")" 1
tap_is "mmap()ed addresses: EINVAL" "$(jq -r '.devices[].error | split(":")[0]' "$scratch/high.json" | sort -u)" EINVAL
tap_like "the demo says what to do" "$(jq -r .error "$scratch/high.json")" '--address-bits=39'
tap_is "one line for each refusal" "$(grep -c 'pci_ext/' "$scratch/high.log")" 2
tap_is "it names the IOVAs" \
	"$(grep -c 'the IOMMU accepts IOVAs of 0x0 to 0xfedfffff, 0xfef00000 to 0x7fffffffff:' "$scratch/high.log")" 2
tap_is "addresses below 2^39: status" "$(cat "$scratch/low.status")" 0
tap_is "addresses below 2^39: packets" "$(jq '[.devices[].verified] | add' "$scratch/low.json")" 200
[ $tap_failed -eq 0 ] || sed 's/^/# /' "$scratch"/*.log
tap_done
