# SPDX-License-Identifier: BSD-3-Clause
# For TAP scripts in the guest: Open vSwitch with DPDK, and testpmd at the other ends of its ports. The
# kernel has no part in it, and no service of the system is started.

# shellcheck source=tests/lab/guest/testpmds.bash
. tests/lab/guest/testpmds.bash

ovs_dir=/run/openvswitch
ovs_log=$ovs_dir/vswitchd.log
ovs_ctl=$ovs_dir/vswitchd.ctl

# ovs_program: its path, if it is installed.
ovs_program() {
	local path=/usr/lib/openvswitch-switch-dpdk/ovs-vswitchd-dpdk

	[ ! -x $path ] || echo $path
}

ovs_set() {
	ovs-vsctl --timeout=120 "$@"
}

# ovs_start: a bridge br0 with no ports yet. The device that is allowed does not exist, so that EAL takes none.
ovs_start() {
	mkdir -p $ovs_dir
	rm -f $ovs_dir/*
	# For the bridge's own port.
	modprobe tun || return
	ovsdb-tool create $ovs_dir/conf.db /usr/share/openvswitch/vswitch.ovsschema &&
		ovsdb-server --remote=punix:$ovs_dir/db.sock --pidfile=$ovs_dir/db.pid --detach \
			--log-file=$ovs_dir/db.log --no-chdir $ovs_dir/conf.db &&
		ovs_set --no-wait init &&
		ovs_set --no-wait set Open_vSwitch . other_config:dpdk-init=true \
			other_config:dpdk-socket-mem=192 other_config:pmd-cpu-mask=0x2 \
			"other_config:dpdk-extra=-d librte_bus_pci_ext.so -d librte_net_mlx5_ext.so -a 0000:00:00.0 --file-prefix=ovs" &&
		"$(ovs_program)" unix:$ovs_dir/db.sock --pidfile=$ovs_dir/vswitchd.pid --unixctl=$ovs_ctl \
			--detach --no-chdir --log-file=$ovs_log 2>/dev/null &&
		ovs_set add-br br0 -- set bridge br0 datapath_type=netdev
}

# ovs_ask COMMAND...: to the running vswitchd.
ovs_ask() {
	ovs-appctl -t $ovs_ctl "$@"
}

# ovs_queues NAME: what OVS tells of a port, the numbers of queues included.
ovs_queues() {
	ovs_ask dpif/show | grep "^ *$1 "
	ovs_set get Interface "$1" status
}

# ovs_stop: returns when both programs have ended.
ovs_stop() {
	local pid pids

	pids=$(cat $ovs_dir/vswitchd.pid $ovs_dir/db.pid)
	ovs_ask exit --cleanup
	kill "$(cat $ovs_dir/db.pid)"
	for pid in $pids; do
		prompt_until 60 prompt_is_over "$pid" || return
	done
}

# ovs_add NAME DEVARGS: a port with the defaults of OVS, with which it has one Rx queue.
ovs_add() {
	ovs_set add-port br0 "$1" -- set Interface "$1" type=dpdk "options:dpdk-devargs=$2"
}

ovs_del() {
	ovs_set del-port br0 "$1"
}

# ovs_join A B: what one receives the other sends.
ovs_join() {
	ovs-ofctl del-flows br0
	ovs-ofctl add-flow br0 "in_port=$1,actions=output:$2"
	ovs-ofctl add-flow br0 "in_port=$2,actions=output:$1"
}

# ovs_count NAME RX|TX packets|dropped|errors: of the port, now.
ovs_count() {
	ovs_ask dpctl/show -s netdev@ovs-netdev | awk -v name="$1" -v side="$2" -v what="$3" '
		/^ *port [0-9]+:/ {mine = $3 == name}
		mine && $1 == side {
			for (i = 2; i <= NF; i++)
				if (split($i, pair, ":") == 2 && pair[1] == what)
					print pair[2] == "?" ? 0 : pair[2]
		}'
}

# ovs_error NAME: as users see it.
ovs_error() {
	ovs_set get Interface "$1" error
}
