#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# dmamap-demo under valgrind, on the host, with no PCI device: no invalid access, no leak, and the
# verdict that no device could be mapped for.
set -u
. tests/tap.sh

command -v valgrind >/dev/null || { echo "no valgrind"; exit 77; }
export LD_LIBRARY_PATH=build/drivers/bus/pci_ext:build/drivers/net/mlx5_ext
log=$(mktemp -d)
trap 'rm -rf "$log"' EXIT

timeout -k 5 300 valgrind --quiet --leak-check=full --show-leak-kinds=definite \
	--errors-for-leak-kinds=definite --error-exitcode=99 --log-file="$log/valgrind" \
	build/app/dmamap-demo/dmamap-demo --no-pci --no-huge -m 64 --no-shconf -l 0 \
	-d librte_bus_pci_ext.so -d librte_net_mlx5_ext.so --vdev=net_null0 -- --json \
	>"$log/stdout" 2>"$log/stderr" </dev/null
status=$?
tap_is "without a mapping the status is 1, and valgrind reports no error" $status 1
tap_is "no report" "$(cat "$log/valgrind")" ""
tap_is "the same in JSON" "$(jq -r .ok "$log/stdout")" false
[ $status -eq 1 ] || sed 's/^/# /' "$log/stderr"
tap_done
