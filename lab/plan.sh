# SPDX-License-Identifier: BSD-3-Clause
# The lab's fixed plan, both sides of it: the devices that QEMU makes, and what the guest does to
# them. People rely on these addresses; tests/lab/README.md shows them as a table.
#
#   0000:00:10.0 -- 0000:00:11.0   virtio-net, joined; kernel driver, rxe0 and rxe1 on them
#   0000:00:12.0 -- 0000:00:13.0   e1000e or LAB_NIC, joined; vfio-pci
#   0000:00:14.0                   edu; vfio-pci
#   0000:00:15.0                   e1000e on its kernel driver, no rdma device

plan_vfio=(0000:00:12.0 0000:00:13.0 0000:00:14.0)

# --- On the host: fills plan_devices with arguments for QEMU.
plan_make_devices() {
	plan_devices=(-device "intel-iommu,intremap=on,caching-mode=on,aw-bits=${LAB_AW_BITS:-48}")
	plan_nic 10 virtio-net-pci 0
	plan_nic 11 virtio-net-pci 0
	plan_nic 12 "${LAB_NIC:-e1000e}" 1
	plan_nic 13 "${LAB_NIC:-e1000e}" 1
	plan_devices+=(-device "edu,addr=0x14,dma_mask=0xffffffffffff")
	plan_nic 15 e1000e 2
}

# plan_nic SLOT MODEL HUB: NICs of one hub are joined.
plan_nic() {
	plan_devices+=(
		-netdev "hubport,id=net$1,hubid=$3"
		-device "$2,addr=0x$1,netdev=net$1,mac=52:54:00:00:00:$1,romfile="
	)
}

# --- In the guest: sets the plan up, or reports the device that fails and returns non-zero.
plan_set_up() {
	# vfio-pci first: e1000e does not claim its devices then.
	plan_vfio_bind &&
		modprobe -a virtio_net e1000e rdma_rxe ib_uverbs &&
		plan_rxe 10 rxe0 &&
		plan_rxe 11 rxe1 &&
		ip link set "$(plan_netdev 15)" up
}

plan_vfio_bind() {
	local address device

	# A kernel that serves VFIO's containers by iommufd has no type 1.
	modprobe vfio-pci && { modprobe -q vfio_iommu_type1 || [ -c /dev/iommu ]; } || return
	for address in "${plan_vfio[@]}"; do
		device=/sys/bus/pci/devices/$address
		echo vfio-pci >"$device/driver_override"
		# virtio's driver is in use before: the lab's files come over it.
		[ ! -e "$device/driver" ] || echo "$address" >"$device/driver/unbind"
		echo "$address" >/sys/bus/pci/drivers_probe
		[ "$device/driver" -ef /sys/bus/pci/drivers/vfio-pci ] && [ -e "$device/iommu_group" ] && continue
		echo "$address is not on vfio-pci behind an IOMMU"
		return 1
	done
}

# plan_rxe SLOT NAME: a netdev MTU beyond 4200 makes a path MTU of 4096.
plan_rxe() {
	local netdev

	netdev=$(plan_netdev "$1")
	ip link set "$netdev" mtu 4400 up &&
		rdma link add "$2" type rxe netdev "$netdev" &&
		grep -q ACTIVE /sys/class/infiniband/"$2"/ports/1/state && return
	echo "no active $2 on 0000:00:$1.0"
	return 1
}

# plan_netdev SLOT: the netdev of a function; virtio's is one level further down.
plan_netdev() {
	local path

	for path in /sys/bus/pci/devices/0000:00:"$1".0/{,virtio*/}net/*; do
		[ ! -d "$path" ] || echo "${path##*/}"
	done
}
