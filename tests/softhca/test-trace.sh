#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# The trace points of mlx5_ext, read by babeltrace: each map, each unmap and a recovery. babeltrace2 2.1 aborts on
# what DPDK writes.
set -u
. tests/tap.sh

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
a=0000:aa:00.0

# soak [EAL ARGUMENT...] -- [ARGUMENT...]
soak() {
	SOFTHCA_FAULTS=tx_error@1000 softhca/soft -- soak -l 0 --log-level=eal:4 --no-huge \
		-m 128 --no-telemetry --no-shconf -d librte_bus_pci_ext.so -d librte_net_mlx5_ext.so \
		-a "$a,driver=mlx5_ext" "$@" 2>"$dir/log"
}

# events NAME [PATTERN]: number of events.
events() {
	grep "pmd.net.mlx5_ext.$1:" "$dir/text" | grep -c -- "${2:-}"
}

result=$(soak "--trace=pmd.net.mlx5_ext.*" --trace-dir="$dir" -- --port $a --packets 3000 --seconds 60 \
	--churn $a --rate 100)
tap_is "traced traffic" $? 0
pairs=$(jq .soak.churn.pairs <<<"$result")
babeltrace "$dir"/rte-* >"$dir/text" 2>&1
tap_is "babeltrace reads it" $? 0
# soak's own memory is one more mapping.
tap_is "each map is recorded" "$(events map)" $((pairs + 1))
tap_is "each unmap is recorded" "$(events unmap)" $((pairs + 1))
tap_is "the fields of a map" "$(events map "device = \"$a\", addr = 0x[0-9A-F]*, iova = 0x[0-9A-F]*, len = 0x1000, result = 0, references = 0x1 }")" \
	"$pairs"
tap_is "the fields of an unmap" "$(events unmap 'len = 0x1000, result = 0, references = 0x0 }')" "$pairs"
tap_is "one recovery" "$(events recover)" 1
tap_is "the fields of a recovery" "$(events recover 'port = 0x0, queue = 0x0, result = 0, duration = 0x[1-9A-F][0-9A-F]* }')" 1
grep recover: "$dir/text" | sed 's/^/# /'

mkdir "$dir/none"
soak --trace-dir="$dir/none" -- --port $a --packets 100 --seconds 60 >/dev/null
tap_is "without --trace there is none" "$(ls "$dir/none")" ""
tap_done
