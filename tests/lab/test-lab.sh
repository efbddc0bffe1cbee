#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# ./run lab: the command's status, arguments and output pass through unchanged, and every failure in
# the guest is bounded and reported.

. tests/tap.sh

# The limit is for hangs: on a busy machine a boot alone has taken 100 s.
export LAB_TIMEOUT=800
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# lab ARGUMENT...: sets stdout, stderr and status.
lab() {
	status=0
	./run lab "$@" >"$scratch/stdout" 2>"$scratch/stderr" || status=$?
	stdout=$(<"$scratch/stdout")
	stderr=$(<"$scratch/stderr")
	# A console line that is cut off in the middle is one whole line here.
	sed "s/^/# $1: /" <<<"$stderr"
}

test_command() {
	local args=('' 'a b' "it's" '"$HOME" `id` \' $'two\nlines' '*' '--' $'\xff')

	mkdir "$scratch/out"
	# The command leaves a process behind that keeps its stdout open.
	LAB_OUT=$scratch/out lab -- bash -c '
		sleep 1000 &
		printf "<%s>" "$@"
		pwd >/dev/stderr
		echo kept >"$LAB_OUT/file"
		echo gone >gone
		exit 7' bash "${args[@]}"
	tap_is "the status is the command's" $status 7
	tap_is "stdout is only the command's, arguments pass exactly" "$stdout" \
		"$(printf '<%s>' "${args[@]}")"
	tap_is "stderr is the command's, which runs in the checkout" "$stderr" "$PWD"
	tap_is "files in LAB_OUT are kept" "$(cat "$scratch/out/file")" kept
	tap_ok "other files are not" test ! -e gone
}

test_output() {
	lab -- bash -c 'seq 200000; kill -9 $$'
	tap_is "a signal gives 128 and its number" $status 137
	tap_is "long output is complete" "$(md5sum <"$scratch/stdout")" "$(seq 200000 | md5sum)"
}

test_not_found() {
	lab nosuch-command
	tap_is "a missing command gives 127" $status 127
}

test_hang() {
	LAB_TIMEOUT=12 lab sleep 1000
	tap_is "a hang ends with 124" $status 124
	tap_like "a hang is reported" "$stderr" 'not done after 12 s'
}

test_panic() {
	lab -- bash -c 'echo started; echo c >/proc/sysrq-trigger'
	tap_is "a kernel panic ends with 125" $status 125
	tap_is "output from before it is kept" "$stdout" started
	tap_like "the console is shown" "$stderr" 'Kernel panic.*sysrq'
}

test_plan_fails() {
	LAB_APPEND=module_blacklist=rdma_rxe lab true
	tap_is "a device that cannot be set up ends with 125" $status 125
	tap_like "the device is named" "$stderr" 'rdma_rxe'
}

# processes MARK [WORD]: number of processes with both in their command line. The brackets exclude grep
# itself.
processes() {
	grep -la "[m]${1#m}" /proc/[0-9]*/cmdline 2>/dev/null | xargs -r grep -la "${2:-.}" 2>/dev/null | wc -l
}

test_interrupt() {
	local mark=mark=$$.$RANDOM pid

	LAB_APPEND=$mark ./run lab sleep 1000 2>/dev/null &
	pid=$!
	for _ in {1..300}; do
		[ "$(processes "$mark" qemu-system)" -lt 2 ] || break
		sleep 0.2
	done
	tap_is "QEMU and its time limit run" "$(processes "$mark" qemu-system)" 2
	kill -TERM $pid
	wait $pid
	tap_is "SIGTERM ends with 143" $? 143
	# Subshells of dmalab that have been killed may be a moment behind it.
	for _ in {1..300}; do
		[ "$(processes "$mark")" != 0 ] || break
		sleep 0.2
	done
	tap_is "they are gone" "$(processes "$mark")" 0
}

test_command
test_output
test_not_found
test_hang
test_panic
test_plan_fails
test_interrupt
tap_done
