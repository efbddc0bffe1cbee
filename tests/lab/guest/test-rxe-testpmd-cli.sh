#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Commands of testpmd's prompt on the two rxe ports: restart, link state and its events, MTU, MAC
# filter, multi-segment Tx, scattered Rx, set-up of queues and devices.
set -u
. tests/lab/guest/testpmd.bash

joined=(-a 0000:00:10.0,peer=0000:00:11.0 -a 0000:00:11.0,peer=0000:00:10.0)

# events COUNT: port 0 has had so many.
events() {
	[ "$(grep -c "Port 0: link state change event" "$testpmd_log")" = "$1" ]
}

testpmd_open "${joined[@]}" -- --rxq=2 --txq=2 --nb-cores=1 --max-pkt-len=9018 --enable-scatter \
	--mbuf-size=2176 --tx-offloads=0x8000 --rxd=256 --txd=256 --total-num-mbufs=12288
tap_like "link is up" "$(testpmd_say "show port info 0")" "Link status: up"

# Frames of five segments, longer than the path MTU and than three receive buffers.
testpmd_do "set txpkts 2000,1500,1500,64,936"
tap_ok "multi-segment Tx and scattered Rx" testpmd_run 1000
tap_is "multi-segment Tx and scattered Rx: no error" "$(testpmd_say "show port xstats 0" |
	grep -E '(errors|unmapped_.*|oversize_.*|segments_.*): [1-9]' | xargs)" ""
tap_is "frames arrive whole" "$(testpmd_average_size 1)" 6000

# The other end stops: link down; starts: link up, and traffic continues.
testpmd_do "port stop 1"
tap_like "peer stopped: link down" "$(testpmd_say "show port info 0")" "Link status: down"
tap_ok "with an event" prompt_until 300 grep -q "Port 0: link state change event" "$testpmd_log"
testpmd_do "port start 1"
tap_like "peer started: link up" "$(testpmd_say "show port info 0")" "Link status: up"
tap_ok "traffic after a restart" testpmd_run 1000

# The netdev goes down and up.
netdev=$(basename /sys/bus/pci/devices/0000:00:10.0/virtio*/net/*)
# Each stop and start before has had its event.
before=$(grep -c "Port 0: link state change event" "$testpmd_log")
ip link set "$netdev" down
tap_ok "netdev down: an event" prompt_until 300 events $((before + 1))
tap_like "netdev down: link down" "$(testpmd_say "show port info 0")" "Link status: down"
ip link set "$netdev" up
tap_ok "netdev up: another event" prompt_until 300 events $((before + 2))
tap_like "netdev up: link up" "$(testpmd_say "show port info 0")" "Link status: up"
# The kernel sends again after duplicate address detection: packets until then are lost.
testpmd_do "set txpkts 64" "set fwd flowgen"
tap_ok "netdev up: packets circulate again" testpmd_run 1000 start
testpmd_do "set fwd io"

# Destination filter: frames of tx_first go to 02:00:00:00:00:00 from port 0, to :01 from port 1.
testpmd_do "set promisc all off" "clear port xstats all" "start tx_first"
tap_ok "frames for others are filtered" testpmd_wait 300 'rx_filtered_packets: [1-9]' "show port xstats 0"
testpmd_do stop "mac_addr set 0 02:00:00:00:00:01" "mac_addr add 1 02:00:00:00:00:00" \
	"clear port xstats all"
tap_ok "frames to own addresses are not" testpmd_run 1000
tap_like "not one of them" "$(testpmd_say "show port xstats 0")" 'rx_filtered_packets: 0'
testpmd_do "set promisc all on"

# MTU and queue numbers.
tap_like "MTU of a started port cannot be changed" "$(testpmd_say "port config mtu 0 1400")" "Failed|busy|stop"
testpmd_do "port stop all" "port config mtu 0 1400" "port config mtu 1 1400" \
	"port config all rxq 1" "port config all txq 1" "port start all"
tap_like "MTU is changed" "$(testpmd_say "show port info 0")" "MTU: 1400"
testpmd_do "clear port xstats all" "set txpkts 1500" "start tx_first" stop
tap_like "frames longer than the other end's MTU are dropped" "$(testpmd_say "show port xstats 0")" \
	'tx_oversize_packets: [1-9]'

# Hot-plug.
testpmd_do "port stop all" "port detach 1"
tap_like "detached" "$(cat "$testpmd_log")" "Device is detached|Now total ports is 1|is closed"
testpmd_do "port attach 0000:00:11.0,peer=0000:00:10.0" "set txpkts 64" "port start all"
tap_ok "traffic after detach and attach" testpmd_run 1000

testpmd_close
tap_is "clean exit" $testpmd_status 0
tap_is "no errors in the log" "$(grep -c 'mlx5_ext.*cannot' "$testpmd_log")" 0
tap_done
