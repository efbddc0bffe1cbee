#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# examples.sh SOURCE [NAME...]: builds DPDK's own examples against the installed DPDK, from a source of
# its release, and starts each of those that need two ports of any NIC: on net_null, and on two
# mlx5_ext ports of the software HCA, by each of its wires. What starts on net_null must start there.
# TAP; on demand, as it takes minutes. doc/examples.rst has the result.

# shellcheck source=tests/tap.sh
. tests/tap.sh

source=$(realpath "${1:?where is a source of DPDK?}")
shift
[ -d "$source/examples" ] || {
	echo "examples.sh: $source has no examples" >&2
	exit 2
}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
log=$scratch/log
plugins=(-d librte_bus_pci_ext.so -d librte_net_mlx5_ext.so)
config='(0,0,0),(1,0,1)'

# NAME | FOLDER if it is another one | arguments of EAL | its own | a line that it prints when it runs
table="
skeleton | | -l 0 | | Core 0 forwarding packets
rxtx_callbacks | | -l 0 | | Core 0 forwarding packets
flow_classify | | -l 0 | --rule_ipv4=$source/examples/flow_classify/ipv4_rules_file.txt | Core 0 forwarding packets
l2fwd | | -l 0,1 | -p 3 | entering main loop
l2fwd-event | | -l 0,1 | -p 3 --mode=poll | entering main loop
l2fwd-jobstats | | -l 0,1 | -p 3 | entering main loop
l2fwd-keepalive | | -l 0,1 | -p 3 | entering main loop
l3fwd | | -l 0,1 | -p 3 --config=$config --parse-ptype | entering main loop
l3fwd-graph | | -l 0,1 | -p 3 --config=(0,0,1),(1,0,1) | Entering main loop|entering main loop
l3fwd-power | | -l 0,1 | -p 3 --config=$config --parse-ptype --interrupt-only | entering main interrupt loop
link_status_interrupt | | -l 0,1 | -p 3 | entering main loop
ip_fragmentation | | -l 0,1 | -p 3 | entering main loop
ip_reassembly | | -l 0,1 | -p 3 | entering main loop
ipv4_multicast | | -l 0,1 | -p 3 | entering main loop
packet_ordering | | --lcores=(0-2)@0 | -p 3 | entering|REORDERAPP: .*loop
distributor | | --lcores=(0-5)@0 | -p 3 | doing packet (RX|TX|distribut)|acting as worker
dma | | -l 0,1 | -p 3 -c sw -q 1 | entering main (rx|tx|loop)|started
qos_meter | | -l 0 | -p 3 | Core 0 .*loop|entering main loop|forwarding
qos_sched | | --lcores=(0-3)@0 | --pfc 0,1,2,3 --cfg $source/examples/qos_sched/profile.cfg | entering main loop|rx on lcore|Lcore
ethtool | ethtool/ethtool-app | -l 0,1 | | EthApp>
symmetric_mp | multi_process/symmetric_mp | -l 0 | -p 3 --num-procs=1 --proc-id=0 | Lcore 0 using ports
mp_server | multi_process/client_server_mp/mp_server | -l 0,1 | -p 3 -n 1 | Process 0|READY|stats
efd_server | server_node_efd/efd_server | -l 0,1 | -p 3 -n 1 -f 1000 | READY|EFD|Packets
"

# build NAME FOLDER: prints the program.
build() {
	local folder=$scratch/examples/$2 program

	rm -f "$scratch/make"
	[ -d "$scratch/examples" ] || cp -r "$source/examples" "$scratch/"
	[ -d "$folder" ] || return
	make -C "$folder" shared >"$scratch/make" 2>&1 || return
	program=$(find "$folder/build" -type f -name '*-shared' | head -n 1)
	echo "$program"
}

# starts PATTERN COMMAND...: true if the program prints the line, within two minutes. Ends it then.
starts() {
	local pattern=$1 pid started=1 end=$((SECONDS + 120))

	shift
	: >"$log"
	"$@" >"$log" 2>&1 < <(sleep 300) &
	pid=$!
	while [ $SECONDS -lt $end ]; do
		! grep -qE -- "$pattern" "$log" || {
			started=0
			break
		}
		kill -0 $pid 2>/dev/null || break
		sleep 0.2
	done
	kill -KILL $pid 2>/dev/null
	wait $pid 2>/dev/null
	return $started
}

# run_on PATTERN PORTS PROGRAM "EAL ARGUMENTS" "ARGUMENTS": PORTS: null, or a wire.
run_on() {
	local command=(stdbuf -oL "$3") devices

	# shellcheck disable=SC2206
	command+=($4 --no-huge -m 512 --no-telemetry --no-shconf)
	if [ "$2" = null ]; then
		devices=(--no-pci --vdev net_null0 --vdev net_null1)
	else
		devices=("${plugins[@]}" -a "0000:aa:00.0,driver=mlx5_ext,wire=$2" -a "0000:aa:00.1,driver=mlx5_ext,wire=$2")
	fi
	# shellcheck disable=SC2086
	starts "$1" softhca/soft --ports 2 --cross -- "${command[@]}" "${devices[@]}" -- $5
}

while IFS='|' read -r name folder eal own pattern; do
	name=${name% } folder=${folder// /} pattern=${pattern# }
	[ -n "$name" ] || continue
	[ $# -eq 0 ] || [[ " $* " == *" $name "* ]] || continue
	program=$(build "$name" "${folder:-$name}")
	if [ -z "$program" ]; then
		tap_skip "$name" "not in this release, or it does not build"
		[ ! -s "$scratch/make" ] || tail -n 3 "$scratch/make" | sed 's/^/# /'
		continue
	fi
	null=no
	! run_on "$pattern" null "$program" "$eal" "$own" || null=yes
	for wire in dv raw; do
		if run_on "$pattern" $wire "$program" "$eal" "$own"; then
			tap_result "$name starts on wire=$wire, on net_null: $null" yes
		elif [ $null = no ]; then
			tap_skip "$name" "neither on wire=$wire nor on net_null: $(tail -n 1 "$log" | tr -cd '[:print:]')"
		else
			tap_result "$name starts on wire=$wire" no "$(tail -n 8 "$log")"
		fi
	done
done <<<"$table"
tap_done
