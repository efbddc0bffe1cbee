#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# In the lab: siw replaces rxe, moves data between the two devices, and rxe is restored.
set -u
. tests/tap.sh

# wire_bytes: received by the function 10.0.
wire_bytes() {
	cat /sys/bus/pci/devices/0000:00:10.0/virtio*/net/*/statistics/rx_bytes
}

# 50 messages of 4000 bytes in both directions, each verified. The client's scope is its own netdev,
# so that they use the wire.
ping_siw() {
	local before server

	before=$(wire_bytes)
	rdma link show
	timeout 120 rping -s -V -C 50 -S 4000 -a "$siw_address_0%eth0" -p 7174 &
	server=$!
	until rdma resource show cm_id | grep -q LISTEN; do
		kill -0 $server || break
		sleep 0.1
	done
	timeout 120 rping -c -V -C 50 -S 4000 -a "$siw_address_0%eth1" -I "$siw_address_1%eth1" -p 7174
	echo "client $?"
	wait $server
	echo "server $?"
	echo "bytes $(($(wire_bytes) - before))"
}

export -f wire_bytes ping_siw
before=$(rdma link show)
output=$(tests/lab/guest/siw bash -c 'ping_siw; exit 7' 2>&1)
tap_is "the status is the command's" $? 7
for siw in "siw0/1 .*netdev eth0" "siw1/1 .*netdev eth1"; do
	tap_like "$siw exists" "$output" "$siw"
done
tap_ok "rxe is absent meanwhile" [ "${output/rxe/}" = "$output" ]
tap_like "the client of rping succeeds" "$output" "client 0"
tap_like "and its server" "$output" "server 0"
bytes=$(sed -n 's/^bytes //p' <<<"$output")
tap_ok "the data used the wire: ${bytes:-none}" [ "${bytes:-0}" -gt 200000 ]
tap_is "rxe is restored" "$(rdma link show)" "$before"
tap_done
