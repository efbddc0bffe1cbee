#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Secondary processes at the ports of a primary one: proc-info sees what it sees, dumpcap
# captures, and bursts of a testpmd are refused. The primary goes on.
set -u
. tests/lab/guest/testpmd.bash

# shellcheck disable=SC2054
ports=(-a 0000:00:10.0,peer=0000:00:11.0 -a 0000:00:11.0,peer=0000:00:10.0)
secondary=(-d librte_bus_pci_ext.so -d librte_net_mlx5_ext.so -a 0000:00:10.0 -a 0000:00:11.0)
scratch=$(mktemp -d)

# info ARGUMENT...: of dpdk-proc-info.
info() {
	timeout -k 5 120 dpdk-proc-info "${secondary[@]}" -- "$@" 2>&1
}

# capture COMMAND...: a program that captures from when it says so until it is interrupted, with
# packets meanwhile.
capture() {
	local pid

	stdbuf -oL "$@" >"$scratch/log" 2>&1 &
	pid=$!
	prompt_until 120 grep -q "Capturing on" "$scratch/log" && testpmd_run 2000
	kill -INT $pid
	wait $pid
}

testpmd_open "${ports[@]}" -- --total-num-mbufs=4096 --rxq=2 --txq=2
tap_ok "primary: packets circulate" testpmd_run 1000
xstats=$(info --xstats)
for name in rx_good_packets tx_good_packets mr_implicit_bytes mr_pinned_bytes tx_q1_packets; do
	tap_is "proc-info: the same $name" "$(grep "^$name: " <<<"$xstats" | xargs)" \
		"$(testpmd_xstats | grep "^$name: " | xargs)"
done
tap_like "proc-info: the port" "$(info --show-port)" 'net_mlx5_ext'
tap_like "proc-info: statistics" "$(info --stats)" 'RX-packets: [1-9]'

# An index in a mempool that processes share names its driver, in the order in which a process has loaded them:
# so the secondary first loads those that the primary is linked with.
drivers=$(readelf -d "$(command -v dpdk-testpmd)" | sed -n 's/.*NEEDED.*\[\(librte_mempool_.*\)\]/\1/p')
export LD_PRELOAD=${drivers//$'\n'/:}:$PWD/build/drivers/net/mlx5_ext/librte_net_mlx5_ext.so
tap_like "dumpcap: the ports" "$(timeout 120 dpdk-dumpcap -D 2>&1)" '0000:00:10\.0.*0000:00:11\.0'
capture dpdk-dumpcap -i 0000:00:10.0 -w "$scratch/capture.pcapng"
tap_like "dumpcap: captures what the primary sends and receives" "$(cat "$scratch/log")" \
	'received/dropped on interface [^:]*:[^ ]* [1-9][0-9]*/'
tap_ok "dumpcap: packets are in its file" [ "$(stat -c %s "$scratch/capture.pcapng")" -gt 6400 ]
unset LD_PRELOAD

# A secondary process that sends: its bursts return 0.
echo "start tx_first
stop
quit" | timeout -k 5 120 dpdk-testpmd --proc-type=secondary "${secondary[@]}" -l 0,1 -- -i --num-procs=2 \
	--proc-id=1 >"$scratch/log" 2>&1
tap_like "a secondary testpmd is told why it cannot send" "$(cat "$scratch/log")" \
	'a secondary process can neither send nor receive'
tap_ok "primary: packets circulate as before" testpmd_run 1000
testpmd_close
tap_is "primary: its exit status" $testpmd_status 0
rm -rf "$scratch"
tap_done
