#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# The program of doc/quickstart.rst maps memory for a port of either backend; that of an arena which grows,
# for one of each, of which the second is plugged in half-way; that of a file sends its pages by a port of either;
# that of a ring sends what another process writes.
set -u
. tests/tap.sh

for port in "0000:00:10.0 -d librte_net_mlx5_ext.so" 0000:00:12.0; do
	# shellcheck disable=SC2086
	tap_ok "quickstart on $port" build/examples/own_memory/own_memory -l 0 -a $port \
		-d librte_bus_pci_ext.so
done
out=$(build/examples/growing_arena/growing_arena -l 0 -a 0000:00:10.0 -d librte_net_mlx5_ext.so -- 0000:00:12.0 2>&1)
status=$?
[ $status -eq 0 ] || sed 's/^/# /' <<<"$out"
tap_is "growing_arena" $status 0
tap_is "the device that comes has all of it" "$(grep '^port 1' <<<"$out" | tr '\n' ';')" \
	"port 1: 6144 KiB, by vfio;port 1: 8192 KiB, by vfio;"

# send_file NAME ARGUMENT...: 0000:00:ARGUMENT and the next are the ports.
file=$(mktemp)
head -c 100000 /dev/urandom >"$file"
send_file() {
	out=$(build/examples/file_send/file_send -l 0 -d librte_bus_pci_ext.so "${@:3}" -- "$2" "$file" 2>&1)
	status=$?
	[ $status -eq 0 ] || sed 's/^/# /' <<<"$out"
	tap_is "file_send, $1" $status 0
	tap_is "all of the file has arrived, $1" "$(tail -n 1 <<<"$out")" "102400 of 102400 bytes have arrived"
}
send_file rxe 0000:00:10.0 -d librte_net_mlx5_ext.so -a 0000:00:10.0,peer=0000:00:11.0 -a 0000:00:11.0,peer=0000:00:10.0
send_file vfio 0000:00:12.0 -a 0000:00:12.0 -a 0000:00:13.0
rm "$file"

out=$(build/examples/shared_ring/shared_ring -l 0 -d librte_bus_pci_ext.so -d librte_net_mlx5_ext.so \
	-a 0000:00:10.0 -- 1000 2>&1)
status=$?
[ $status -eq 0 ] || sed 's/^/# /' <<<"$out"
tap_is "shared_ring" $status 0
tap_is "all that the other process has written arrives" "$(tail -n 1 <<<"$out")" \
	"1000 of 1000 frames of the other process have arrived"
tap_is "faults of the IOMMU" "$(dmesg | grep -c 'fault addr')" 0
tap_done
