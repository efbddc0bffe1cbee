# SPDX-License-Identifier: BSD-3-Clause
# Two guests as two hosts: each by a dmalab of its own, whose dmalab_host is its number; the segments of both are
# joined by sockets in the folder dmalab_wire.

# hosts_command ARGUMENT...: those of this program. Runs it for each host. Ends the program, with the first status
# that is not 0: the other host is ended then, as it may wait for this one.
hosts_command() {
	local host

	hosts_wire=$(mktemp -d "${TMPDIR:-/tmp}/dmalab.XXXXXX") || die "no temporary folder"
	hosts_running=()
	at_exit hosts_end
	for host in 1 2; do
		dmalab_host=$host dmalab_wire=$hosts_wire "$lab/dmalab" "$@" </dev/null &
		hosts_running+=($!)
	done
	result_status=0 result_reason=
	for host in 1 2; do
		[ "$result_status" != 0 ] || wait -n || result_status=$?
	done
	result_write
	exit "$result_status"
}

hosts_end() {
	kill "${hosts_running[@]}" 2>/dev/null
	wait
	rm -rf "$hosts_wire"
}

# hosts_become_one: if this program is for one host. The first writes the common result.
hosts_become_one() {
	[ -n "${dmalab_host:-}" ] || return 0
	opt_hosts=1 opt_junit=
	[ -z "$opt_out" ] || {
		opt_out+=/$dmalab_host
		mkdir -p "$opt_out" || die "cannot write to $opt_out"
	}
}

# hosts_join SEGMENT: sets hosts_devices, QEMU's arguments that join this number of segment with the other host's.
hosts_join() {
	hosts_devices=()
	[ -n "${dmalab_host:-}" ] || return 0
	hosts_devices=(
		-netdev "dgram,id=wire$1,local.type=unix,local.path=$dmalab_wire/$1.$dmalab_host,remote.type=unix,remote.path=$dmalab_wire/$1.$((3 - dmalab_host))"
		-netdev "hubport,id=joined$1,hubid=$1,netdev=wire$1"
	)
}
