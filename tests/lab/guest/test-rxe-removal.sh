#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# A device that dies under traffic: the application gets an event, bursts return 0, and the port can
# be stopped, closed and detached, without leaks. The preloaded library simulates the death.
set -u
. tests/lab/guest/testpmd.bash

faults=$PWD/build/tests/programs/faults/libverbs_faults.so

# removal HOW: sets result, its output.
removal() {
	# mlx4's PMD would initialize libibverbs before it.
	result=$(VERBS_FAULT_FATAL=3000 LD_PRELOAD=$faults timeout 1800 tests/lab/few-pmds build/tests/programs/removal/removal -l 0 \
		--log-level=eal:4 -d librte_bus_pci_ext.so -d librte_net_mlx5_ext.so -a 0000:00:10.0 \
		-- 0000:00:10.0 "$1" 3000 2>"$testpmd_log")
	tap_is "removal $1" $? 0
	[ -n "$result" ] || sed 's/^/# /' "$testpmd_log"
	echo "# $result"
}

# all NAME EXPRESSION: jq finds it true.
all() {
	tap_is "$1" "$(jq ".removal | $2" <<<"$result")" true
}

for how in callback main; do
	removal $how
	all "$how: one event" '.events == 1'
	tap_like "$how: with a log line" "$(grep mlx5_ext "$testpmd_log")" 'rxe0 is dead: detach the port'
	all "$how: stopped, closed, detached" '.stop == 0 and .close == 0 and .detach == 0'
	all "$how: no mbuf is lost, nothing stays pinned" '.mbufs_lost == 0 and .pinned_kb == 0'
	all "$how: no descriptor stays open" '.descriptors_before >= 2 and .descriptors == 0'
done
all "dead: bursts do nothing, and the link is down" '.tx == 0 and .rx == 0 and .link == 0'
all "dead: ethdev knows" '.is_removed == 1'
all "dead: it cannot be started" '.restart == -5'
all "dead: memory can be unmapped" '.unmap == 0'
all "dead: nobody spins" '.idle.cpu_ms < .idle.ms * 0.5'

export LD_PRELOAD=$faults VERBS_FAULT_FATAL=3000
testpmd_open -a 0000:00:10.0,peer=0000:00:11.0 -a 0000:00:11.0,peer=0000:00:10.0 -- --total-num-mbufs=4096
unset LD_PRELOAD
testpmd_do "start tx_first"
tap_ok "testpmd: the port is closed and detached" testpmd_wait 300 "available ports: 1" \
	"show port summary all"
tap_like "testpmd: by the event" "$(cat "$testpmd_log")" 'device removal event'
testpmd_close
tap_is "testpmd: clean exit" $testpmd_status 0
tap_done
