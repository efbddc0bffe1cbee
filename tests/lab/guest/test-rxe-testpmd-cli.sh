#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# What a user types at testpmd's prompt, on the two rxe ports: restart, link state and its events,
# MTU, MAC filter, multi-segment Tx, scattered Rx, queues and devices set up anew.
set -u
. tests/lab/guest/testpmd.bash

joined=(-a 0000:00:10.0,peer=0000:00:11.0 -a 0000:00:11.0,peer=0000:00:10.0)

testpmd_open "${joined[@]}" -- --rxq=2 --txq=2 --nb-cores=1 --max-pkt-len=9018 --enable-scatter \
	--mbuf-size=2176 --tx-offloads=0x8000 --rxd=256 --txd=256 --total-num-mbufs=12288
tap_like "link is up" "$(testpmd_say "show port info 0")" "Link status: up"

# Frames of five segments, longer than the path MTU and than three receive buffers.
testpmd_say "set txpkts 2000,1500,1500,64,936" >/dev/null
testpmd_say "start tx_first" >/dev/null
sleep 2
testpmd_say stop >/dev/null
tap_is "multi-segment Tx and scattered Rx: no error" "$(testpmd_say "show port xstats 0" |
	grep -cE '(errors|unmapped_.*|oversize_.*|segments_.*): [1-9]')" 0
tap_is "frames arrive whole" "$(testpmd_average_size 1)" 6000

# The other end stops: link down; starts: link up, and traffic goes on.
testpmd_say "port stop 1" >/dev/null
tap_like "peer stopped: link down" "$(testpmd_say "show port info 0")" "Link status: down"
tap_like "and an event says so" "$(cat "$testpmd_log")" "Port 0: link state change event"
testpmd_say "port start 1" >/dev/null
tap_like "peer started: link up" "$(testpmd_say "show port info 0")" "Link status: up"
testpmd_say "clear port stats all" >/dev/null
testpmd_say "start tx_first" >/dev/null
sleep 1
testpmd_say stop >/dev/null
tap_ok "traffic after a restart" [ "$(testpmd_counter 0 RX-packets)" -gt 500 ]

# The netdev goes down and up.
netdev=$(basename /sys/bus/pci/devices/0000:00:10.0/virtio*/net/*)
events=$(grep -c "Port 0: link state change event" "$testpmd_log")
ip link set "$netdev" down
sleep 1
tap_is "netdev down: an event says so" "$(grep -c "Port 0: link state change event" "$testpmd_log")" $((events + 1))
tap_like "netdev down: link down" "$(testpmd_say "show port info 0")" "Link status: down"
ip link set "$netdev" up
sleep 1
tap_is "netdev up: another one" "$(grep -c "Port 0: link state change event" "$testpmd_log")" $((events + 2))
tap_like "netdev up: link up" "$(testpmd_say "show port info 0")" "Link status: up"

# Destination filter: frames of tx_first go to 02:00:00:00:00:00 from port 0, to :01 from port 1.
testpmd_say "set promisc all off" >/dev/null
testpmd_say "clear port xstats all" >/dev/null
testpmd_say "start tx_first" >/dev/null
sleep 1
testpmd_say stop >/dev/null
tap_like "frames for others are filtered" "$(testpmd_say "show port xstats 0")" \
	'rx_filtered_packets: [1-9]'
testpmd_say "mac_addr set 0 02:00:00:00:00:01" >/dev/null
testpmd_say "mac_addr add 1 02:00:00:00:00:00" >/dev/null
testpmd_say "clear port xstats all" >/dev/null
testpmd_say "start tx_first" >/dev/null
sleep 1
testpmd_say stop >/dev/null
tap_like "own addresses are not" "$(testpmd_say "show port xstats 0")" 'rx_filtered_packets: 0'
testpmd_say "set promisc all on" >/dev/null

# MTU and queue numbers.
tap_like "MTU of a started port is refused" "$(testpmd_say "port config mtu 0 1400")" "Failed|busy|stop"
testpmd_say "port stop all" >/dev/null
testpmd_say "port config mtu 0 1400" >/dev/null
testpmd_say "port config mtu 1 1400" >/dev/null
testpmd_say "port config all rxq 1" >/dev/null
testpmd_say "port config all txq 1" >/dev/null
testpmd_say "port start all" >/dev/null
tap_like "MTU is taken" "$(testpmd_say "show port info 0")" "MTU: 1400"
testpmd_say "clear port xstats all" >/dev/null
testpmd_say "set txpkts 1500" >/dev/null
testpmd_say "start tx_first" >/dev/null
sleep 1
testpmd_say stop >/dev/null
tap_like "what the other end does not take is dropped" "$(testpmd_say "show port xstats 0")" \
	'tx_oversize_packets: [1-9]'

# Hot-plug.
testpmd_say "port stop all" >/dev/null
testpmd_say "port detach 1" >/dev/null
tap_like "detached" "$(cat "$testpmd_log")" "Device is detached|Now total ports is 1|is closed"
testpmd_say "port attach 0000:00:11.0,peer=0000:00:10.0" >/dev/null
testpmd_say "set txpkts 64" >/dev/null
testpmd_say "port start all" >/dev/null
testpmd_say "clear port stats all" >/dev/null
testpmd_say "start tx_first" >/dev/null
sleep 1
testpmd_say stop >/dev/null
tap_ok "traffic after detach and attach" [ "$(testpmd_counter 0 RX-packets)" -gt 500 ]

testpmd_close
tap_is "clean exit" $testpmd_status 0
tap_is "nothing failed on the way" "$(grep -c 'mlx5_ext.*cannot' "$testpmd_log")" 0
tap_done
