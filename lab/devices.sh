# SPDX-License-Identifier: BSD-3-Clause
# The plan's devices for QEMU: devices_make sets devices, its arguments.

devices_make() {
	local address

	devices=()
	# Before all others: a device asks for its IOMMU when it is made.
	case $plan_iommu in
	intel) devices=(-device "intel-iommu,intremap=on,caching-mode=on,aw-bits=${plan_aw_bits:-48}") ;;
	virtio) devices=(-device virtio-iommu-pci) ;;
	esac
	declare -A devices_hubs=()
	for address in "${plan_addresses[@]}"; do
		devices_add "$address"
	done
}

# devices_add ADDRESS: NICs of one segment are joined by a hub.
devices_add() {
	local slot=${1#0000:00:} net=${plan_net[$1]} model

	slot=${slot%.0}
	model=$(devices_model "$1")
	if [ -n "$net" ]; then
		[ -n "${devices_hubs[$net]:-}" ] || devices_segment "$net"
		devices+=(-netdev "hubport,id=net$slot,hubid=${devices_hubs[$net]}")
		model+=",netdev=net$slot,mac=52:54:00:00:0${dmalab_host:-0}:$slot,romfile="
	fi
	devices+=(-device "$model,addr=0x$slot")
}

# devices_segment NET
devices_segment() {
	devices_hubs[$1]=${#devices_hubs[@]}
	hosts_join "${devices_hubs[$1]}"
	devices+=("${hosts_devices[@]}")
}

# devices_model ADDRESS: for QEMU, with what the two models need that have short names. A virtio device uses the
# IOMMU only if told to. edu has 28 bits of address by default, too few for the addresses of a process.
devices_model() {
	local model=${plan_model[$1]}

	case $model in
	virtio | virtio,*)
		echo "virtio-net-pci${model#virtio}$([ "${plan_use[$1]}" != vfio ] || echo ,disable-legacy=on,iommu_platform=on)"
		;;
	edu) echo "edu,dma_mask=0xffffffffffff" ;;
	*) echo "$model" ;;
	esac
}

# devices_share TAG FOLDER [OPTIONS]: a folder of the host.
devices_share() {
	devices+=(
		-fsdev "local,id=$1,path=${2//,/,,},security_model=none${3:+,$3}"
		-device "virtio-9p-pci,fsdev=$1,mount_tag=$1"
	)
}
