#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# The lab's side in the guest, run by init in the merged root: sets up the plan's devices, then runs
# the command. /run/lab is shared with boot.sh: it contains argv (each argument ends with a NUL),
# and gets the status or the failure. The command's output is written to two virtio ports.

top=$(cd "$(dirname "$0")/.." && pwd -P)
shared=/run/lab

# shellcheck source=/dev/null
. "$top/lab/plan.sh"

# Lists of paths, such as LD_PRELOAD, cannot quote: a checkout with a blank or a colon in its path
# is accessed by another path.
plain_path() {
	[[ $top =~ [[:space:]:\;,] ]] || return 0
	mkdir /run/checkout && mount --bind "$top" /run/checkout && top=/run/checkout
}

environment() {
	local build=$top/build

	cd "$top" || return
	export LD_LIBRARY_PATH=$build/drivers/bus/pci_ext:$build/drivers/net/mlx5_ext:$build/tests/programs/edu
	export PATH=$build/app/dmamap-demo:$build/app/dmamap-conformance:$PATH
	export LAB_OUT=/run/out
	ulimit -l unlimited
}

mount_out() {
	mkdir "$LAB_OUT"
	mount -t 9p -o trans=virtio,version=9p2000.L,msize=512000,cache=none out "$LAB_OUT"
}

# Shortly before the time limit: the guest's state, for the console's last lines.
watch_time() {
	local limit

	limit=$(<$shared/limit)
	[ "$limit" -gt 15 ] || return 0
	(
		sleep $((limit - 10))
		echo "lab: $limit s are nearly over"
		busybox ps -o pid,stat,args | grep -v '\[.*\]$'
		echo w >/proc/sysrq-trigger
	) &
}

# The command writes to pipes, not to the ports: a port can be opened only once, and programs expect
# a pipe. The port's driver returns when the host has the data, so nothing is lost at the end.
run_command() {
	local argv out err status

	mapfile -d '' -t argv <$shared/argv
	echo "lab: running: ${argv[*]}"
	mkfifo /run/stdout /run/stderr
	cat /run/stdout >/dev/vport*p1 &
	out=$!
	cat /run/stderr >/dev/vport*p2 &
	err=$!
	(exec -- "${argv[@]}") >/run/stdout 2>/run/stderr
	status=$?
	echo "lab: status $status"
	kill_others $out $err
	wait $out $err
	echo $status >$shared/status
}

# A remaining daemon would keep the pipes open. Kernel threads have no exe.
kill_others() {
	local dir pid

	for dir in /proc/[0-9]*; do
		pid=${dir#/proc/}
		[ -e "$dir/exe" ] || continue
		case " 1 $$ $* " in
		*" $pid "*) ;;
		*) kill -9 "$pid" ;;
		esac
	done
}

# The console of `./run shell` is hvc0; QEMU already adds the carriage return to a newline. The
# user's .bashrc is for another machine: it may be slow here, or change PATH.
run_shell() {
	local rows columns

	export TERM PS1='lab:\w# '
	read -r TERM rows columns <$shared/terminal
	stty rows "$rows" cols "$columns" -onlcr </dev/hvc0
	setsid --ctty --wait /bin/bash --norc -i </dev/hvc0 >/dev/hvc0 2>&1
	echo $? >$shared/status
}

dmesg -n 1
watch_time
if plain_path && environment && mount_out && plan_set_up >$shared/plan.log 2>&1; then
	if [ -e $shared/terminal ]; then
		run_shell
	else
		run_command
	fi
else
	tail -n 5 $shared/plan.log >$shared/failure
fi
