# SPDX-License-Identifier: BSD-3-Clause
# Two guests as two hosts: each by a dmalab of its own, whose dmalab_host is its number; the segments of both are
# joined by sockets in the folder dmalab_wire.

# hosts_command ARGUMENT...: those of this program. Runs it for each host. Ends the program, with the first status
# that is not 0: the other host is ended then, as it may wait for this one.
hosts_command() {
	local host ended

	boot_began=$SECONDS
	hosts_wire=$(mktemp -d "${TMPDIR:-/tmp}/dmalab.XXXXXX") || die "no temporary folder"
	hosts_running=() # by process
	at_exit hosts_end
	# The kernel takes 107 bytes for a socket.
	[ ${#hosts_wire} -le 100 ] || die "TMPDIR: the path of $hosts_wire is too long for sockets"
	for host in 1 2; do
		dmalab_host=$host dmalab_wire=$hosts_wire "$lab/dmalab" "$@" </dev/null &
		hosts_running[$!]=$host
	done
	result_status=0 result_reason=
	while [ "$result_status" = 0 ] && [ ${#hosts_running[@]} -gt 0 ]; do
		wait -n -p ended "${!hosts_running[@]}" || result_status=$?
		host=${hosts_running[ended]}
		unset "hosts_running[ended]"
	done
	# What the host has said itself.
	[[ $result_status != @(124|125|141) ]] || result_reason="no result of host $host"
	result_write
	exit "$result_status"
}

hosts_end() {
	[ ${#hosts_running[@]} -eq 0 ] || kill "${!hosts_running[@]}" 2>/dev/null
	wait
	rm -rf "$hosts_wire"
}

# hosts_become_one: if this program is for one host. The one for both writes the common result.
hosts_become_one() {
	[ -n "${dmalab_host:-}" ] || return 0
	opt_hosts=1
	[ -z "$opt_out" ] || {
		opt_out+=/$dmalab_host
		mkdir -p "$opt_out" || die "cannot write to $opt_out"
	}
}

# hosts_join SEGMENT: sets hosts_devices, QEMU's arguments that join this number of segment with the other host's.
hosts_join() {
	local path=${dmalab_wire:-} other

	hosts_devices=()
	[ -n "${dmalab_host:-}" ] || return 0
	path=${path//,/,,}/$1 other=$((3 - dmalab_host))
	hosts_devices=(
		-netdev "dgram,id=wire$1,local.type=unix,local.path=$path.$dmalab_host,remote.type=unix,remote.path=$path.$other"
		-netdev "hubport,id=joined$1,hubid=$1,netdev=wire$1"
	)
}
