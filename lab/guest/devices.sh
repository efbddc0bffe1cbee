# SPDX-License-Identifier: BSD-3-Clause
# The devices of the plan in the guest, where main sets them up and dmalab-guest changes them. Few processes: one
# costs up to 100 ms in emulation.

devices_shared=/run/dmalab/shared

# By address, as in plan.sh.
declare -A devices_use=() devices_name=() devices_net=() devices_mtu=()
devices_addresses=()

devices_read() {
	local address use name net mtu

	while read -r address use name net mtu; do
		devices_addresses+=("$address")
		devices_use[$address]=$use
		devices_name[$address]=${name#-}
		devices_net[$address]=${net#-}
		devices_mtu[$address]=${mtu#-}
	done <$devices_shared/plan
}

# Sets all up, or reports the device that fails and returns non-zero.
devices_set_up() {
	local address

	devices_read
	# vfio-pci first: the kernel's drivers do not claim its devices then.
	devices_load_vfio || return
	for address in "${devices_addresses[@]}"; do
		[ "${devices_use[$address]}" != vfio ] || devices_vfio "$address" || return
	done
	devices_load_drivers || return
	for address in "${devices_addresses[@]}"; do
		devices_set_up_nic "$address" || return
	done
}

# devices_has USE...
devices_has() {
	local use

	for use; do
		[[ " ${devices_use[*]} " != *" $use "* ]] || return 0
	done
	return 1
}

# A kernel that serves VFIO's containers by iommufd has no type 1. Without intel's remapping of interrupts type 1
# refuses devices, unless told that this is known.
devices_load_vfio() {
	local options=()

	devices_has vfio || return 0
	[ "$iommu" = intel ] || options=(allow_unsafe_interrupts=1)
	modprobe vfio-pci && { modprobe -q vfio_iommu_type1 "${options[@]}" || [ -c /dev/iommu ]; } || return
	[ -z "$dma_entry_limit" ] || echo "$dma_entry_limit" >/sys/module/vfio_iommu_type1/parameters/dma_entry_limit ||
		return
}

# devices_vfio ADDRESS: binds it to vfio-pci.
devices_vfio() {
	local device=/sys/bus/pci/devices/$1

	echo vfio-pci >"$device/driver_override"
	# virtio's driver is in use before: the shared folders come over it.
	[ ! -e "$device/driver" ] || echo "$1" >"$device/driver/unbind"
	echo "$1" >/sys/bus/pci/drivers_probe
	[ "$device/driver" -ef /sys/bus/pci/drivers/vfio-pci ] && [ -e "$device/iommu_group" ] && return
	echo "$1 is not on vfio-pci behind an IOMMU"
	return 1
}

# There is no udev here to load the drivers of the NICs.
devices_load_drivers() {
	local address dir alias wanted=()

	for address in "${devices_addresses[@]}"; do
		[ "${devices_use[$address]}" != vfio ] && [ -n "${devices_net[$address]}" ] || continue
		for dir in "/sys/bus/pci/devices/$address"{,/virtio*}; do
			[ -e "$dir/modalias" ] && [ ! -e "$dir/driver" ] || continue
			read -r alias <"$dir/modalias" && wanted+=("$alias")
		done
	done
	! devices_has rxe || wanted+=(rdma_rxe)
	! devices_has rxe siw || wanted+=(ib_uverbs)
	wanted+=("${extra_modules[@]}")
	[ ${#wanted[@]} -eq 0 ] || modprobe -a "${wanted[@]}" || return
	! devices_has siw || devices_load_siw
}

# The kernel's own, or the one that siw.sh built. From 6.15 on the functions of libcrc32c are in the kernel.
devices_load_siw() {
	[ ! -d /sys/module/siw ] || return 0
	modprobe -a ib_core iw_cm rdma_ucm || return
	modprobe -q libcrc32c
	modprobe siw 2>/dev/null || insmod $devices_shared/siw.ko && return
	dmesg | grep 'siw:' | tail -n 3
	echo "no siw for this kernel: dmalab --siw builds it"
	return 1
}

devices_set_up_nic() {
	case ${devices_use[$1]} in
	kernel) [ -z "${devices_net[$1]}" ] || devices_up "$1" "${devices_mtu[$1]}" ;;
	rxe) devices_rxe "$1" "${devices_name[$1]}" ;;
	siw) devices_siw "$1" "${devices_name[$1]}" ;;
	esac
}

# devices_find_netdev ADDRESS: sets netdev; virtio's is one level further down.
devices_find_netdev() {
	local path

	netdev=
	for path in "/sys/bus/pci/devices/$1/"{,virtio*/}net/*; do
		[ ! -d "$path" ] || netdev=${path##*/}
	done
	[ -n "$netdev" ] || {
		echo "$1 has no netdev"
		return 1
	}
}

# devices_up ADDRESS [MTU]: the link of its netdev.
devices_up() {
	local mtu=()

	devices_find_netdev "$1" || return
	[ -z "${2:-}" ] || mtu=(mtu "$2")
	ip link set "$netdev" "${mtu[@]}" up || return
	# Of two hosts: that of the device at 10.0 is 192.168.16.1 on the first.
	[ -z "$host" ] || ip address replace "192.168.$((0x${1:8:2})).$host/24" dev "$netdev"
}

# devices_rxe ADDRESS NAME: a netdev MTU beyond 4200 makes a path MTU of 4096.
devices_rxe() {
	devices_up "$1" "${devices_mtu[$1]:-4400}" &&
		rdma link add "$2" type rxe netdev "$netdev" &&
		devices_wait devices_is_active "$2" && return
	echo "no active $2 on $1"
	return 1
}

devices_is_active() {
	local state

	read -r state <"/sys/class/infiniband/$1/ports/1/state" && [[ $state = *ACTIVE ]]
}

# devices_siw ADDRESS NAME: its address is usable too.
devices_siw() {
	devices_load_siw &&
		devices_up "$1" "${devices_mtu[$1]}" &&
		rdma link add "$2" type siw netdev "$netdev" &&
		devices_wait devices_has_address "$netdev" && return
	echo "no usable $2 on $1"
	return 1
}

devices_has_address() {
	devices_address "$1" >/dev/null
}

# devices_address NETDEV: its IPv6 link-local address, when the kernel has found it to be the only one; else false.
devices_address() {
	ip -6 -o address show dev "$1" scope link -tentative | sed -n 's,.* inet6 \([^/]*\)/.*,\1,p;q' | grep .
}

# devices_wait COMMAND...: until it succeeds; false after a time that only a very busy machine needs.
devices_wait() {
	local tries

	for ((tries = 0; tries < 300; tries++)); do
		"$@" && return
		sleep 0.1
	done
	return 1
}

# What the IOMMU has refused, by the kernel's log, of which dmesg -C takes nothing from this reader; false if nothing.
devices_faults() {
	dd if=/dev/kmsg iflag=nonblock bs=8192 2>/dev/null | sed 's/^[^;]*;//' | grep -a 'fault addr\|fault from EP'
}
