# SPDX-License-Identifier: BSD-3-Clause
# Sourced by the tests beside it: an interactive testpmd that is waited for, not slept for, since a
# guest without KVM on a busy machine takes its time.
#
#   testpmd_start ARGS...   start it; its output goes to $testpmd_log
#   testpmd_say CMD         give it a command
#   testpmd_wait SECONDS PATTERN   until its output since the last command matches
#   testpmd_forward         send; returns when packets circulate; sets $packets
#   testpmd_quit            stop it; returns its exit status

testpmd_log=$(mktemp)
testpmd_in=$(mktemp -u)
trap 'rm -f "$testpmd_log" "$testpmd_in"' EXIT
testpmd_seen=1

fail() {
	echo "FAIL: $*"
	[ -s "$testpmd_log" ] && tail -n 30 "$testpmd_log"
	[ -n "${testpmd_pid:-}" ] && kill "$testpmd_pid" 2>/dev/null
	exit 1
}

testpmd_start() {
	rm -f "$testpmd_in"
	mkfifo "$testpmd_in"
	stdbuf -oL dpdk-testpmd "$@" <"$testpmd_in" >"$testpmd_log" 2>&1 &
	testpmd_pid=$!
	exec {testpmd_fd}>"$testpmd_in"
	testpmd_seen=1
	testpmd_wait 60 'testpmd>'
}

testpmd_say() {
	testpmd_seen=$(($(wc -c <"$testpmd_log") + 1))
	echo "$*" >&"$testpmd_fd"
}

testpmd_wait() {
	local end=$((SECONDS + $1))
	until tail -c +"$testpmd_seen" "$testpmd_log" | grep -q -- "$2"; do
		kill -0 "$testpmd_pid" 2>/dev/null || fail "testpmd ended, waiting for: $2"
		[ $SECONDS -lt $end ] || fail "testpmd: waited $1 s for: $2"
		sleep 0.2
	done
}

testpmd_ask() {
	testpmd_say "$1"
	testpmd_wait 30 "$2"
}

testpmd_forward() {
	local end=$((SECONDS + 60))
	packets=0
	until tail -c +"$testpmd_seen" "$testpmd_log" | grep -q 'Link status: up'; do
		testpmd_ask 'show port info 0' 'Link status:'
		[ $SECONDS -lt $end ] || fail "the link stays down"
		sleep 0.5
	done
	testpmd_say 'start tx_first'
	sleep 3
	testpmd_ask 'show port stats 0' 'TX-packets'
	packets=$(tail -c +"$testpmd_seen" "$testpmd_log" | sed -n 's/.*RX-packets: \([0-9]*\).*/\1/p')
	testpmd_ask 'stop' 'Done'
}

testpmd_quit() {
	echo quit >&"$testpmd_fd"
	exec {testpmd_fd}>&-
	wait "$testpmd_pid"
}

need_vfio() {
	local dev driver
	for dev; do
		driver=$(basename "$(readlink -f "/sys/bus/pci/devices/$dev/driver")")
		[ "$driver" = vfio-pci ] || { echo "SKIP: $dev is not on vfio-pci"; exit 77; }
	done
}

count_faults() { dmesg | grep -c "fault addr"; }
