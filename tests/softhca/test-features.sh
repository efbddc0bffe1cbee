#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# doc/features/mlx5_ext.ini says what dpdk-testpmd shows of a port: what it claims works, and what
# works is claimed. The widest wire, dv, on a port in loopback.

# shellcheck source=tests/softhca/testpmd.bash
. tests/softhca/testpmd.bash

ini=doc/features/mlx5_ext.ini
eal=(-d librte_bus_pci_ext.so -d librte_net_mlx5_ext.so)
devargs=driver=mlx5_ext,wire=dv
key=$(printf '%080d' 0 | tr 0 a)

# FEATURE | COMMANDS | what their output matches if the port has the feature. In this order, on one
# port: a feature that is switched off is switched on again.
probes="
Link status | show port info 0 | ^Link status: up
Link status event | set link-down port 0; set link-up port 0 | link state change event
Fast mbuf free | show port 0 tx_offload capabilities | MBUF_FAST_FREE
TSO | show port 0 tx_offload capabilities | TCP_TSO
Free Tx mbuf on demand | port cleanup 0 txq 0 32 | ^Cleanup port 0 Tx queue 0
Queue start/stop | port 0 rxq 1 stop; show rxq info 0 1; port 0 rxq 1 start; port 0 txq 1 stop; port 0 txq 1 start; show txq info 0 1 | queue state: stopped
Runtime Rx queue setup | show port info 0 | RUNTIME_RX_QUEUE_SETUP
Runtime Tx queue setup | show port info 0 | RUNTIME_TX_QUEUE_SETUP
Shared Rx queue | show port info 0 | RXQ_SHARE
Burst mode info | show rxq info 0 0; show txq info 0 0 | ^Burst mode: [^ ]
Buffer split on Rx | show port 0 rx_offload capabilities | BUFFER_SPLIT
Scattered Rx | show port 0 rx_offload capabilities | SCATTER
LRO | show port 0 rx_offload capabilities | TCP_LRO
CRC offload | show port 0 rx_offload capabilities | KEEP_CRC
Timestamp offload | show port 0 rx_offload capabilities | TIMESTAMP
MACsec offload | show port 0 rx_offload capabilities | MACSEC
Inline crypto | show port 0 rx_offload capabilities | SECURITY
VLAN offload | show port 0 rx_offload capabilities | VLAN_STRIP
VLAN filter | show port 0 rx_offload capabilities | VLAN_FILTER
QinQ offload | show port 0 rx_offload capabilities | QINQ_STRIP
L3 checksum offload | show port 0 rx_offload capabilities; show port 0 tx_offload capabilities | IPV4_CKSUM
L4 checksum offload | show port 0 rx_offload capabilities; show port 0 tx_offload capabilities | UDP_CKSUM
Inner L3 checksum | show port 0 rx_offload capabilities; show port 0 tx_offload capabilities | OUTER_IPV4_CKSUM
Inner L4 checksum | show port 0 rx_offload capabilities; show port 0 tx_offload capabilities | OUTER_UDP_CKSUM
RSS hash | show port info 0 | ^Supported RSS offload flow types
RSS key update | port config 0 rss-hash-key ipv4 $key; show port 0 rss-hash key | ^A{80}
RSS reta update | port config 0 rss reta (0,1),(1,1); show port 0 rss reta 128 (0x3,0x0) | hash index=0, queue=1
Packet type parsing | show port 0 ptypes | L3_IPV4
Promiscuous mode | set promisc 0 off; show port info 0; set promisc 0 on | ^Promiscuous mode: disabled
Allmulticast mode | set allmulti 0 on; show port info 0; set allmulti 0 off | ^Allmulticast mode: enabled
Unicast MAC filter | mac_addr add 0 02:00:00:00:0A:01; show port 0 macs | 02:00:00:00:0A:01
Multicast MAC filter | mcast_addr add 0 01:00:5E:00:0A:01; show port 0 mcast_macs | 01:00:5E:00:0A:01
VMDq | show port info 0 | ^Maximum number of VMDq pools
SR-IOV | show port info 0 | ^Maximum number of VFs
Flow control | show port 0 flow_ctrl | Flow control infos
Rate limitation | set port 0 queue 0 rate 100 | ^\$
FEC | show port 0 fec capabilities | FEC|fec:
EEPROM dump | show port 0 eeprom | ^Finish -- Port: 0 EEPROM
Module EEPROM dump | show port 0 module_eeprom | ^Finish -- Port: 0 MODULE EEPROM
FW version | show port info 0 | ^Firmware-version: [0-9]
Rx descriptor status | show port 0 rxq 0 desc 0 status | ^Desc status = (AVAILABLE|DONE)
Tx descriptor status | show port 0 txq 0 desc 0 status | ^Desc status = (DONE|FULL)
Basic stats | show port stats 0 | RX-packets: [1-9]
Extended stats | show port xstats 0 | ^mr_implicit_bytes: [1-9]
Stats per queue | show port xstats 0 | ^rx_q1_packets: [0-9]
MTU update | port stop 0; port config mtu 0 1400; show port info 0; port start 0 | ^MTU: 1400
"

# Claims that testpmd cannot show, and the tests that do.
declare -A elsewhere=(
	[Removal event]="tests/lab/guest/test-rxe-removal.sh"
	[Rx interrupt]="tests/programs/sleeper"
	[Multiprocess aware]="tests/lab/guest/test-rxe-secondary.sh"
	[Linux]="all"
	[x86-64]="all"
	[Usage doc]="doc/mlx5_ext.rst"
)

# claimed FEATURE: yes or no.
claimed() {
	if grep -qE "^$1 += [YP]$" "$ini"; then echo yes; else echo no; fi
}

# Each probe's output is behind its mark, an unknown command.
commands=$'start tx_first 4\nwait\nstop\n' n=0
while IFS='|' read -r _ these _; do
	[ -n "$these" ] || continue
	n=$((n + 1))
	commands+="mark-$n-"$'\n'${these//;/$'\n'}$'\n'
done <<<"$probes"
run SOFTHCA_CHECK=0 1 "" "${commands}mark-$((n + 1))-"$'\nquit' --rxq=2 --txq=2
tap_is "testpmd's exit status" $status 0

# shown N: the output of the n-th probe, without the commands.
shown() {
	sed -n "/^testpmd> mark-$1-/,/^testpmd> mark-$(($1 + 1))-/p" "$log" |
		grep -vE 'mark-[0-9]*-|^Command not found|^testpmd> *[a-z]'
}

n=0
while IFS='|' read -r feature these pattern; do
	[ -n "$these" ] || continue
	n=$((n + 1))
	feature=${feature% } pattern=${pattern# } works=no
	! shown $n | grep -qE -- "$pattern" || works=yes
	tap_is "$feature" "works: $works" "works: $(claimed "$feature")"
	[ "$works" = "$(claimed "$feature")" ] || shown $n | head -n 20 | sed 's/^/# /'
done <<<"$probes"

while IFS='=' read -r feature claim; do
	feature=${feature%% *([ ])} claim=${claim# }
	[[ $claim = [YP] ]] || continue
	while [[ $feature = *' ' ]]; do feature=${feature% }; done
	[ -n "${elsewhere[$feature]:-}" ] || grep -q "^$feature | " <<<"$probes" ||
		tap_result "$feature: is claimed, and probed" no
done <"$ini"
tap_done
