#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# pmds: all
# In the lab: the plan is as described in tests/lab/README.md.

. tests/tap.sh
# shellcheck source=tests/lab/guest/prompt.bash
. tests/lab/guest/prompt.bash

# driver SLOT
driver() {
	basename "$(readlink "/sys/bus/pci/devices/0000:00:$1/driver")"
}

# rdma_of SLOT: the rdma devices of the function, by their netdev.
rdma_of() {
	local parent netdevs found=()

	netdevs=$(cd "/sys/bus/pci/devices/0000:00:$1" && echo net/* virtio*/net/*)
	for parent in /sys/class/infiniband/*/parent; do
		[[ " $netdevs " != *"/$(cat "$parent") "* ]] || found+=("$(basename "${parent%/parent}")")
	done
	echo "${found[*]}"
}

# listens PORT: a server is there.
listens() {
	[ -n "$(ss -Hltn "sport = :$1")" ]
}

# A server and a client on different devices, so that messages use the wire and not lo. Unreliable,
# since reliable QPs of this kernel's rxe stall now and then on a busy machine; a lost message is
# repeated by the next attempt.
pingpong() {
	local try server

	for try in 1 2 3; do
		timeout 100 ibv_uc_pingpong -d rxe0 -g 0 -n 100 &
		server=$!
		prompt_until 100 listens 18515
		timeout $((20 * try)) ibv_uc_pingpong -d rxe1 -g 0 -n 100 localhost && wait $server && return
		kill $server 2>/dev/null
		wait $server
	done
	return 1
}

# testpmd ends at the end of its input.
testpmd() {
	sleep 6 | dpdk-testpmd -a 0000:00:12.0 -a 0000:00:13.0 -- --total-num-mbufs=4096 --tx-first
}

group_size() {
	find "/sys/bus/pci/devices/0000:00:$1/iommu_group/devices/" -mindepth 1 | wc -l
}

for slot in 10.0 11.0; do
	tap_is "$slot is virtio-net on its kernel driver" "$(driver $slot)" virtio-pci
done
tap_is "10.0 has rxe0" "$(rdma_of 10.0)" rxe0
tap_is "11.0 has rxe1" "$(rdma_of 11.0)" rxe1
for rxe in rxe0 rxe1; do
	info=$(ibv_devinfo -d $rxe)
	tap_like "$rxe is active" "$info" 'PORT_ACTIVE'
	tap_like "$rxe has a path MTU of 4096" "$info" 'active_mtu:[[:space:]]*4096'
done
for slot in 12.0 13.0 14.0; do
	tap_is "$slot is on vfio-pci" "$(driver $slot)" vfio-pci
	tap_is "$slot is alone in its IOMMU group" "$(group_size $slot)" 1
done
tap_is "14.0 is edu" "$(cat /sys/bus/pci/devices/0000:00:14.0/{vendor,device} | xargs)" "0x1234 0x11e8"
tap_is "15.0 is on its kernel driver" "$(driver 15.0)" e1000e
tap_is "15.0 has no rdma device" "$(rdma_of 15.0)" ""
tap_is "256 hugepages of 2 MiB are free" \
	"$(cat /sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages)" 256
tap_like "hugepages are mounted" "$(cat /proc/mounts)" ' /dev/hugepages hugetlbfs '
tap_is "memory may be locked without limit" "$(ulimit -l)" unlimited
tap_is "no DMA fault yet" "$(dmesg | grep -c 'fault addr')" 0
tap_ok "messages between rxe0 and rxe1" pingpong
output=$(testpmd 2>&1)
tap_is "testpmd on both VFIO ports: exit status" $? 0
tap_like "its packets circulate" "$output" 'all ports[+]+[[:space:]]+RX-packets: [1-9]'
tap_done
